"""Deciding an event and doing what its rules say, as the production handler does.

A rule matched on what a payload said; before it acts the issue is read, and where the rule no longer holds it is left
alone. One rule's actions that Sentry refuses do not keep the others from theirs.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from vedette.api import UnknownAssigneeError
from vedette.api.issue_update import InvalidUpdateError
from vedette.events import Event
from vedette.rules.actions import Action, Work
from vedette.rules.decision import Decision
from vedette.rules.engine import Engine, subject_of
from vedette.rules.fetching import NOT_TO_BE_HAD, IssueReader, SentryFetching, facts_of_api_issue
from vedette.rules.rule import Rule
from vedette.search import Facts, Verdict

if TYPE_CHECKING:
    from vedette.api import Sentry
    from vedette.api.models import Issue

_CHANGES: Final = ("status", "substatus", "assigned", "issue.priority", "for_review")
"""What a rule depends on and others may have changed since the payload was written."""
_SHOWN: Final = 10
"""Rules that a run says why they do not match."""
_REFUSED: Final = (*NOT_TO_BE_HAD, UnknownAssigneeError, InvalidUpdateError)


class Claims(Protocol):
    """Who remembers which rule has worked on which issue, and counts."""

    async def claim(self, name: str, seconds: float) -> bool:
        """Claim a name for a time; False where another delivery has it."""
        ...

    async def turn(self, name: str, about: str) -> int:
        """A number that counts up with each thing it is about, and stays for the same thing."""
        ...


@dataclass(frozen=True)
class Tools:
    """What rules work with."""

    sentry: "Sentry"
    state: Claims
    note: Callable[[str], None] = field(default=lambda _: None, repr=False)
    """Takes what is worth telling, for the run's summary."""


class RuleFailedError(Exception):
    """Some of the rules' actions were refused; the others are done."""

    def __init__(self, failures: list[str]) -> None:
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
        return decision
    if reader is None:
        tools.note(f"this is about no issue, so {', '.join(rule.name for rule in decision.matched)} cannot act")
        return decision
    await _Run(tools, reader, decision).all()
    return decision


def _say_why_not(decision: Decision, note: Callable[[str], None]) -> None:
    for one in decision.considered[:_SHOWN]:
        note(f"{one.rule.name} does not match: {one.why}")
    if len(decision.considered) > _SHOWN:
        note(f"nor do {len(decision.considered) - _SHOWN} more rules")


class _Run:
    """The rules that match, one after the other."""

    def __init__(self, tools: Tools, reader: IssueReader, decision: Decision) -> None:
        self._tools = tools
        self._reader = reader
        self._decision = decision
        self._failures: list[str] = []

    async def all(self) -> None:
        """Do what they say."""
        try:
            issue = await self._reader.issue()
        except NOT_TO_BE_HAD as error:
            raise RuleFailedError([f"the issue cannot be read: {error}"]) from error
        for rule in self._decision.matched:
            issue = await self._rule(rule, issue)
        if self._failures:
            raise RuleFailedError(self._failures)

    async def _rule(self, rule: Rule, issue: "Issue") -> "Issue":
        facts = _as_it_is_now(self._decision.facts, issue)
        if rule.when is not None and rule.when.evaluate(facts) is not Verdict.TRUE:
            self._tools.note(f"{issue.label} has changed meanwhile, so that {rule.name} no longer matches")
            return issue
        if rule.cooldown is not None and not await self._tools.state.claim(_claim(rule, issue), rule.cooldown):
            self._tools.note(f"{rule.name} leaves {issue.label} alone: it worked on it within its cooldown")
            return issue
        work = self._work(rule, issue, facts)
        for action in rule.then:
            await self._do(action, work)
        return work.issue

    def _work(self, rule: Rule, issue: "Issue", facts: Facts) -> Work:
        because = f"rule {rule.name}"
        return Work(
            sentry=self._tools.sentry.view(because=because, ceiling=rule.mode or "act"),
            issue=issue,
            facts=facts,
            rule=rule.name,
            reader=self._reader,
            state=self._tools.state,
            note=lambda sentence: self._tools.note(f"{sentence} ({because})"),
        )

    async def _do(self, action: Action, work: Work) -> None:
        try:
            await action.do(work)
        except _REFUSED as error:
            text = f"could not {action.describe()} ({work.rule}): {next(iter(str(error).splitlines()), '')}"
            work.note(text)
            self._failures.append(text)


def _as_it_is_now(facts: Facts, issue: "Issue") -> Facts:
    """The facts with the state of the issue that was just read, or that another rule has left behind."""
    now = facts_of_api_issue(issue)
    return facts.with_more({key: now.get(key) for key in _CHANGES if now.get(key).complete})


def _claim(rule: Rule, issue: "Issue") -> str:
    return f"{rule.name}:{issue.id}"
