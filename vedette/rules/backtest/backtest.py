"""A trial of rules on an organization's past: take it, put it in order, and let the engine decide it anew.

The engine is the one of production, and so is what it sees: an event as it was then, nothing of what came later.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from vedette.api import Lane, Sentry
from vedette.authoring.event_patterns import asks_for
from vedette.events.catalog import known_names, names_of
from vedette.rules.backtest.agreement import WINDOW
from vedette.rules.backtest.bounded_gather import each
from vedette.rules.backtest.downloader import ACTIVITY, take_activity, take_issues, take_teams
from vedette.rules.backtest.event_reconstruction import CREATED, ReconstructedEvent, happenings_of, lasting_facts
from vedette.rules.backtest.historic_facts import MOST_EVENTS, Budget, HistoricFacts
from vedette.rules.backtest.history_store import HistoryStore, Moment, StoredIssue
from vedette.rules.backtest.people import People, learn_all
from vedette.rules.backtest.progress import Progress, Silent
from vedette.rules.backtest.report import BacktestReport
from vedette.rules.backtest.scope import Scope
from vedette.rules.backtest.tally import Tally, Tried, empty_report
from vedette.rules.backtest.transports import CountingTransport
from vedette.rules.backtest.user_actions import acts_of
from vedette.rules.engine.engine import Engine
from vedette.rules.model.rule import Rule, RuleSet
from vedette.search import Verdict

if TYPE_CHECKING:
    from vedette.rules.engine.decision import Decision

TOLD: Final = ("issue.created", "issue.assigned", "issue.resolved", "issue.unresolved", "issue.archived")
"""The events whose past is in an issue's history."""
_KNOWN: Final = frozenset(known_names())
_READ: Final = "histories looked at"
_TRIED: Final = "events tried"


@dataclass(slots=True)
class Backtest:
    """One trial.

    Attributes:
        sentry: whose past; its calls go after everybody else's.
        history: where it is kept.
        scope: how much of it.
        rules: what is tried.
        quick: whether to do without the history of issues that look today as they were born, where it is not kept yet.
        most_events: how many events of issues may be asked for; what would need more stays unknown.
        window: for how long after an event people's acts count.
        progress: who is told how far it is.
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
        """Take what is missing, try the rules, and report.

        Raises:
            SentryError: Sentry refuses, or cannot be reached for long; what was taken stays for the next time.
        """
        counting = CountingTransport(self.sentry.transport)
        self.sentry = self.sentry.view(lane=Lane.BACKFILL, transport=counting)
        await take_issues(self.sentry, self.history, self.scope, self.progress)
        facts = await self.history.facts()
        begins, until = (datetime.fromisoformat(facts[name]) for name in ("begins", "complete"))
        report = empty_report(self.sentry.organization, begins, until, self.rules.rules)
        _note_not_tried(report, self.rules)
        report.issues = await self.history.count()
        people = People()
        learn_all(people, await take_teams(self.sentry, self.history), "team")
        await self._put_in_order(report, people)
        await self._try(report, people)
        report.taken = counting.calls
        return report

    async def _put_in_order(self, report: BacktestReport, people: People) -> None:
        """Read the histories that a rule may depend on, and find what happened when."""
        await self.history.order_anew()
        done = 0
        async for chunk in self.history.issues():
            learn_all(people, (issue.body.get("assignedTo") for issue in chunk))
            concerned = [issue for issue in chunk if self._may_concern(issue)]
            activities = await self._activities(concerned)
            report.untouched += len(concerned) - len(activities)
            for each_activity in activities.values():
                learn_all(people, (one.get("user") for one in each_activity), "user")
            moments = [
                Moment(happening.at.timestamp(), issue.id, place)
                for issue in chunk
                for place, happening in enumerate(happenings_of(issue.body, activities.get(issue.id, ())))
                if report.begins <= happening.at <= report.until
            ]
            await self.history.add_moments(moments)
            done += len(chunk)
            self.progress.step(_READ, done, report.issues)

    async def _activities(self, issues: Sequence[StoredIssue]) -> dict[int, list[dict[str, Any]]]:
        """The histories of some issues. What is not kept yet is taken, as far as the trial does not do without."""
        found = await self.history.details([issue.id for issue in issues], ACTIVITY)

        async def take(issue: StoredIssue) -> None:
            found[issue.id] = await take_activity(self.sentry, self.history, issue.id)

        missing = [issue for issue in issues if issue.id not in found and (issue.touched or not self.quick)]
        await each(missing, take)
        return found

    def _may_concern(self, issue: StoredIssue) -> bool:
        """Whether what never changes about an issue leaves it open that a rule matches."""
        facts, slug = lasting_facts(issue.body), str(issue.body.get("project", {}).get("slug"))
        born = happenings_of(issue.body, ())[0].facts(issue.body) if issue.body.get("firstSeen") else facts
        for rule in self.rules:
            if not rule.covers(slug) or not any(asks_for(rule.events, _names(name), _KNOWN) for name in TOLD):
                continue
            known = born if _only_births(rule) else facts
            if rule.when is None or rule.when.evaluate(known) is not Verdict.FALSE:
                return True
        return False

    async def _try(self, report: BacktestReport, people: People) -> None:
        """Let the engine decide what happened, in order of time."""
        engine, tally, budget, done = Engine(self.rules), Tally(report, self.window), Budget(self.most_events), 0
        async for chunk in self.history.moments():
            ids = {moment.issue for moment in chunk}
            issues = await self.history.issues_by_id(ids)
            activities = await self.history.details(ids, ACTIVITY)
            pasts = {key: happenings_of(issue.body, activities.get(key, ()), people) for key, issue in issues.items()}
            decided: dict[Moment, Decision] = {}

            async def decide(one: Moment) -> None:
                past = pasts[one.issue]  # noqa: B023 - done before the next chunk
                fetching = HistoricFacts(
                    self.sentry, self.history, past[one.place].at, past[0].at, report.fetches, budget
                )
                subject = past[one.place].subject(issues[one.issue].body)  # noqa: B023
                decided[one] = await engine.decide(subject, fetching)  # noqa: B023

            await each(chunk, decide)
            for one in chunk:
                past = pasts[one.issue][one.place]
                tally.add(_tried(past, issues[one.issue].body, activities.get(one.issue, ()), people), decided[one])
            done += len(chunk)
            self.progress.step(_TRIED, done, None)
        report.events_left = budget.short


def _names(name: str) -> tuple[str, ...]:
    resource, _, action = name.partition(".")
    return names_of(resource, action)


def _only_births(rule: Rule) -> bool:
    return not any(asks_for(rule.events, _names(name), _KNOWN) for name in TOLD if name != CREATED)


def _tried(
    past: ReconstructedEvent, body: Mapping[str, Any], activities: Sequence[Mapping[str, Any]], people: People
) -> Tried:
    short, title, link = (str(body.get(key) or "") for key in ("shortId", "title", "permalink"))
    key = str(body["id"])
    return Tried(past.name, past.at, key, short or key, title, link, past.state, acts_of(activities, people))


def _note_not_tried(report: BacktestReport, rules: RuleSet) -> None:
    """Say which rules ask for events that are in no issue's history."""
    for rule, one in zip(rules, report.rules, strict=True):
        if rule.schedule is not None:
            one.not_tried = (
                f"it runs by the clock ({rule.schedule.cron}): the history of issues does not tell what it finds"
            )
            continue
        others = [pattern for pattern in rule.events if not any(asks_for((pattern,), _names(n), _KNOWN) for n in TOLD)]
        if others:
            one.not_tried = (
                f"{', '.join(others)}: the history of issues does not have such events; recorded deliveries may"
            )
