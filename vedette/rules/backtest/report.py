"""What a trial found, as values: read by the table, the JSON lines and the page."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from vedette.rules.backtest.agreement import AgreementOutcome, Share, share_of
from vedette.rules.model.rule import Rule

MOST_LISTED: Final = 1000
"""Disagreements listed of each rule; all are counted."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One issue that people left otherwise than a rule would have."""

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
    """What one rule would have done."""

    name: str
    place: str
    does: tuple[str, ...]
    """Its actions in words."""
    cost: int
    """API calls of one match, at most."""
    not_tried: str = ""
    """Why the past could not try it, or only in part."""
    matches: int = 0
    cooled: int = 0
    """Matches that its cooldown held back; not among the matches."""
    outcomes: Counter[AgreementOutcome] = field(default_factory=Counter[AgreementOutcome])
    unknown: Counter[str] = field(default_factory=Counter[str])
    """How often it could not be told, by the key that nobody could say."""
    by_day: Counter[str] = field(default_factory=Counter[str])
    """Matches, by date."""
    disagreements: list[Disagreement] = field(default_factory=list[Disagreement])

    @property
    def calls(self) -> int:
        """API calls that its actions would have cost at most; where it was so already, only the look at it."""
        already = self.outcomes[AgreementOutcome.ALREADY]
        return (self.matches - already) * self.cost + already

    @property
    def compared(self) -> int:
        """Matches that people acted on too."""
        return self.outcomes[AgreementOutcome.AGREED] + self.outcomes[AgreementOutcome.DISAGREED]

    @property
    def agreement(self) -> Share | None:
        """Share of those on which people did the same; None where nobody acted."""
        return share_of(self.outcomes[AgreementOutcome.AGREED], self.compared)

    def as_json(self) -> dict[str, Any]:
        """One line for programs."""
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
    """What a trial found."""

    organization: str
    begins: datetime
    until: datetime
    rules: list[RuleReport]
    source: str = "issues"
    """`issues`, taken through the API, or `deliveries`, as they were recorded."""
    issues: int = 0
    events: Counter[str] = field(default_factory=Counter[str])
    """Happenings that the rules were tried on, by name."""
    taken: Counter[str] = field(default_factory=Counter[str])
    """Calls that this run made, by operation."""
    fetches: Counter[str] = field(default_factory=Counter[str])
    """Calls that production would have made to decide, by what they ask for."""
    untouched: int = 0
    """Issues whose history was not read, because they look today as they were born, and a quick trial was asked for."""
    events_left: int = 0
    """Events that were not asked for, because that would have been too many calls."""

    def as_lines(self) -> Iterator[dict[str, Any]]:
        """The report for programs: the trial, each rule, each disagreement."""
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
    """One disagreement for programs."""
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
    """The empty report of a rule."""
    return RuleReport(rule.name, str(rule.place), tuple(action.describe() for action in rule.then), rule.cost)
