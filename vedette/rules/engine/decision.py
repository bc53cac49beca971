"""What the engine decided, and why: read by people in `explain`, `rules test` and reports."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from vedette.rules.model.rule import Rule
from vedette.search import Facts, Verdict


@dataclass(frozen=True, slots=True)
class Considered:
    """One rule that asks for the event, and what came of it."""

    rule: Rule
    verdict: Verdict
    facts: Facts = field(repr=False, compare=False)
    """What was known when it was decided."""
    reason: str = ""
    """Why it was left out before its search was looked at; empty where that was not so."""

    @property
    def matches(self) -> bool:
        """Whether its actions are due."""
        return self.verdict is Verdict.TRUE and not self.reason

    @property
    def why(self) -> str:
        """Which condition failed or stayed unknown, in words; put together only when somebody asks."""
        if self.reason or self.rule.when is None:
            return self.reason or "it is for every such event"
        explanation = self.rule.when.explain(self.facts)
        if self.verdict is Verdict.UNKNOWN:
            keys = ", ".join(sorted(self.rule.when.unknowns(self.facts)))
            return f"it cannot be told: nobody could say {keys}"
        terms = [term for term in explanation.terms() if term.verdict is self.verdict]
        return "; ".join(" ".join(term.lines()).strip() for term in terms) or "it is for every such event"


@dataclass(frozen=True, slots=True)
class Decision:
    """The rules that match an event, and all that asked for it."""

    considered: tuple[Considered, ...] = ()
    """In the order of the rules; those after one that stops are not among them."""
    facts: Facts = field(default_factory=Facts, repr=False, compare=False)
    """All that is known by now."""

    @property
    def matched(self) -> tuple[Rule, ...]:
        """Those whose actions are due, in order."""
        return tuple(one.rule for one in self.considered if one.matches)

    def __iter__(self) -> Iterator[Considered]:
        return iter(self.considered)
