"""Defines the base of all actions, and the context that they are executed in."""

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
    from vedette.rules.actions.services import CooldownStore, NotificationSender
    from vedette.rules.issue_reader import IssueReader
    from vedette.search import Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """The state that an action leads to, compared with the actions of people; None for a field that is unchanged."""

    status: str | None = None
    """`resolved`, `unresolved` or `ignored`."""
    substatus: str | None = None
    assignees: tuple[str, ...] | None = None
    """Identities in the form of facts (`#payments`, `email:ann@example.com`, `user:7`, `team:2`, `username:ann`), one
    of which becomes the assignee. Empty where the issue is unassigned."""
    priority: str | None = None
    reviewed: bool | None = None


class WriteDroppedError(Exception):
    """Sentry accepted a write and applied none of it, as old servers do with fields that they do not know.

    Attributes:
        change: The write.
    """

    def __init__(self, change: "Change") -> None:
        self.change = change
        fields = ", ".join(sorted(change.unconfirmed))
        super().__init__(f"Sentry answered 200 and did not apply {fields}: this server may not know it")


@dataclass(slots=True)
class ActionContext:
    """The issue that a rule's actions are executed on, and the services that they use."""

    sentry: "Sentry"
    """Bound to the handler's grant, and to the rule's mode and name."""
    issue: "Issue"
    """The latest known state; each action updates it."""
    facts: "Facts"
    """All known facts of the event and the issue."""
    rule: str
    """The rule's name."""
    reader: "IssueReader"
    """Reads further parts of the issue, each once."""
    state: "CooldownStore"
    """State that is shared by runs and processes."""
    event: "Event"
    ceiling: Mode = "act"
    """The boldest mode that the rule allows for its writes."""
    notify: "NotificationSender | None" = None
    """Sends messages to channels, bound like `sentry`."""
    defer: "Callable[[LaterAction], Awaitable[None]] | None" = None
    """Defers actions of the rule."""
    note: Callable[[str], None] = field(default=lambda _: None, repr=False)
    """Adds a sentence to the run's summary; writes are recorded separately."""

    def record(self, change: "Change") -> None:
        """Record the result of a write.

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
    """An event without an issue that a rule's actions are executed on."""

    event: "Event"
    rule: str
    """The rule's name."""
    notify: "NotificationSender | None"
    """Sends messages to channels, bound to the rule's mode and name."""
    note: Callable[[str], None] = field(repr=False)
    """Adds a sentence to the run's summary."""


class UnusableFileError(ValueError):
    """A file that an action uses is not usable; the text says what was expected."""


class Action(BaseModel):
    """One step of a rule. It compares before it writes, so that executing it twice has the effect of once."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True)

    kind: ClassVar[str]
    """The key that names it in a rules file."""
    fields: ClassVar[tuple[str, ...]] = ()
    """Fields of an update that it writes and that lose data, such as `merge`."""

    needs_issue: ClassVar[bool] = True
    """False for an action that also works on an event without an issue."""

    @property
    def needs(self) -> tuple[str, ...]:
        """Sentry's scopes that its calls need."""
        return ("event:write",)

    @property
    def cost(self) -> int:
        """The largest number of its API calls, not counting the one that reads the issue."""
        return 1

    @property
    def files(self) -> tuple[str, ...]:
        """Further files that it uses; they are watched for changes."""
        return ()

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels that it notifies, each of which has to be configured."""
        return ()

    def with_files_read(self, folder: Path) -> Self:
        """Return the action with its files read.

        Args:
            folder: The folder of the rules file, which names are relative to.

        Raises:
            UnusableFileError: A file cannot be used; reported at the key `file`.
        """
        del folder
        return self

    def describe(self) -> str:
        """Describe the action in the imperative: `assign to #payments`."""
        raise NotImplementedError

    def intends(self, facts: "Facts") -> Intent | None:
        """Return the state that it leads to on an issue of these facts; None where that is unknown or no state."""
        del facts
        return None

    async def execute(self, context: ActionContext) -> None:
        """Execute it on an issue."""
        raise NotImplementedError

    async def execute_without_issue(self, context: EventActionContext) -> None:
        """Execute it on an event without an issue, or note that it is skipped."""
        context.note(f"skipped, as this event has no issue: {self.describe()}")
