"""Executes the actions of rules, under each rule's mode, name and cooldown.

A rule matched on facts that may be outdated, so the issue is read first, and skipped where the rule no longer matches.
An action that Sentry refuses does not prevent the others.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from vedette.api import UnknownAssigneeError
from vedette.api.issue_update import InvalidUpdateError
from vedette.authoring.retries import PermanentError
from vedette.authoring.run_record import RunRecord
from vedette.events import Event
from vedette.notify.errors import NotificationRefused, UnknownChannelError
from vedette.permissions.errors import BudgetExhausted
from vedette.rules.actions import Action, ActionContext, EventActionContext, LaterAction
from vedette.rules.actions.base import WriteDroppedError
from vedette.rules.actions.services import CooldownStore, NotificationSender, RunDeferral
from vedette.rules.engine.decision import Decision
from vedette.rules.issue_reader import PERMANENT_REFUSALS, IssueReader, facts_of_api_issue
from vedette.rules.model.rule import Rule
from vedette.search import Facts, Verdict

if TYPE_CHECKING:
    from vedette.api import Sentry
    from vedette.api.models import Issue

CHANGES: Final = ("status", "substatus", "assigned", "issue.priority", "for_review")
"""Facts that may have changed since a rule matched on them."""
_REFUSED: Final = (
    *PERMANENT_REFUSALS,
    *(UnknownAssigneeError, InvalidUpdateError, NotificationRefused, UnknownChannelError, WriteDroppedError),
)


@dataclass(frozen=True)
class RuleServices:
    """The services of the handler that executes rules."""

    sentry: "Sentry"
    state: CooldownStore
    note: Callable[[str], None] = field(default=lambda _: None, repr=False)
    """Adds a sentence to the run's summary."""
    notify: NotificationSender | None = None
    later: RunDeferral | None = None
    deadline: float | None = None
    """End of the run's time limit, on the clock of `time.monotonic`; None without a limit."""
    record: RunRecord = field(default_factory=RunRecord, repr=False)
    """Receives the rules that matched, or why none did."""


class RuleFailedError(PermanentError):
    """Some actions were refused for permanent reasons; the others were executed."""

    def __init__(self, failures: Sequence[str], *, is_out_of_budget: bool = False) -> None:
        self.failures = tuple(failures)
        self.is_out_of_budget = is_out_of_budget
        """Set where an action was refused because the handler's write budget is exhausted."""
        super().__init__("; ".join(failures))


class ActionRunner:
    """Executes the actions of rules on one issue."""

    def __init__(self, event: Event, services: RuleServices, reader: IssueReader) -> None:
        self._event = event
        self._services = services
        self._reader = reader
        self._failures: list[str] = []
        self._is_out_of_budget = False

    async def run_decision(self, decision: Decision) -> None:
        """Execute the actions of all rules that match, one rule after the other."""
        try:
            issue = await self._reader.issue()
        except PERMANENT_REFUSALS as error:
            raise RuleFailedError([f"the issue cannot be read: {error}"]) from error
        for rule in decision.matched:
            facts = with_current_state(decision.facts, issue)
            if await self._is_due(rule, issue, facts):
                issue = await self._execute_all(rule, rule.then, issue, facts, ())
        self._raise_failures()

    async def run_rule(self, rule: Rule, facts: Facts) -> bool:
        """Execute the actions of one rule.

        Returns:
            Whether the rule still matches and is not within its cooldown.
        """
        issue = await self._reader.issue()
        facts = with_current_state(facts, issue)
        is_due = await self._is_due(rule, issue, facts)
        if is_due:
            await self._execute_all(rule, rule.then, issue, facts, ())
        self._raise_failures()
        return is_due

    async def run_deferred(self, rule: Rule, action: LaterAction, facts: Facts, path: tuple[int, ...]) -> None:
        """Execute the actions that a rule deferred.

        Args:
            rule: The rule.
            action: Its action that deferred them.
            facts: All known facts of the issue.
            path: The position of the action in the rule, an index for each level.
        """
        await self._execute_all(rule, action.actions, await self._reader.issue(), facts, path)
        self._raise_failures()

    def _raise_failures(self) -> None:
        if self._failures:
            raise RuleFailedError(self._failures, is_out_of_budget=self._is_out_of_budget)

    async def _is_due(self, rule: Rule, issue: "Issue", facts: Facts) -> bool:
        if rule.when is not None and rule.when.evaluate(facts) is not Verdict.TRUE:
            self._services.note(f"{issue.label} has changed meanwhile, so that {rule.name} no longer matches")
            return False
        name = f"{rule.name}:{issue.id}"
        if rule.cooldown is not None and not await self._services.state.claim(name, rule.cooldown):
            self._services.note(f"{rule.name} skips {issue.label}: it acted on it within its cooldown")
            return False
        return True

    async def _execute_all(
        self, rule: Rule, actions: Sequence[Action], issue: "Issue", facts: Facts, path: tuple[int, ...]
    ) -> "Issue":
        """Execute actions, and return the issue as they leave it."""
        context = self._context(rule, issue, facts)
        for number, action in enumerate(actions):
            if self._services.later is not None:
                # The id is only needed where the event itself does not name the issue.
                found = "" if self._event.issue_id else issue.id
                context.defer = partial(_defer, self._services.later, rule, (*path, number), found)
            await self._execute(action, context)
        return context.issue

    def _context(self, rule: Rule, issue: "Issue", facts: Facts) -> ActionContext:
        because, ceiling = f"rule {rule.name}", rule.mode or "act"
        notify = self._services.notify
        return ActionContext(
            sentry=self._services.sentry.view(because=because, ceiling=ceiling),
            issue=issue,
            facts=facts,
            rule=rule.name,
            reader=self._reader,
            state=self._services.state,
            event=self._event,
            ceiling=ceiling,
            notify=None if notify is None else notify.view(because=because, ceiling=ceiling),
            note=lambda sentence: self._services.note(f"{sentence} ({because})"),
        )

    async def _execute(self, action: Action, context: ActionContext) -> None:
        try:
            await action.execute(context)
        except _REFUSED as error:
            self._failures.append(_noted(action, context, error))
            self._is_out_of_budget |= isinstance(error, BudgetExhausted)


async def _defer(later: RunDeferral, rule: Rule, path: tuple[int, ...], issue: str, action: LaterAction) -> None:
    name = hashlib.sha256(f"{rule.name}:{path}{issue}".encode()).hexdigest()[:16]
    data: dict[str, Any] = {"rule": rule.name, "path": list(path)}
    await later(action.later, f"rule-{name}", data | ({"issue": issue} if issue else {}))


def with_current_state(facts: Facts, issue: "Issue") -> Facts:
    """Return the facts with the state of the issue as it was just read, or left by another rule."""
    now = facts_of_api_issue(issue)
    return facts.with_more({key: now.get(key) for key in CHANGES if now.get(key).complete})


async def run_without_issue(rules: Sequence[Rule], event: Event, services: RuleServices) -> None:
    """Execute the actions of rules on an event without an issue; actions that need one are skipped.

    Raises:
        RuleFailedError: Some actions were refused.
    """
    failures: list[str] = []
    for rule in rules:
        about = f"{rule.name}:{event.subject or event.name}"
        if rule.cooldown is not None and not await services.state.claim(about, rule.cooldown):
            services.note(f"{rule.name} skips this event: it acted on its subject within its cooldown")
            continue
        context = _context_without_issue(rule, event, services)
        for action in rule.then:
            try:
                await action.execute_without_issue(context)
            except _REFUSED as error:
                failures.append(_noted(action, context, error))
    if failures:
        raise RuleFailedError(failures)


def _context_without_issue(rule: Rule, event: Event, services: RuleServices) -> EventActionContext:
    because = f"rule {rule.name}"
    notify = None if services.notify is None else services.notify.view(because=because, ceiling=rule.mode or "act")
    return EventActionContext(event, rule.name, notify, lambda sentence: services.note(f"{sentence} ({because})"))


def _noted(action: Action, context: ActionContext | EventActionContext, error: Exception) -> str:
    """Note the failure of an action, and return its text."""
    text = f"could not {action.describe()}: {next(iter(str(error).splitlines()), '')}"
    context.note(text)
    return f"{text} (rule {context.rule})"
