"""Counting one decision after another into a report, in order of time, as production would have acted on them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from vedette.rules.actions import Action
from vedette.rules.actions.assign import AssignAction
from vedette.rules.backtest.agreement import WINDOW, AgreementOutcome, Judgement, judge
from vedette.rules.backtest.report import MOST_LISTED, BacktestReport, Disagreement, RuleReport, report_of
from vedette.rules.backtest.user_actions import UserAction
from vedette.rules.engine.decision import Considered, Decision
from vedette.rules.model.rule import Rule
from vedette.search import Facts, Verdict


@dataclass(frozen=True, slots=True)
class Tried:
    """One event of the past as the rules met it.

    Attributes:
        name: of the event.
        at: when.
        issue: what the issue is called by people.
        key: what tells issues apart.
        title: its title.
        link: its page.
        state: what it was like, as far as is known.
        acts: what people did to it, the oldest first.
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
    """Counts decisions.

    Attributes:
        report: what they are counted into.
        window: for how long after an event people's acts count.
    """

    report: BacktestReport
    window: timedelta = WINDOW
    _rules: dict[str, RuleReport] = field(init=False)
    issues: set[str] = field(default_factory=set[str])
    """The issues that matched."""
    _worked: dict[tuple[str, str], datetime] = field(default_factory=dict[tuple[str, str], datetime])

    def __post_init__(self) -> None:
        self._rules = {rule.name: rule for rule in self.report.rules}

    def add(self, tried: Tried, decision: Decision) -> None:
        """Count one."""
        self.report.events[tried.name] += 1
        for considered in decision:
            report = self._rules[considered.rule.name]
            if considered.matches:
                self._match(report, considered, tried, decision.facts)
            elif considered.verdict is Verdict.UNKNOWN:
                report.unknown.update(_unknowns(considered))

    def _match(self, report: RuleReport, considered: Considered, tried: Tried, facts: Facts) -> None:
        rule = considered.rule
        if self._is_cooling(rule, tried):
            report.cooled += 1
            return
        report.matches += 1
        self.issues.add(tried.key)
        report.by_day[f"{tried.at:%Y-%m-%d}"] += 1
        found = self._judged(rule, tried, facts)
        report.outcomes[found.outcome] += 1
        if (
            found.outcome is AgreementOutcome.DISAGREED
            and found.act is not None
            and len(report.disagreements) < MOST_LISTED
        ):
            report.disagreements.append(_disagreement(report, tried, found.act))

    def _judged(self, rule: Rule, tried: Tried, facts: Facts) -> Judgement:
        due = [action for action in rule.then if not _leaves_alone(action, tried.state)]
        if rule.then and not due:
            return Judgement(AgreementOutcome.ALREADY)
        intents = [intent for action in due if (intent := action.intends(facts)) is not None]
        return judge(intents, tried.state, tried.acts, tried.at, window=self.window)

    def _is_cooling(self, rule: Rule, tried: Tried) -> bool:
        """Whether the rule has worked on this issue not long before; notes the moment when not."""
        if rule.cooldown is None:
            return False
        last = self._worked.get((rule.name, tried.key))
        if last is not None and (tried.at - last).total_seconds() < rule.cooldown:
            return True
        self._worked[rule.name, tried.key] = tried.at
        return False


def _leaves_alone(action: Action, state: Mapping[str, Any]) -> bool:
    """Whether the action does nothing because somebody has the issue already."""
    return isinstance(action, AssignAction) and not action.reassign and state.get("assignedTo") is not None


def _unknowns(considered: Considered) -> frozenset[str]:
    return frozenset() if considered.rule.when is None else considered.rule.when.unknowns(considered.facts)


def _disagreement(report: RuleReport, tried: Tried, act: UserAction) -> Disagreement:
    return Disagreement(
        tried.issue,
        tried.title,
        tried.link,
        tried.name,
        tried.at,
        " and ".join(report.does),
        act.words,
        act.who,
        act.at,
    )


def empty_report(organization: str, begins: datetime, until: datetime, rules: Sequence[Rule]) -> BacktestReport:
    """A report in which nothing is counted yet."""
    return BacktestReport(organization, begins, until, [report_of(rule) for rule in rules])
