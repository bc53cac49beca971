"""Evaluates rules on recorded deliveries: events of every kind, exactly as they were received.

Sentry is only called for the later actions of people, on issues that a rule matches.
"""

from collections.abc import AsyncIterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from vedette._core.progress import Progress, Silent
from vedette.api import Lane, Sentry
from vedette.api.transport.call_counter import CountingTransport
from vedette.events import Event
from vedette.events.kinds.issue import AboutIssue
from vedette.history.people import People, learn_all
from vedette.rules.backtest.agreement import WINDOW
from vedette.rules.backtest.downloader import download_activity, download_teams
from vedette.rules.backtest.historic_facts import MOST_EVENTS, Budget, HistoricFacts
from vedette.rules.backtest.history_store import HistoryStore
from vedette.rules.backtest.report import BacktestReport
from vedette.rules.backtest.tally import EvaluatedEvent, Tally, empty_report
from vedette.rules.backtest.user_actions import UserAction, read_user_actions
from vedette.rules.engine.decision import Decision
from vedette.rules.engine.engine import Engine, subject_of
from vedette.rules.model.rule import RuleSet

_PHASE = "deliveries evaluated"


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """An event, and the time when it was received."""

    event: Event
    at: datetime


@dataclass(slots=True)
class RecordedBacktest:
    """A backtest on recorded deliveries.

    Attributes:
        sentry: The client for actions of people; its calls have the lowest priority.
        history: The store for events and activities.
        rules: The rules.
        begins: The time of the first delivery.
        until: The time of the last delivery.
        most_events: The number of events that may be read.
        window: The time after an event in which actions of people are compared.
        progress: The display of progress.
    """

    sentry: Sentry
    history: HistoryStore
    rules: RuleSet
    begins: datetime
    until: datetime
    most_events: int = MOST_EVENTS
    window: timedelta = WINDOW
    progress: Progress = Silent()  # noqa: RUF009 - it has no state

    async def run(self, deliveries: AsyncIterable[RecordedEvent]) -> BacktestReport:
        """Evaluate the rules on deliveries, which are in order of time.

        Raises:
            SentryError: Sentry refused a call, or failed for too long.
        """
        counting = CountingTransport(self.sentry.transport)
        self.sentry = self.sentry.view(lane=Lane.BACKFILL, transport=counting)
        report = empty_report(self.sentry.organization, self.begins, self.until, self.rules.rules)
        report.source = "deliveries"
        people = People()
        learn_all(people, await download_teams(self.sentry, self.history), "team")
        engine, tally, budget = Engine(self.rules), Tally(report, self.window), Budget(self.most_events)
        acts: dict[str, Sequence[UserAction]] = {}
        async for one in deliveries:
            decision = await engine.decide(subject_of(one.event, now=one.at), self._fetching(one, report, budget))
            await self._read_actions(one, decision, acts, people)
            tally.add(_evaluated(one, acts), decision)
            self.progress.step(_PHASE, report.events.total(), None)
        report.issues, report.events_left, report.taken = len(tally.issues), budget.short, counting.calls
        return report

    def _fetching(self, one: RecordedEvent, report: BacktestReport, budget: Budget) -> HistoricFacts:
        first = one.event.issue.first_seen if isinstance(one.event, AboutIssue) else None
        return HistoricFacts(self.sentry, self.history, one.at, first or one.at, report.fetches, budget)

    async def _read_actions(
        self, one: RecordedEvent, decision: Decision, acts: dict[str, Sequence[UserAction]], people: People
    ) -> None:
        """Read the actions of people on the issue, once, if a rule matches."""
        issue = one.event.issue_id
        if not decision.matched or not issue or not issue.isdigit() or issue in acts:
            return
        activities = await download_activity(self.sentry, self.history, int(issue))
        learn_all(people, (each.get("user") for each in activities), "user")
        acts[issue] = read_user_actions(activities, people)


def _evaluated(one: RecordedEvent, acts: dict[str, Sequence[UserAction]]) -> EvaluatedEvent:
    event, issue = one.event, one.event.issue_id or ""
    key = issue or f"{event.name} {one.at.isoformat()}"
    title, link = event.title or "", event.web_url or ""
    return EvaluatedEvent(
        event.name, one.at, key, event.short_id or key, title, link, _state(event), acts.get(issue, ())
    )


def _state(event: Event) -> dict[str, Any]:
    """Return the state of the issue in the payload."""
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
