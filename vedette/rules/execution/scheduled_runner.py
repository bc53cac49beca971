"""Runs scheduled rules: searches issues, decides them one by one, and executes the actions.

The calls have the lowest priority. Sentry's search uses an index that lags behind, so each issue is read first, and
skipped where it no longer matches the search. A retry searches again: issues that were changed are no longer found, or
compared before they are changed.
"""

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from vedette.api import Lane
from vedette.api.errors import SentryError
from vedette.events.kinds.schedule import ScheduleEvent
from vedette.rules.engine.engine import Engine, Subject, consider
from vedette.rules.engine.sentry_facts import SentryFacts
from vedette.rules.execution.action_runner import CHANGES, ActionRunner, RuleFailedError, RuleServices
from vedette.rules.issue_reader import PERMANENT_REFUSALS, IssueReader, facts_of_api_issue
from vedette.rules.model.rule import Rule
from vedette.search import Facts, Verdict
from vedette.search.facts.answers import NOT_KNOWN

if TYPE_CHECKING:
    from vedette.api.models import Issue

_READ_FACTOR: Final = 10
"""Issues that are read, as a multiple of `most`, where `when` and `projects` exclude some."""
_STARTING_SHARE: Final = 0.75
"""Share of the time limit in which issues are started."""
_IN_A_ROW: Final = 3
"""Consecutive failures that the next issue would share, after which the others are left to the next attempt."""
_RECHECKED: Final = frozenset({*CHANGES, "lastSeen", "timesSeen"})
"""Facts that are compared again with the issue as read; for the others the search, over all events, is right."""
_WILD: Final = frozenset("*?[")


async def run_scheduled(engine: Engine, event: ScheduleEvent, services: RuleServices) -> None:
    """Run the rules that are scheduled for the time of an event.

    Raises:
        RuleFailedError: Some actions were refused; the others were executed.
        SentryError: Sentry failed temporarily.
    """
    due = engine.rules.due(event.cron, event.data.timezone)
    if not due:
        services.note(f"no rule runs at {event.cron} {event.data.timezone} any more")
    background = replace(services, sentry=services.sentry.view(lane=Lane.BACKFILL))
    run = _ScheduledRun(event, background, _stops_at(services.deadline))
    for rule in due:
        await run.run_rule(rule)
    run.raise_failures()


@dataclass
class _ScheduledRun:
    """One run of all rules that are due at a time."""

    event: ScheduleEvent
    services: RuleServices
    stops_at: float = float("inf")
    """The time after which no issue is started, on the clock of `time.monotonic`."""
    failures: list[str] = field(default_factory=list[str])
    outages: list[SentryError] = field(default_factory=list[SentryError])
    stopped: set[str] = field(default_factory=set[str])
    """Issues that a rule with `stop` matched."""
    in_a_row: int = 0
    """The number of consecutive failures that the next issue would share."""

    async def run_rule(self, rule: Rule) -> None:
        """Act on the issues that one rule finds."""
        read = acted = 0
        try:
            for issue in await self._search(rule):
                if time.monotonic() >= self.stops_at:
                    self.services.note(
                        f"stopped before the time limit; the others are left to the next run ({rule.name})"
                    )
                    break
                read += 1
                acted += await self._run_on(rule, issue)
                if acted == _most(rule) or self.in_a_row == _IN_A_ROW:
                    break
        except PERMANENT_REFUSALS as error:
            self._record_failure(f"could not list issues: {_first_line(error)}", rule)
        if acted:
            self.services.record.note_rule(rule.name)
        self.services.note(f"acted on {acted} of {read} issues that were found (rule {rule.name})")
        if self.in_a_row == _IN_A_ROW:
            when = "the next attempt" if self.outages else "the next time that the rule is due"
            self.services.note(f"the others are left to {when}")
            self.raise_failures()

    def raise_failures(self) -> None:
        """Raise the errors that occurred, so that the run is retried or becomes a dead letter."""
        if self.outages:
            raise self.outages[0]
        if self.failures:
            raise RuleFailedError(self.failures)

    async def _search(self, rule: Rule) -> list["Issue"]:
        """Return the issues that the search finds, all pages first: changes to issues would move the later pages."""
        assert rule.schedule is not None
        is_plain = not any(_WILD & set(pattern) for pattern in rule.projects)
        # Excluded issues do not count; otherwise they could exclude the issues after them permanently.
        are_some_excluded = rule.when is not None or rule.cooldown is not None or not is_plain
        most = _most(rule) * (_READ_FACTOR if are_some_excluded else 1)
        projects = rule.projects if is_plain else ()
        pages = self.services.sentry.issues.search(
            str(rule.schedule.search), project=projects, page_size=min(most, 100)
        )
        return [issue for issue in await pages.collect(most) if issue.id not in self.stopped]

    async def _run_on(self, rule: Rule, issue: "Issue") -> bool:
        """Act on one issue, and return whether it matched. Errors are collected, so that the other issues follow."""
        before, self.in_a_row = self.in_a_row, 0
        try:
            return await self._decide_and_run(rule, issue)
        except RuleFailedError as error:
            self.failures += [f"{issue.label}: {failure}" for failure in error.failures]
            self.in_a_row = before + 1 if error.is_out_of_budget else 0
        except PERMANENT_REFUSALS as error:
            self._record_failure(f"{issue.label} cannot be read: {_first_line(error)}", rule)
        except SentryError as error:
            self.services.note(f"{issue.label} is left to the next attempt: {_first_line(error)} (rule {rule.name})")
            self.outages.append(error)
            self.in_a_row = before + 1
        return True

    async def _decide_and_run(self, rule: Rule, issue: "Issue") -> bool:
        reader = IssueReader(self.services.sentry, issue.id)
        subject = Subject(self.event.name, facts_of_api_issue(issue), issue.id)
        considered = await consider(rule, subject, SentryFacts(reader))
        if not considered.matches:
            return False
        if not _still_found(rule, await reader.issue()):
            self.services.note(f"{issue.label} has changed meanwhile, so that {rule.name} no longer finds it")
            return False
        if rule.stop:
            self.stopped.add(issue.id)
        return await ActionRunner(self.event, self.services, reader).run_rule(rule, considered.facts)

    def _record_failure(self, sentence: str, rule: Rule) -> None:
        self.failures.append(f"{sentence} (rule {rule.name})")
        self.services.note(self.failures[-1])


def _stops_at(deadline: float | None) -> float:
    """Return the time after which no issue is started: a quarter of the time limit is left for the current one."""
    now = time.monotonic()
    return float("inf") if deadline is None else now + (deadline - now) * _STARTING_SHARE


def _most(rule: Rule) -> int:
    return 0 if rule.schedule is None else rule.schedule.most


def _still_found(rule: Rule, issue: "Issue") -> bool:
    """Return whether the search can still find an issue in its current state."""
    now = facts_of_api_issue(issue)
    current = Facts(lambda key: now.get(key) if key in _RECHECKED else NOT_KNOWN)
    return rule.schedule is not None and rule.schedule.search.evaluate(current) is not Verdict.FALSE


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), "")
