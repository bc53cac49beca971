"""A trial on recorded deliveries: what Vedette really received, so every kind of event, exactly as it was then.

Only what people did afterwards is asked of Sentry, for issues on which a rule matches.
"""

from collections.abc import AsyncIterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from vedette.api import Lane, Sentry
from vedette.events import Event
from vedette.events.kinds.issue import AboutIssue
from vedette.rules.backtest.agreement import WINDOW
from vedette.rules.backtest.downloader import take_activity, take_teams
from vedette.rules.backtest.historic_facts import MOST_EVENTS, Budget, HistoricFacts
from vedette.rules.backtest.history_store import HistoryStore
from vedette.rules.backtest.people import People, learn_all
from vedette.rules.backtest.progress import Progress, Silent
from vedette.rules.backtest.report import BacktestReport
from vedette.rules.backtest.tally import Tally, Tried, empty_report
from vedette.rules.backtest.transports import CountingTransport
from vedette.rules.backtest.user_actions import UserAction, acts_of
from vedette.rules.engine.decision import Decision
from vedette.rules.engine.engine import Engine, subject_of
from vedette.rules.model.rule import RuleSet

_PHASE = "deliveries tried"


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event, and when it came."""

    event: Event
    at: datetime


@dataclass(slots=True)
class RecordedBacktest:
    """One trial.

    Attributes:
        sentry: who is asked what people did; its calls go after everybody else's.
        history: where answers about events are kept.
        rules: what is tried.
        begins: from when on deliveries are tried.
        until: until when.
        most_events: how many events of issues may be asked for.
        window: for how long after an event people's acts count.
        progress: who is told how far it is.
    """

    sentry: Sentry
    history: HistoryStore
    rules: RuleSet
    begins: datetime
    until: datetime
    most_events: int = MOST_EVENTS
    window: timedelta = WINDOW
    progress: Progress = Silent()  # noqa: RUF009 - it has no state

    async def run(self, deliveries: AsyncIterable[Recorded]) -> BacktestReport:
        """Try the rules on deliveries, which come in order of time.

        Raises:
            SentryError: Sentry refuses, or cannot be reached for long.
        """
        counting = CountingTransport(self.sentry.transport)
        self.sentry = self.sentry.view(lane=Lane.BACKFILL, transport=counting)
        report = empty_report(self.sentry.organization, self.begins, self.until, self.rules.rules)
        report.source = "deliveries"
        people = People()
        learn_all(people, await take_teams(self.sentry, self.history), "team")
        engine, tally, budget = Engine(self.rules), Tally(report, self.window), Budget(self.most_events)
        acts: dict[str, Sequence[UserAction]] = {}
        async for one in deliveries:
            decision = await engine.decide(subject_of(one.event, now=one.at), self._fetching(one, report, budget))
            await self._learn(one, decision, acts, people)
            tally.add(_tried(one, acts), decision)
            self.progress.step(_PHASE, report.events.total(), None)
        report.issues, report.events_left, report.taken = len(tally.issues), budget.short, counting.calls
        return report

    def _fetching(self, one: Recorded, report: BacktestReport, budget: Budget) -> HistoricFacts:
        first = one.event.issue.first_seen if isinstance(one.event, AboutIssue) else None
        return HistoricFacts(self.sentry, self.history, one.at, first or one.at, report.fetches, budget)

    async def _learn(
        self, one: Recorded, decision: Decision, acts: dict[str, Sequence[UserAction]], people: People
    ) -> None:
        """Ask what people did to the issue, once, where a rule matches."""
        issue = one.event.issue_id
        if not decision.matched or not issue or not issue.isdigit() or issue in acts:
            return
        activities = await take_activity(self.sentry, self.history, int(issue))
        learn_all(people, (each.get("user") for each in activities), "user")
        acts[issue] = acts_of(activities, people)


def _tried(one: Recorded, acts: dict[str, Sequence[UserAction]]) -> Tried:
    event, issue = one.event, one.event.issue_id or ""
    key = issue or f"{event.name} {one.at.isoformat()}"
    title, link = event.title or "", event.web_url or ""
    return Tried(event.name, one.at, key, event.short_id or key, title, link, _state(event), acts.get(issue, ()))


def _state(event: Event) -> dict[str, Any]:
    """What the payload says of the issue's state."""
    if not isinstance(event, AboutIssue):
        return {}
    issue, assignee = event.issue, event.issue.assigned_to
    state: dict[str, Any] = {
        "status": "ignored" if issue.is_archived else issue.status,
        "substatus": issue.substatus,
        "priority": issue.priority,
        "assignedTo": assignee
        and {"type": assignee.type, "id": assignee.id, "name": assignee.name, "email": assignee.email},
    }
    fields = {"assignedTo": "assigned_to"}
    return {key: value for key, value in state.items() if fields.get(key, key) in issue.model_fields_set}
