"""Deciding an event and doing what its rules say, as the production handler does.

A rule matched on what a payload said; before it acts the issue is read, and where the rule no longer holds it is left
alone. One rule's actions that Sentry refuses do not keep the others from theirs.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Protocol

from vedette.api import UnknownAssigneeError
from vedette.api.issue_update import InvalidUpdateError
from vedette.events import Event
from vedette.notify.errors import NotificationRefused, UnknownChannelError
from vedette.notify.message import Message
from vedette.rules.actions import Action, Later, Work
from vedette.rules.decision import Decision
from vedette.rules.engine import Engine, consider, subject_of
from vedette.rules.fetching import NOT_TO_BE_HAD, IssueReader, SentryFetching, facts_of_api_issue
from vedette.rules.rule import Rule
from vedette.search import Facts, Verdict
from vedette.settings import Mode

if TYPE_CHECKING:
    from vedette.api import Sentry
    from vedette.api.models import Issue

_CHANGES: Final = ("status", "substatus", "assigned", "issue.priority", "for_review")
"""What a rule depends on and others may have changed since the payload was written."""
_SHOWN: Final = 10
"""Rules that a run says why they do not match."""
_REFUSED: Final = (
    *NOT_TO_BE_HAD,
    *(UnknownAssigneeError, InvalidUpdateError, NotificationRefused, UnknownChannelError),
)


class Claims(Protocol):
    """Who remembers which rule has worked on which issue, and counts."""

    async def claim(self, name: str, seconds: float) -> bool:
        """Claim a name for a time; False where another delivery has it."""
        ...

    async def turn(self, name: str, about: str) -> int:
        """A number that counts up with each thing it is about, and stays for the same thing."""
        ...


class Telling(Protocol):
    """Tells channels."""

    def view(self, *, because: str, ceiling: Mode) -> "Telling":
        """The same for one rule."""
        ...

    async def __call__(self, channel: str, message: Message) -> object:
        """Send a message, once for each delivery."""
        ...


PutOff = Callable[[str, str, Mapping[str, Any]], Awaitable[str]]
"""Lets the handler run again on the same event: after how long, under which name, with what data."""


@dataclass(frozen=True)
class Tools:
    """What rules work with."""

    sentry: "Sentry"
    state: Claims
    note: Callable[[str], None] = field(default=lambda _: None, repr=False)
    """Takes what is worth telling, for the run's summary."""
    notify: Telling | None = None
    later: PutOff | None = None


class RuleFailedError(Exception):
    """Some of the rules' actions were refused; the others are done."""

    def __init__(self, failures: Sequence[str]) -> None:
        self.failures = tuple(failures)
        super().__init__("; ".join(failures))


async def run_rules(engine: Engine, event: Event, tools: Tools) -> Decision:
    """Decide an event, and do what the rules that match say.

    Raises:
        RuleFailedError: Some actions were refused.
        SentryError: Sentry fails for now.
    """
    reader = None if event.issue_id is None else IssueReader(tools.sentry, event.issue_id)
    decision = await engine.decide(subject_of(event), SentryFetching(reader))
    if not decision.matched:
        _say_why_not(decision, tools.note)
    elif reader is None:
        tools.note(f"this is about no issue, so {', '.join(rule.name for rule in decision.matched)} cannot act")
    else:
        await _Run(event, tools, reader).all(decision)
    return decision


async def run_later(engine: Engine, event: Event, tools: Tools, data: Mapping[str, Any]) -> None:
    """Do what a rule put off, where the rule is still there and its condition holds by now.

    Args:
        engine: Of the rules in force.
        event: Whose rule it was.
        tools: What rules work with.
        data: What `later` was given.

    Raises:
        RuleFailedError: Some actions were refused.
        SentryError: Sentry fails for now.
    """
    rule = next((rule for rule in engine.rules if rule.name == data.get("rule")), None)
    action = None if rule is None else _at(rule.then, data.get("path", ()))
    if rule is None or action is None or event.issue_id is None:
        tools.note(f"the rule {data.get('rule')} is no longer there, or says something else now")
        return
    reader = IssueReader(tools.sentry, event.issue_id)
    subject = subject_of(event)
    facts = _as_it_is_now(subject.facts, await reader.issue())
    asked = replace(rule, when=action.query, projects=())
    considered = await consider(asked, replace(subject, facts=facts), SentryFetching(reader))
    if not considered.matches:
        tools.note(f"after {action.later} nothing is left to do: {considered.why} (rule {rule.name})")
        return
    await _Run(event, tools, reader).put_off(rule, action, considered.facts, tuple(data["path"]))


def _at(actions: Sequence[Action], path: Sequence[int]) -> Later | None:
    """The action that was put off, by the way to it; None where something else stands there now."""
    found: Action | None = None
    for number in path:
        if number >= len(actions):
            return None
        found = actions[number]
        actions = found.actions if isinstance(found, Later) else ()
    return found if isinstance(found, Later) else None


def _say_why_not(decision: Decision, note: Callable[[str], None]) -> None:
    for one in decision.considered[:_SHOWN]:
        note(f"{one.rule.name} does not match: {one.why}")
    if len(decision.considered) > _SHOWN:
        note(f"nor do {len(decision.considered) - _SHOWN} more rules")


class _Run:
    """The rules that match, one after the other."""

    def __init__(self, event: Event, tools: Tools, reader: IssueReader) -> None:
        self._event = event
        self._tools = tools
        self._reader = reader
        self._failures: list[str] = []

    async def all(self, decision: Decision) -> None:
        """Do what the rules of a decision say."""
        try:
            issue = await self._reader.issue()
        except NOT_TO_BE_HAD as error:
            raise RuleFailedError([f"the issue cannot be read: {error}"]) from error
        for rule in decision.matched:
            facts = _as_it_is_now(decision.facts, issue)
            if await self._is_due(rule, issue, facts):
                issue = await self._actions(rule, rule.then, issue, facts, ())
        self._end()

    async def put_off(self, rule: Rule, action: Later, facts: Facts, path: tuple[int, ...]) -> None:
        """Do what a rule put off."""
        await self._actions(rule, action.actions, await self._reader.issue(), facts, path)
        self._end()

    def _end(self) -> None:
        if self._failures:
            raise RuleFailedError(self._failures)

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
                work.put_off = partial(_put_off, self._tools.later, rule, (*path, number))
            await self._do(action, work)
        return work.issue

    def _work(self, rule: Rule, issue: "Issue", facts: Facts) -> Work:
        because = f"rule {rule.name}"
        ceiling: Mode = rule.mode or "act"
        notify = self._tools.notify
        return Work(
            sentry=self._tools.sentry.view(because=because, ceiling=ceiling),
            issue=issue,
            facts=facts,
            rule=rule.name,
            reader=self._reader,
            state=self._tools.state,
            event=self._event,
            notify=None if notify is None else notify.view(because=because, ceiling=ceiling),
            note=lambda sentence: self._tools.note(f"{sentence} ({because})"),
        )

    async def _do(self, action: Action, work: Work) -> None:
        try:
            await action.do(work)
        except _REFUSED as error:
            text = f"could not {action.describe()}: {next(iter(str(error).splitlines()), '')}"
            work.note(text)
            self._failures.append(f"{text} (rule {work.rule})")


async def _put_off(later: PutOff, rule: Rule, path: tuple[int, ...], action: Later) -> None:
    name = hashlib.sha256(f"{rule.name}:{path}".encode()).hexdigest()[:16]
    await later(action.later, f"rule-{name}", {"rule": rule.name, "path": list(path)})


def _as_it_is_now(facts: Facts, issue: "Issue") -> Facts:
    """The facts with the state of the issue that was just read, or that another rule has left behind."""
    now = facts_of_api_issue(issue)
    return facts.with_more({key: now.get(key) for key in _CHANGES if now.get(key).complete})


def _claim(rule: Rule, issue: "Issue") -> str:
    return f"{rule.name}:{issue.id}"
