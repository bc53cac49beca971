"""Counts decisions into a report, in order of time, as production would have acted on them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from vedette.rules.actions import Action
from vedette.rules.actions.assign import AssignAction
from vedette.rules.backtest.agreement import WINDOW, AgreementOutcome, Judgement, compare_with_people
from vedette.rules.backtest.report import MOST_LISTED, BacktestReport, Disagreement, RuleReport, report_of
from vedette.rules.backtest.user_actions import UserAction
from vedette.rules.engine.decision import Considered, Decision
from vedette.rules.model.rule import Rule
from vedette.search import Facts, Verdict


@dataclass(frozen=True, slots=True)
class EvaluatedEvent:
    """An event of the past that rules were evaluated on.

    Attributes:
        name: The name of the event.
        at: The time.
        key: The identity of the issue.
        issue: The short id of the issue.
        title: The title of the issue.
        link: The page of the issue.
        state: The known state of the issue.
        acts: The actions of people on the issue, the oldest first.
    """

    name: str
    at: datetime
    key: str
    issue: str
    title: str
    link: str
    state: Mapping[str, Any]
    acts: Sequence[UserAction]


@dataclass(slots=True)
class Tally:
    """Counts of decisions.

    Attributes:
        report: The report that is filled.
        window: The time after an event in which actions of people are compared.
    """

    report: BacktestReport
    window: timedelta = WINDOW
    _rules: dict[str, RuleReport] = field(init=False)
    issues: set[str] = field(default_factory=set[str])
    """The issues that matched."""
    _worked: dict[tuple[str, str], datetime] = field(default_factory=dict[tuple[str, str], datetime])

    def __post_init__(self) -> None:
        self._rules = {rule.name: rule for rule in self.report.rules}

    def add(self, event: EvaluatedEvent, decision: Decision) -> None:
        """Count a decision."""
        self.report.events[event.name] += 1
        for considered in decision:
            report = self._rules[considered.rule.name]
            if considered.matches:
                self._match(report, considered, event, decision.facts)
            elif considered.verdict is Verdict.UNKNOWN:
                report.unknown.update(_unknowns(considered))

    def _match(self, report: RuleReport, considered: Considered, event: EvaluatedEvent, facts: Facts) -> None:
        rule = considered.rule
        if self._is_within_cooldown(rule, event):
            report.cooled += 1
            return
        report.matches += 1
        self.issues.add(event.key)
        report.by_day[f"{event.at:%Y-%m-%d}"] += 1
        found = self._judged(rule, event, facts)
        report.outcomes[found.outcome] += 1
        if (
            found.outcome is AgreementOutcome.DISAGREED
            and found.act is not None
            and len(report.disagreements) < MOST_LISTED
        ):
            report.disagreements.append(_disagreement(report, event, found.act))

    def _judged(self, rule: Rule, event: EvaluatedEvent, facts: Facts) -> Judgement:
        due = [action for action in rule.then if not _skips(action, event.state)]
        if rule.then and not due:
            return Judgement(AgreementOutcome.ALREADY)
        intents = [intent for action in due if (intent := action.intends(facts)) is not None]
        return compare_with_people(intents, event.state, event.acts, event.at, window=self.window)

    def _is_within_cooldown(self, rule: Rule, event: EvaluatedEvent) -> bool:
        """Return whether the rule is within its cooldown on this issue; if not, start the cooldown."""
        if rule.cooldown is None:
            return False
        last = self._worked.get((rule.name, event.key))
        if last is not None and (event.at - last).total_seconds() < rule.cooldown:
            return True
        self._worked[rule.name, event.key] = event.at
        return False


def _skips(action: Action, state: Mapping[str, Any]) -> bool:
    """Return whether the action is skipped because the issue has an assignee."""
    return isinstance(action, AssignAction) and not action.reassign and state.get("assignedTo") is not None


def _unknowns(considered: Considered) -> frozenset[str]:
    return frozenset() if considered.rule.when is None else considered.rule.when.unknowns(considered.facts)


def _disagreement(report: RuleReport, event: EvaluatedEvent, act: UserAction) -> Disagreement:
    return Disagreement(
        event.issue,
        event.title,
        event.link,
        event.name,
        event.at,
        " and ".join(report.does),
        act.description,
        act.who,
        act.at,
    )


def empty_report(organization: str, begins: datetime, until: datetime, rules: Sequence[Rule]) -> BacktestReport:
    """Return a report without counts."""
    return BacktestReport(organization, begins, until, [report_of(rule) for rule in rules])
