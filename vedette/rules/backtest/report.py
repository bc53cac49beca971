"""Defines the report of a backtest, for the table, the JSON lines and the page."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from vedette.rules.backtest.agreement import AgreementOutcome, Share, share_of
from vedette.rules.model.rule import Rule

MOST_LISTED: Final = 1000
"""Listed disagreements of each rule; all are counted."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """An issue that people left in another state than the rule would have."""

    issue: str
    """Its short id."""
    title: str
    link: str
    event: str
    at: datetime
    wanted: str
    did: str
    who: str
    did_at: datetime


@dataclass(slots=True)
class RuleReport:
    """The results of one rule."""

    name: str
    place: str
    does: tuple[str, ...]
    """Descriptions of its actions."""
    cost: int
    """The largest number of API calls for a match."""
    not_tried: str = ""
    """The reason where the rule was not evaluated, or only in part."""
    matches: int = 0
    cooled: int = 0
    """Matches within its cooldown; not included in the matches."""
    outcomes: Counter[AgreementOutcome] = field(default_factory=Counter[AgreementOutcome])
    unknown: Counter[str] = field(default_factory=Counter[str])
    """The number of undecided events by unknown key."""
    by_day: Counter[str] = field(default_factory=Counter[str])
    """Matches, by date."""
    disagreements: list[Disagreement] = field(default_factory=list[Disagreement])

    @property
    def calls(self) -> int:
        """The largest number of API calls of its actions; only one for an issue that had the state already."""
        already = self.outcomes[AgreementOutcome.ALREADY]
        return (self.matches - already) * self.cost + already

    @property
    def compared(self) -> int:
        """Matches on issues that people acted on too."""
        return self.outcomes[AgreementOutcome.AGREED] + self.outcomes[AgreementOutcome.DISAGREED]

    @property
    def agreement(self) -> Share | None:
        """The share of these on which people did the same; None if there are none."""
        return share_of(self.outcomes[AgreementOutcome.AGREED], self.compared)

    def as_json(self) -> dict[str, Any]:
        """Return the JSON line of the rule."""
        agreement = self.agreement
        return {
            "kind": "rule",
            "rule": self.name,
            "place": self.place,
            "does": list(self.does),
            "not_tried": self.not_tried or None,
            "matches": self.matches,
            "cooled": self.cooled,
            "calls": self.calls,
            **{str(outcome): self.outcomes[outcome] for outcome in AgreementOutcome},
            "agreement": None if agreement is None else round(agreement.share, 4),
            "agreement_low": None if agreement is None else round(agreement.low, 4),
            "agreement_high": None if agreement is None else round(agreement.high, 4),
            "unknown": dict(self.unknown.most_common()),
        }


@dataclass(slots=True)
class BacktestReport:
    """The results of a backtest."""

    organization: str
    begins: datetime
    until: datetime
    rules: list[RuleReport]
    source: str = "issues"
    """`issues`, read through the API, or recorded `deliveries`."""
    issues: int = 0
    events: Counter[str] = field(default_factory=Counter[str])
    """Evaluated events, by name."""
    taken: Counter[str] = field(default_factory=Counter[str])
    """API calls of this backtest, by operation."""
    fetches: Counter[str] = field(default_factory=Counter[str])
    """API calls that production would have made to decide, by source of facts."""
    untouched: int = 0
    """Issues without a history, since they look unchanged today and a quick backtest was requested."""
    events_left: int = 0
    """Events that were not read, because of the limit on calls."""

    def as_lines(self) -> Iterator[dict[str, Any]]:
        """Yield the JSON lines: the backtest, each rule, each disagreement."""
        yield {
            "kind": "trial",
            "organization": self.organization,
            "source": self.source,
            "since": self.begins.isoformat(),
            "until": self.until.isoformat(),
            "issues": self.issues,
            "events": dict(sorted(self.events.items())),
            "calls_made": sum(self.taken.values()),
            "calls_to_decide": sum(self.fetches.values()),
            "calls_to_act": sum(rule.calls for rule in self.rules),
            "histories_not_read": self.untouched,
            "events_not_read": self.events_left,
        }
        for rule in self.rules:
            yield rule.as_json()
        for rule in self.rules:
            for one in rule.disagreements:
                yield {"kind": "disagreement", "rule": rule.name} | disagreement_json(one)


def disagreement_json(one: Disagreement) -> dict[str, Any]:
    """Return the JSON of a disagreement."""
    return {
        "issue": one.issue,
        "title": one.title,
        "link": one.link,
        "event": one.event,
        "at": one.at.isoformat(),
        "wanted": one.wanted,
        "did": one.did,
        "who": one.who,
        "did_at": one.did_at.isoformat(),
    }


def report_of(rule: Rule) -> RuleReport:
    """Return the empty report of a rule."""
    return RuleReport(rule.name, str(rule.place), tuple(action.describe() for action in rule.then), rule.cost)
