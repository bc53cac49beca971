"""Decides which rules match an event, in production, in `rules test` and in backtests.

The engine uses neither network nor Redis. Facts that the payload lacks are fetched by a `Fetching`, once for each
source, and only when a rule depends on them; a rule with an unknown condition does not match.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from vedette.authoring.event_patterns import asks_for
from vedette.events import Event
from vedette.events.catalog import known_names
from vedette.rules.engine.decision import Considered, Decision
from vedette.rules.model.rule import Rule, RuleSet
from vedette.search import Facts, Source, Verdict, facts_of, source_of

_PROJECT: Final = "project"
_KNOWN: Final = frozenset(known_names())


@dataclass(frozen=True, slots=True)
class Subject:
    """The subject of a decision: an event, or an issue without an event."""

    event_name: str
    facts: Facts = field(repr=False)
    issue_id: str | None = None
    names: tuple[str, ...] = ()
    """All names of the event; only `event_name` unless given."""


def subject_of(event: Event, *, now: datetime | None = None) -> Subject:
    """Return the subject for an event.

    Args:
        event: Any event.
        now: The time that relative times are counted from; the current time if None.
    """
    return Subject(event.name, facts_of(event, now=now), event.issue_id, event.names)


class Fetching(Protocol):
    """A source of facts that a payload lacks."""

    async def more(self, subject: Subject, keys: frozenset[str]) -> Mapping[str, object] | Facts:
        """Return the available facts of these keys (lookup names), in the form of `Facts.with_more`.

        Called once for each `source_of(key)` and subject. Missing facts are unknown.
        """
        ...


class _NothingMore:
    async def more(self, subject: Subject, keys: frozenset[str]) -> Mapping[str, object]:
        del subject, keys
        return {}


nothing_more: Final[Fetching] = _NothingMore()
"""A source without facts, to decide by the payload alone."""


class Engine:
    """An engine that decides subjects by a set of rules."""

    def __init__(self, rules: RuleSet) -> None:
        self.rules = rules
        self._by_names: dict[tuple[str, ...], tuple[Rule, ...]] = {}

    def rules_for(self, names: tuple[str, ...]) -> tuple[Rule, ...]:
        """Return the rules that subscribe to an event of these names, in order."""
        found = self._by_names.get(names)
        if found is None:
            found = tuple(rule for rule in self.rules if asks_for(rule.events, names, _KNOWN))
            # Names come from outside: only existing ones are cached.
            if _KNOWN.issuperset(names):
                self._by_names[names] = found
        return found

    async def decide(self, subject: Subject, fetching: Fetching = nothing_more) -> Decision:
        """Evaluate the rules in order, up to one that matches and has `stop`."""
        known = _Known(subject, fetching)
        considered: list[Considered] = []
        for rule in self.rules_for(subject.names or (subject.event_name,)):
            one = await _consider(rule, known)
            considered.append(one)
            if rule.stop and one.matches:
                break
        return Decision(tuple(considered), known.facts)


async def consider(rule: Rule, subject: Subject, fetching: Fetching = nothing_more) -> Considered:
    """Evaluate one rule, regardless of its events."""
    return await _consider(rule, _Known(subject, fetching))


class _Known:
    """The known facts of a subject, extended as rules depend on more."""

    __slots__ = ("_asked", "_fetching", "_subject", "facts")

    def __init__(self, subject: Subject, fetching: Fetching) -> None:
        self.facts = subject.facts
        self._subject = subject
        self._fetching = fetching
        self._asked: set[Source] = set()

    async def fetch(self, keys: frozenset[str]) -> bool:
        """Fetch the facts of these keys, and return whether a source was used for the first time."""
        wanted = frozenset(key for key in keys if source_of(key) not in self._asked)
        if not wanted:
            return False
        self._asked.update(source_of(key) for key in wanted)
        self.facts = _completed(self.facts, await self._fetching.more(self._subject, wanted))
        return True


def _completed(facts: Facts, more: Mapping[str, object] | Facts) -> Facts:
    """Return the facts completed by others; facts of the payload have precedence."""
    others = more if isinstance(more, Facts) else Facts().with_more(more)
    return facts.with_more(Facts(lambda key: facts.get(key).merged(others.get(key))))


async def _consider(rule: Rule, known: _Known) -> Considered:
    if rule.projects:
        reason = await _wrong_project(rule, known)
        if reason:
            return Considered(rule, Verdict.FALSE, known.facts, reason)
    if rule.when is None:
        return Considered(rule, Verdict.TRUE, known.facts)
    verdict = rule.when.evaluate(known.facts)
    while verdict is Verdict.UNKNOWN and await known.fetch(rule.when.unknowns(known.facts)):
        verdict = rule.when.evaluate(known.facts)
    return Considered(rule, verdict, known.facts)


async def _wrong_project(rule: Rule, known: _Known) -> str:
    answer = known.facts.get(_PROJECT)
    if not answer.complete and await known.fetch(frozenset({_PROJECT})):
        answer = known.facts.get(_PROJECT)
    if any(rule.covers(str(slug)) for slug in answer.values):
        return ""
    slugs = ", ".join(map(str, answer.values)) or "not known"
    return f"it is for projects {', '.join(rule.projects)}; this one is {slugs}"
