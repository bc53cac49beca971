"""Evaluates rules on the past of an organization: downloads it, orders it by time, and decides it.

The engine is the one of production, and so are its facts: those of the time of the event, not later ones.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from vedette._core.bounded_gather import for_each
from vedette._core.progress import Progress, Silent
from vedette.api import Lane, Sentry
from vedette.api.transport.call_counter import CountingTransport
from vedette.authoring.event_patterns import asks_for
from vedette.events.catalog import known_names, names_of
from vedette.history.event_reconstruction import CREATED, ReconstructedEvent, reconstruct_events
from vedette.history.people import People, learn_all
from vedette.rules.backtest.agreement import WINDOW
from vedette.rules.backtest.downloader import ACTIVITY, download_activity, download_issues, download_teams
from vedette.rules.backtest.historic_facts import MOST_EVENTS, Budget, HistoricFacts
from vedette.rules.backtest.historic_subject import facts_at, permanent_facts, subject_at
from vedette.rules.backtest.history_store import HistoryStore, Moment, StoredIssue
from vedette.rules.backtest.report import BacktestReport
from vedette.rules.backtest.scope import Scope
from vedette.rules.backtest.tally import EvaluatedEvent, Tally, empty_report
from vedette.rules.backtest.user_actions import read_user_actions
from vedette.rules.engine.engine import Engine
from vedette.rules.model.rule import Rule, RuleSet
from vedette.search import Verdict

if TYPE_CHECKING:
    from vedette.rules.engine.decision import Decision

RECONSTRUCTED: Final = ("issue.created", "issue.assigned", "issue.resolved", "issue.unresolved", "issue.archived")
"""The events that the history of an issue has."""
_KNOWN: Final = frozenset(known_names())
_READ: Final = "histories read"
_EVALUATED: Final = "events evaluated"


@dataclass(slots=True)
class Backtest:
    """A backtest on the issues of an organization.

    Attributes:
        sentry: The client; its calls have the lowest priority.
        history: The store for downloaded issues.
        scope: The part of the past.
        rules: The rules.
        quick: Whether to skip the histories of issues that look unchanged, unless they are stored.
        most_events: The number of events that may be read; facts of further ones are unknown.
        window: The time after an event in which actions of people are compared.
        progress: The display of progress.
    """

    sentry: Sentry
    history: HistoryStore
    scope: Scope
    rules: RuleSet
    quick: bool = False
    most_events: int = MOST_EVENTS
    window: timedelta = WINDOW
    progress: Progress = Silent()  # noqa: RUF009 - it has no state

    async def run(self) -> BacktestReport:
        """Download the missing part of the past, evaluate the rules, and return the report.

        Raises:
            SentryError: Sentry refused a call, or failed for too long; downloaded data is stored for the next time.
        """
        counting = CountingTransport(self.sentry.transport)
        self.sentry = self.sentry.view(lane=Lane.BACKFILL, transport=counting)
        await download_issues(self.sentry, self.history, self.scope, self.progress)
        facts = await self.history.facts()
        begins, until = (datetime.fromisoformat(facts[name]) for name in ("begins", "complete"))
        report = empty_report(self.sentry.organization, begins, until, self.rules.rules)
        _note_not_evaluated(report, self.rules)
        report.issues = await self.history.count()
        people = People()
        learn_all(people, await download_teams(self.sentry, self.history), "team")
        await self._order_events(report, people)
        await self._evaluate(report, people)
        report.taken = counting.calls
        return report

    async def _order_events(self, report: BacktestReport, people: People) -> None:
        """Read the histories that a rule may depend on, and order their events by time."""
        await self.history.clear_moments()
        done = 0
        async for chunk in self.history.issues():
            learn_all(people, (issue.body.get("assignedTo") for issue in chunk))
            concerned = [issue for issue in chunk if self._may_concern(issue)]
            activities = await self._activities(concerned)
            report.untouched += len(concerned) - len(activities)
            for each_activity in activities.values():
                learn_all(people, (one.get("user") for one in each_activity), "user")
            moments = [
                Moment(event.at.timestamp(), issue.id, place)
                for issue in chunk
                for place, event in enumerate(reconstruct_events(issue.body, activities.get(issue.id, ())))
                if report.begins <= event.at <= report.until
            ]
            await self.history.add_moments(moments)
            done += len(chunk)
            self.progress.step(_READ, done, report.issues)

    async def _activities(self, issues: Sequence[StoredIssue]) -> dict[int, list[dict[str, Any]]]:
        """Return the histories of issues; missing ones are downloaded, unless the backtest is quick."""
        found = await self.history.details([issue.id for issue in issues], ACTIVITY)

        async def download(issue: StoredIssue) -> None:
            found[issue.id] = await download_activity(self.sentry, self.history, issue.id)

        missing = [issue for issue in issues if issue.id not in found and (issue.touched or not self.quick)]
        await for_each(missing, download)
        return found

    def _may_concern(self, issue: StoredIssue) -> bool:
        """Return whether a rule can match an issue, by its permanent facts."""
        facts, slug = permanent_facts(issue.body), str(issue.body.get("project", {}).get("slug"))
        born = facts_at(reconstruct_events(issue.body, ())[0], issue.body) if issue.body.get("firstSeen") else facts
        for rule in self.rules:
            if not rule.covers(slug) or not any(asks_for(rule.events, _names(name), _KNOWN) for name in RECONSTRUCTED):
                continue
            known = born if _only_creations(rule) else facts
            if rule.when is None or rule.when.evaluate(known) is not Verdict.FALSE:
                return True
        return False

    async def _evaluate(self, report: BacktestReport, people: People) -> None:
        """Decide all events, in order of time."""
        engine, tally, budget, done = Engine(self.rules), Tally(report, self.window), Budget(self.most_events), 0
        async for chunk in self.history.moments():
            ids = {moment.issue for moment in chunk}
            issues = await self.history.issues_by_id(ids)
            activities = await self.history.details(ids, ACTIVITY)
            pasts = {
                key: reconstruct_events(issue.body, activities.get(key, ()), people) for key, issue in issues.items()
            }
            decided: dict[Moment, Decision] = {}

            async def decide(one: Moment) -> None:
                past = pasts[one.issue]  # noqa: B023 - done before the next chunk
                fetching = HistoricFacts(
                    self.sentry, self.history, past[one.place].at, past[0].at, report.fetches, budget
                )
                subject = subject_at(past[one.place], issues[one.issue].body)  # noqa: B023
                decided[one] = await engine.decide(subject, fetching)  # noqa: B023

            await for_each(chunk, decide)
            for one in chunk:
                past = pasts[one.issue][one.place]
                tally.add(_evaluated(past, issues[one.issue].body, activities.get(one.issue, ()), people), decided[one])
            done += len(chunk)
            self.progress.step(_EVALUATED, done, None)
        report.events_left = budget.short


def _names(name: str) -> tuple[str, ...]:
    resource, _, action = name.partition(".")
    return names_of(resource, action)


def _only_creations(rule: Rule) -> bool:
    return not any(asks_for(rule.events, _names(name), _KNOWN) for name in RECONSTRUCTED if name != CREATED)


def _evaluated(
    past: ReconstructedEvent, body: Mapping[str, Any], activities: Sequence[Mapping[str, Any]], people: People
) -> EvaluatedEvent:
    short, title, link = (str(body.get(key) or "") for key in ("shortId", "title", "permalink"))
    key = str(body["id"])
    return EvaluatedEvent(
        past.name, past.at, key, short or key, title, link, past.state, read_user_actions(activities, people)
    )


def _note_not_evaluated(report: BacktestReport, rules: RuleSet) -> None:
    """Note the rules for events that the history of an issue does not have."""
    for rule, one in zip(rules, report.rules, strict=True):
        if rule.schedule is not None:
            one.not_tried = (
                f"its schedule ({rule.schedule.cron}): the history of issues does not show the results of a search"
            )
            continue
        others = [
            pattern
            for pattern in rule.events
            if not any(asks_for((pattern,), _names(n), _KNOWN) for n in RECONSTRUCTED)
        ]
        if others:
            one.not_tried = (
                f"{', '.join(others)}: the history of issues does not have such events; recorded deliveries may"
            )
