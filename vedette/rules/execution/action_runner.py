"""Doing what a rule says, action by action, under the rule's own mode, name and cooldown.

A rule matched on what was known; before it acts the issue is read, and where the rule no longer holds it is left alone.
One action that Sentry refuses does not keep the others from theirs.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Protocol

from vedette.api import UnknownAssigneeError
from vedette.api.issue_update import InvalidUpdateError
from vedette.authoring.retries import PermanentError
from vedette.events import Event
from vedette.notify.errors import NotificationRefused, UnknownChannelError
from vedette.notify.message import Message
from vedette.permissions.errors import BudgetExhausted
from vedette.rules.actions import Action, ActionContext, EventActionContext, LaterAction
from vedette.rules.actions.base import WriteDroppedError
from vedette.rules.engine.decision import Decision
from vedette.rules.engine.sentry_facts import NOT_TO_BE_HAD, IssueReader, facts_of_api_issue
from vedette.rules.model.rule import Rule
from vedette.search import Facts, Verdict
from vedette.settings.settings import Mode

if TYPE_CHECKING:
    from vedette.api import Sentry
    from vedette.api.models import Issue

CHANGES: Final = ("status", "substatus", "assigned", "issue.priority", "for_review")
"""What a rule depends on and others may have changed since it matched."""
_REFUSED: Final = (
    *NOT_TO_BE_HAD,
    *(UnknownAssigneeError, InvalidUpdateError, NotificationRefused, UnknownChannelError, WriteDroppedError),
)


class CooldownStore(Protocol):
    """Who remembers which rule has worked on which issue, and counts."""

    async def claim(self, name: str, seconds: float) -> bool:
        """Claim a name for a time; False where another delivery has it."""
        ...

    async def turn(self, name: str, about: str) -> int:
        """A number that counts up with each thing it is about, and stays for the same thing."""
        ...


class NotificationSender(Protocol):
    """Tells channels."""

    def view(self, *, because: str, ceiling: Mode) -> "NotificationSender":
        """The same for one rule."""
        ...

    async def __call__(self, channel: str, message: Message) -> object:
        """Send a message, once for each delivery."""
        ...


PutOff = Callable[[str, str, Mapping[str, Any]], Awaitable[str]]
"""Lets the handler run again on the same event: after how long, under which name, with what data."""


@dataclass(frozen=True)
class RuleServices:
    """What rules work with."""

    sentry: "Sentry"
    state: CooldownStore
    note: Callable[[str], None] = field(default=lambda _: None, repr=False)
    """Takes what is worth telling, for the run's summary."""
    notify: NotificationSender | None = None
    later: PutOff | None = None
    deadline: float | None = None
    """When the run is cut off, on the clock of `time.monotonic`; None where nothing cuts it off."""


class RuleFailedError(PermanentError):
    """Some of the rules' actions were refused, for reasons that stay; the others are done."""

    def __init__(self, failures: Sequence[str], *, is_out_of_budget: bool = False) -> None:
        self.failures = tuple(failures)
        self.is_out_of_budget = is_out_of_budget
        """Whether one was refused since the handler has written as often as it may."""
        super().__init__("; ".join(failures))


class ActionRunner:
    """The rules that match, one after the other."""

    def __init__(self, event: Event, tools: RuleServices, reader: IssueReader) -> None:
        self._event = event
        self._tools = tools
        self._reader = reader
        self._failures: list[str] = []
        self._is_out_of_budget = False

    async def all(self, decision: Decision) -> None:
        """Do what the rules of a decision say."""
        try:
            issue = await self._reader.issue()
        except NOT_TO_BE_HAD as error:
            raise RuleFailedError([f"the issue cannot be read: {error}"]) from error
        for rule in decision.matched:
            facts = as_it_is_now(decision.facts, issue)
            if await self._is_due(rule, issue, facts):
                issue = await self._actions(rule, rule.then, issue, facts, ())
        self._end()

    async def one(self, rule: Rule, facts: Facts) -> bool:
        """Do what one rule says, if it still holds and is not within its cooldown; whether it was so."""
        issue = await self._reader.issue()
        facts = as_it_is_now(facts, issue)
        is_due = await self._is_due(rule, issue, facts)
        if is_due:
            await self._actions(rule, rule.then, issue, facts, ())
        self._end()
        return is_due

    async def put_off(self, rule: Rule, action: LaterAction, facts: Facts, path: tuple[int, ...]) -> None:
        """Do what a rule put off."""
        await self._actions(rule, action.actions, await self._reader.issue(), facts, path)
        self._end()

    def _end(self) -> None:
        if self._failures:
            raise RuleFailedError(self._failures, is_out_of_budget=self._is_out_of_budget)

    async def _is_due(self, rule: Rule, issue: "Issue", facts: Facts) -> bool:
        if rule.when is not None and rule.when.evaluate(facts) is not Verdict.TRUE:
            self._tools.note(f"{issue.label} has changed meanwhile, so that {rule.name} no longer matches")
            return False
        if rule.cooldown is not None and not await self._tools.state.claim(_claim(rule, issue), rule.cooldown):
            self._tools.note(f"{rule.name} leaves {issue.label} alone: it worked on it within its cooldown")
            return False
        return True

    async def _actions(
        self, rule: Rule, actions: Sequence[Action], issue: "Issue", facts: Facts, path: tuple[int, ...]
    ) -> "Issue":
        """Do the actions, and return the issue as they leave it."""
        work = self._work(rule, issue, facts)
        for number, action in enumerate(actions):
            if self._tools.later is not None:
                # An event that names its issue need not be told which it was.
                found = "" if self._event.issue_id else issue.id
                work.put_off = partial(_put_off, self._tools.later, rule, (*path, number), found)
            await self._do(action, work)
        return work.issue

    def _work(self, rule: Rule, issue: "Issue", facts: Facts) -> ActionContext:
        because = f"rule {rule.name}"
        ceiling: Mode = rule.mode or "act"
        notify = self._tools.notify
        return ActionContext(
            sentry=self._tools.sentry.view(because=because, ceiling=ceiling),
            issue=issue,
            facts=facts,
            rule=rule.name,
            reader=self._reader,
            state=self._tools.state,
            event=self._event,
            ceiling=ceiling,
            notify=None if notify is None else notify.view(because=because, ceiling=ceiling),
            note=lambda sentence: self._tools.note(f"{sentence} ({because})"),
        )

    async def _do(self, action: Action, work: ActionContext) -> None:
        try:
            await action.do(work)
        except _REFUSED as error:
            text = f"could not {action.describe()}: {next(iter(str(error).splitlines()), '')}"
            work.note(text)
            self._failures.append(f"{text} (rule {work.rule})")
            self._is_out_of_budget |= isinstance(error, BudgetExhausted)


async def _put_off(later: PutOff, rule: Rule, path: tuple[int, ...], issue: str, action: LaterAction) -> None:
    name = hashlib.sha256(f"{rule.name}:{path}{issue}".encode()).hexdigest()[:16]
    data: dict[str, Any] = {"rule": rule.name, "path": list(path)}
    await later(action.later, f"rule-{name}", data | ({"issue": issue} if issue else {}))


def as_it_is_now(facts: Facts, issue: "Issue") -> Facts:
    """The facts with the state of the issue that was just read, or that another rule has left behind."""
    now = facts_of_api_issue(issue)
    return facts.with_more({key: now.get(key) for key in CHANGES if now.get(key).complete})


def _claim(rule: Rule, issue: "Issue") -> str:
    return f"{rule.name}:{issue.id}"


async def announce(rules: Sequence[Rule], event: Event, tools: RuleServices) -> None:
    """Do what rules say of an event that is about no issue: what needs none.

    Raises:
        RuleFailedError: Some actions were refused.
    """
    failures: list[str] = []
    for rule in rules:
        about = f"{rule.name}:{event.subject or event.name}"
        if rule.cooldown is not None and not await tools.state.claim(about, rule.cooldown):
            tools.note(f"{rule.name} leaves this alone: it worked on it within its cooldown")
            continue
        work = _announcing(rule, event, tools)
        for action in rule.then:
            await _announced(action, work, failures)
    if failures:
        raise RuleFailedError(failures)


def _announcing(rule: Rule, event: Event, tools: RuleServices) -> EventActionContext:
    because = f"rule {rule.name}"
    notify = None if tools.notify is None else tools.notify.view(because=because, ceiling=rule.mode or "act")
    return EventActionContext(event, rule.name, notify, lambda sentence: tools.note(f"{sentence} ({because})"))


async def _announced(action: Action, work: EventActionContext, failures: list[str]) -> None:
    try:
        await action.do_without_issue(work)
    except _REFUSED as error:
        text = f"could not {action.describe()}: {next(iter(str(error).splitlines()), '')}"
        work.note(text)
        failures.append(f"{text} (rule {work.rule})")
