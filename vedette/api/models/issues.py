"""Issues and the objects that belong to them."""

from typing import Any

from pydantic import Field

from vedette.api.models._base import Date, Id, SentryModel
from vedette.api.models.people import MaybeActor, MaybeUser


class ProjectRef(SentryModel):
    """The project of an issue."""

    id: Id
    slug: str
    name: str = ""
    platform: str | None = None


class Inbox(SentryModel):
    """The reason for which an issue is up for review."""

    reason: int | None = None
    date_added: Date = Field(default=None, alias="date_added")


class SuspectedOwner(SentryModel):
    """An owner that Sentry suggests for an issue, and by which rule."""

    type: str
    """`suspectCommit`, `ownershipRule` or `codeowners`."""
    owner: str
    """`user:1` or `team:2`."""


class Issue(SentryModel):
    """An issue. Give one that you just read to a write, and the client need not read it again."""

    id: Id
    short_id: str = ""
    title: str = ""
    culprit: str | None = None
    permalink: str | None = None
    level: str = "error"
    status: str = "unresolved"
    """`resolved`, `unresolved`, `ignored` (the form says `archived`), `pending_deletion` and others."""
    substatus: str | None = None
    status_details: dict[str, Any] = Field(default_factory=dict[str, Any])
    priority: str | None = None
    priority_locked_at: Date = None
    platform: str | None = None
    project: ProjectRef | None = None
    type: str = "error"
    issue_type: str = "error"
    issue_category: str = "error"
    metadata: dict[str, Any] = Field(default_factory=dict[str, Any])
    assigned_to: MaybeActor = None
    is_bookmarked: bool = False
    is_subscribed: bool = False
    is_public: bool = False
    has_seen: bool = False
    is_unhandled: bool | None = None
    count: str = "0"
    """Events so far, buffered by Sentry: never compare it for equality."""
    user_count: int = 0
    num_comments: int = 0
    first_seen: Date = None
    last_seen: Date = None
    inbox: Inbox | None = None
    """Only with `expand=["inbox"]`."""
    owners: list[SuspectedOwner] | None = None
    """Only with `expand=["owners"]`."""
    activity: list[dict[str, Any]] = Field(default_factory=list[dict[str, Any]])
    """The last 100, newest first; only on a single issue."""
    matching_event_id: str | None = None

    @property
    def issue_id(self) -> str:
        """The id, under the name that events have it by."""
        return self.id

    @property
    def label(self) -> str:
        """The name that people use: the short id, or `issue 42`."""
        return self.short_id or f"issue {self.id}"

    @property
    def assignee(self) -> str | None:
        """`user:1`, `team:2` or None."""
        return self.assigned_to.key if self.assigned_to else None


class Comment(SentryModel):
    """A comment on an issue."""

    id: Id
    data: dict[str, Any] = Field(default_factory=dict[str, Any])
    user: MaybeUser = None
    date_created: Date = None

    @property
    def text(self) -> str:
        """The text of the comment."""
        text = self.data.get("text")
        return text if isinstance(text, str) else ""
