"""Outcomes of writes: whether anything was sent, and the update that reverts it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from vedette.api.issue_update import IssueUpdate
from vedette.api.models import Comment, Issue

HELD_BACK = "held back"
"""Why nothing was sent: a layer in front of the network only recorded the write, or lets it wait for a person."""
GONE_ALREADY = "gone already"

Result = TypeVar("Result")

_UNDOABLE_SUBSTATUS = frozenset(
    {"archived_until_escalating", "archived_forever", "escalating", "ongoing", "new", "regressed"}
)


@dataclass(frozen=True, slots=True)
class Change:
    """The outcome of a write to an issue."""

    intent: str
    """The write in plain English and past tense."""
    changed: bool
    """True if Sentry was changed; False if the issue had these values already, or the write was held back."""
    issue: Issue | None = field(default=None, repr=False)
    """The issue as Sentry answered it; as it was, where nothing was sent; None after a deletion."""
    skipped: str | None = None
    """The reason for which Sentry was not changed."""
    before: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False)
    """The previous values of the written fields, by Sentry's names."""
    after: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False)
    """Their new values, or those that were held back."""
    unconfirmed: frozenset[str] = frozenset()
    """Fields that Sentry accepted but dropped, as old servers do: its answer does not show the new value."""
    comment: Comment | None = field(default=None, repr=False)

    @property
    def was_dropped(self) -> bool:
        """True if Sentry answered 200 and dropped every field."""
        return self.changed and bool(self.unconfirmed) and self.unconfirmed >= self.after.keys()

    @property
    def undo(self) -> IssueUpdate | None:
        """The update that restores the previous values; None if nothing changed or nothing can be restored."""
        return restoring(self.before) if self.changed else None

    def __str__(self) -> str:
        if self.changed:
            return with_dropped(self.intent, self.unconfirmed)
        return f"{self.skipped or 'nothing done'}: {self.intent}"


def with_dropped(intent: str, fields: Collection[str]) -> str:
    """Return the intent, followed by the fields that Sentry dropped."""
    return f"{intent}, but Sentry's answer does not show it ({', '.join(sorted(fields))})" if fields else intent


@dataclass(frozen=True, slots=True)
class Written(Generic[Result]):
    """The outcome of a write to anything but the state of an issue."""

    intent: str
    """The write in plain English and past tense."""
    changed: bool
    """True if Sentry accepted it; False if the write was held back, or was done already."""
    result: Result | None = field(default=None, repr=False)
    """The object that Sentry answered with, if any."""
    skipped: str | None = None
    """The reason for which Sentry was not changed."""

    def __str__(self) -> str:
        return self.intent if self.changed else f"{self.skipped or 'nothing done'}: {self.intent}"


def restoring(before: Mapping[str, Any]) -> IssueUpdate | None:
    """Return the update that writes these fields again; None if they cannot be written.

    What Sentry forgets cannot come back: the conditions of an archiving and the release of a resolution are left out,
    so the issue comes back archived until it escalates, or plainly resolved.
    """
    status = before.get("status")
    substatus = before.get("substatus")
    known = status in {"resolved", "unresolved", "ignored"}
    update = IssueUpdate(
        status=status if known else None,
        substatus=substatus if known and substatus in _UNDOABLE_SUBSTATUS else None,
        assigned_to=before.get("assignedTo"),
        priority=before.get("priority"),
        for_review=before.get("inbox"),
        has_seen=before.get("hasSeen"),
        is_bookmarked=before.get("isBookmarked"),
        is_subscribed=before.get("isSubscribed"),
    )
    return update if update.body() else None
