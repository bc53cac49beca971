"""Rules by the clock: what Sentry's list of issues finds is decided one by one, and worked on as in any other run.

The calls go in the lane of what nobody waits for. Sentry's list is searched by an index that lags behind, so each issue
is read before anything is done, and left alone where the search no longer holds. A run that is tried again looks anew:
what was done already is found no more, or compared with before it is done.
"""

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from vedette.api import Lane
from vedette.api.errors import SentryError
from vedette.events.kinds.schedule import ScheduleEvent
from vedette.rules.engine.engine import Engine, Subject, consider
from vedette.rules.engine.sentry_facts import NOT_TO_BE_HAD, IssueReader, SentryFacts, facts_of_api_issue
from vedette.rules.execution.action_runner import CHANGES, ActionRunner, RuleFailedError, RuleServices
from vedette.rules.model.rule import Rule
from vedette.search import Facts, Verdict
from vedette.search.facts.answers import NOT_KNOWN

if TYPE_CHECKING:
    from vedette.api.models import Issue

_LOOKED_AT: Final = 10
"""So many times as many issues are looked at as are worked on, where `when` and `projects` leave some out."""
_WORKED: Final = 0.75
"""Share of the time limit in which issues are begun."""
_IN_A_ROW: Final = 3
"""Failures that the next issue will share, one after the other, after which the rest is left to the next attempt."""
_MOVING: Final = frozenset({*CHANGES, "lastSeen", "timesSeen"})
"""What an issue read by itself may settle against the list: the rest Sentry's list knows better, from all events."""
_WILD: Final = frozenset("*?[")


async def sweep(engine: Engine, event: ScheduleEvent, tools: RuleServices) -> None:
    """Do what the rules say whose time this is.

    Raises:
        RuleFailedError: Something was refused; everything else is done.
        SentryError: Sentry fails for now.
    """
    due = engine.rules.due(event.cron, event.data.timezone)
    if not due:
        tools.note(f"no rule runs at {event.cron} {event.data.timezone} any more")
    doing = _Sweep(event, replace(tools, sentry=tools.sentry.view(lane=Lane.BACKFILL)), _stops_at(tools.deadline))
    for rule in due:
        await doing.rule(rule)
    doing.end()


@dataclass
class _Sweep:
    """One time that is due, over all its rules."""

    event: ScheduleEvent
    tools: RuleServices
    stops_at: float = float("inf")
    """When no further issue is begun, on the clock of `time.monotonic`, so that the run ends within its time limit."""
    failures: list[str] = field(default_factory=list[str])
    outages: list[SentryError] = field(default_factory=list[SentryError])
    stopped: set[str] = field(default_factory=set[str])
    """Issues on which a rule said stop."""
    in_a_row: int = 0
    """How many issues failed just now, one after the other, for reasons that the next will share."""

    async def rule(self, rule: Rule) -> None:
        """Work on what one rule finds."""
        looked_at = worked = 0
        try:
            for issue in await self._found(rule):
                if time.monotonic() >= self.stops_at:
                    self.tools.note(
                        f"stopped before the time limit; the others have their turn the next time ({rule.name})"
                    )
                    break
                looked_at += 1
                worked += await self._issue(rule, issue)
                if worked == _most(rule) or self.in_a_row == _IN_A_ROW:
                    break
        except NOT_TO_BE_HAD as error:
            self._failed(f"could not list issues: {_first_line(error)}", rule)
        self.tools.note(f"worked on {worked} of {looked_at} issues that were looked at (rule {rule.name})")
        if self.in_a_row == _IN_A_ROW:
            turn = "left to the next attempt" if self.outages else "left to the next time that the rule is due"
            self.tools.note(f"the others are {turn}")
            self.end()

    def end(self) -> None:
        """Fail where something did, so that the run is tried again or shown."""
        if self.outages:
            raise self.outages[0]
        if self.failures:
            raise RuleFailedError(self.failures)

    async def _found(self, rule: Rule) -> list["Issue"]:
        """What the rule's search finds in its projects; all of it first, as what is done moves the pages behind it."""
        assert rule.periodic is not None
        is_plain = not any(_WILD & set(pattern) for pattern in rule.projects)
        # What is left out here does not count, lest it keep those behind it from their turn for good.
        are_some_left_out = rule.when is not None or rule.cooldown is not None or not is_plain
        most = _most(rule) * (_LOOKED_AT if are_some_left_out else 1)
        projects = rule.projects if is_plain else ()
        pages = self.tools.sentry.issues.search(str(rule.periodic.search), project=projects, page_size=min(most, 100))
        return [issue for issue in await pages.collect(most) if issue.id not in self.stopped]

    async def _issue(self, rule: Rule, issue: "Issue") -> bool:
        """Work on one issue; whether there was something to do. Its failure is kept, so that the others have theirs."""
        before, self.in_a_row = self.in_a_row, 0
        try:
            return await self._decided(rule, issue)
        except RuleFailedError as error:
            self.failures += [f"{issue.label}: {failure}" for failure in error.failures]
            self.in_a_row = before + 1 if error.is_out_of_budget else 0
        except NOT_TO_BE_HAD as error:
            self._failed(f"{issue.label} cannot be read: {_first_line(error)}", rule)
        except SentryError as error:
            self.tools.note(f"{issue.label} is left to the next attempt: {_first_line(error)} (rule {rule.name})")
            self.outages.append(error)
            self.in_a_row = before + 1
        return True

    async def _decided(self, rule: Rule, issue: "Issue") -> bool:
        reader = IssueReader(self.tools.sentry, issue.id)
        subject = Subject(self.event.name, facts_of_api_issue(issue), issue.id)
        considered = await consider(rule, subject, SentryFacts(reader))
        if not considered.matches:
            return False
        if not _still_found(rule, await reader.issue()):
            self.tools.note(f"{issue.label} has changed meanwhile, so that {rule.name} no longer finds it")
            return False
        if rule.stop:
            self.stopped.add(issue.id)
        return await ActionRunner(self.event, self.tools, reader).one(rule, considered.facts)

    def _failed(self, sentence: str, rule: Rule) -> None:
        self.failures.append(f"{sentence} (rule {rule.name})")
        self.tools.note(self.failures[-1])


def _stops_at(deadline: float | None) -> float:
    """Return when to begin no further issue: a quarter of the time is left to end the one that is under way."""
    now = time.monotonic()
    return float("inf") if deadline is None else now + (deadline - now) * _WORKED


def _most(rule: Rule) -> int:
    return 0 if rule.periodic is None else rule.periodic.most


def _still_found(rule: Rule, issue: "Issue") -> bool:
    """Whether the search may still find an issue as it is now."""
    now = facts_of_api_issue(issue)
    moving = Facts(lambda key: now.get(key) if key in _MOVING else NOT_KNOWN)
    return rule.periodic is not None and rule.periodic.search.evaluate(moving) is not Verdict.FALSE


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), "")
