"""Defines the decision of the engine, and its explanation for people."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from vedette.rules.model.rule import Rule
from vedette.search import Facts, Verdict


@dataclass(frozen=True, slots=True)
class Considered:
    """The result for one rule that subscribes to the event."""

    rule: Rule
    verdict: Verdict
    facts: Facts = field(repr=False, compare=False)
    """The facts that were known at the decision."""
    reason: str = ""
    """The reason if the rule was excluded before its condition was evaluated; otherwise empty."""

    @property
    def matches(self) -> bool:
        """Return whether its actions are executed."""
        return self.verdict is Verdict.TRUE and not self.reason

    @property
    def why(self) -> str:
        """The failed or unknown condition, as text; computed on demand."""
        if self.reason or self.rule.when is None:
            return self.reason or "it is for every such event"
        explanation = self.rule.when.explain(self.facts)
        if self.verdict is Verdict.UNKNOWN:
            keys = ", ".join(sorted(self.rule.when.unknowns(self.facts)))
            return f"it is undecided: {keys} unknown"
        terms = [term for term in explanation.terms() if term.verdict is self.verdict]
        return "; ".join(" ".join(term.lines()).strip() for term in terms) or "it is for every such event"


@dataclass(frozen=True, slots=True)
class Decision:
    """The results for all rules that subscribe to an event."""

    considered: tuple[Considered, ...] = ()
    """In the order of the rules, without those after one that stops."""
    facts: Facts = field(default_factory=Facts, repr=False, compare=False)
    """All known facts."""

    @property
    def matched(self) -> tuple[Rule, ...]:
        """The rules that match, in order."""
        return tuple(one.rule for one in self.considered if one.matches)

    def __iter__(self) -> Iterator[Considered]:
        return iter(self.considered)
