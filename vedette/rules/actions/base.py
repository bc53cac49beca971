"""What every action is: a form that was checked, what it costs and needs, what it leads to, and the doing."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Self

from pydantic import BaseModel, ConfigDict

from vedette.settings.settings import Mode

if TYPE_CHECKING:
    from vedette.api import Change, Sentry
    from vedette.api.models import Issue
    from vedette.events import Event
    from vedette.rules.actions.later import LaterAction
    from vedette.rules.engine.sentry_facts import IssueReader
    from vedette.rules.execution.action_runner import CooldownStore, NotificationSender
    from vedette.search import Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """The state that an action leads to, for comparing it with what people did; what is None it does not touch."""

    status: str | None = None
    """`resolved`, `unresolved` or `ignored`."""
    substatus: str | None = None
    assignees: tuple[str, ...] | None = None
    """Identities as facts have them (`#payments`, `email:ann@example.com`, `user:7`, `team:2`, `username:ann`); it
    assigns to one of them. Empty: to nobody."""
    priority: str | None = None
    reviewed: bool | None = None


class WriteDroppedError(Exception):
    """Sentry said yes to a write and did none of it, as old servers do with what they do not know.

    Attributes:
        change: What was asked for.
    """

    def __init__(self, change: "Change") -> None:
        self.change = change
        fields = ", ".join(sorted(change.unconfirmed))
        super().__init__(f"Sentry answered 200 and did not take over {fields}: this server may not know it")


@dataclass(slots=True)
class ActionContext:
    """One rule's work on one issue."""

    sentry: "Sentry"
    """Bound to the handler's grant, and to the rule's mode and name."""
    issue: "Issue"
    """As it is now, as far as is known; each action leaves it as it left it."""
    facts: "Facts"
    """What is known of the event and the issue."""
    rule: str
    """The rule's name."""
    reader: "IssueReader"
    """Reads what else is known of the issue, once."""
    state: "CooldownStore"
    """Remembers over runs and processes."""
    event: "Event"
    ceiling: Mode = "act"
    """The boldest mode that the rule lets its writes have."""
    notify: "NotificationSender | None" = None
    """Tells channels, bound as `sentry` is."""
    put_off: "Callable[[LaterAction], Awaitable[None]] | None" = None
    """Lets the rule look at the issue again."""
    note: Callable[[str], None] = field(default=lambda _: None, repr=False)
    """Takes what is worth telling besides the writes, which tell of themselves."""

    def changed(self, change: "Change") -> None:
        """Take in what became of a write.

        Raises:
            WriteDroppedError: Sentry answered 200 and dropped all of it.
        """
        if change.issue is not None:
            self.issue = change.issue
        if change.was_dropped:
            raise WriteDroppedError(change)
        if not change.changed and change.skipped not in {None, "held back"}:
            self.note(f"{change.skipped}: {change.intent}")


@dataclass(frozen=True, slots=True)
class EventActionContext:
    """One rule's work on an event that is about no issue."""

    event: "Event"
    rule: str
    """The rule's name."""
    notify: "NotificationSender | None"
    """Tells channels, bound to the rule's mode and name."""
    note: Callable[[str], None] = field(repr=False)
    """Takes what is worth telling."""


class UnusableFileError(ValueError):
    """A file that an action reads from is no good; the text says what was expected."""


class Action(BaseModel):
    """One thing that a rule does. It compares before it acts, so that doing it twice does it once."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True)

    kind: ClassVar[str]
    """The key that names it in a rules file."""
    fields: ClassVar[tuple[str, ...]] = ()
    """Fields of an update that it writes and that lose data, such as `merge`."""

    needs_issue: ClassVar[bool] = True
    """Whether it has nothing to do where an event is about no issue."""

    @property
    def needs(self) -> tuple[str, ...]:
        """Sentry's scopes that its calls need."""
        return ("event:write",)

    @property
    def cost(self) -> int:
        """How many API calls it takes at most, reading the issue aside."""
        return 1

    @property
    def files(self) -> tuple[str, ...]:
        """Further files that it reads from, so that a change of one is noticed."""
        return ()

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels that it tells, each of which has to be set."""
        return ()

    def placed(self, folder: Path) -> Self:
        """The action with what it reads from files, which are named relative to its rules file.

        Raises:
            UnusableFileError: A file cannot be used; told at the key `file`.
        """
        del folder
        return self

    def describe(self) -> str:
        """What it does, as an order: `assign to #payments`."""
        raise NotImplementedError

    def intends(self, facts: "Facts") -> Intent | None:
        """What it leads to on an issue of these facts; None where that cannot be told or is no state of an issue."""
        del facts
        return None

    async def do(self, work: ActionContext) -> None:
        """Do it."""
        raise NotImplementedError

    async def do_without_issue(self, work: EventActionContext) -> None:
        """Do it for an event that is about no issue, or say that it cannot be done."""
        work.note(f"left out, as this is about no issue: {self.describe()}")
