"""Single events, and the objects that Sentry links to them."""

from dataclasses import dataclass, field
from typing import Any

from pydantic import Field

from vedette.api.models._base import Date, Id, SentryModel
from vedette.api.models.people import MaybeUser


class EventSummary(SentryModel):
    """An event as lists show it."""

    id: Id
    event_id: str = Field(default="", alias="eventID")
    group_id: str | None = Field(default=None, alias="groupID")
    """Id of its issue."""
    project_id: str = Field(default="", alias="projectID")
    title: str = ""
    message: str | None = ""
    location: str | None = None
    culprit: str | None = None
    platform: str | None = None
    user: dict[str, Any] | None = None
    tags: list[dict[str, Any]] = Field(default_factory=list[dict[str, Any]])
    date_created: Date = None
    metadata: dict[str, Any] = Field(default_factory=dict[str, Any])

    @property
    def tag_values(self) -> dict[str, str]:
        """The tags by key."""
        return {str(tag.get("key", "")): str(tag.get("value", "")) for tag in self.tags}


class SentryEvent(EventSummary):
    """A whole event."""

    date_received: Date = None
    entries: list[dict[str, Any]] = Field(default_factory=list[dict[str, Any]])
    """Exception, breadcrumbs, request and others, each with `type` and `data`."""
    contexts: dict[str, Any] | None = None
    release: dict[str, Any] | None = None
    sdk: dict[str, Any] | None = None
    errors: list[dict[str, Any]] = Field(default_factory=list[dict[str, Any]])
    fingerprints: list[str] = Field(default_factory=list[str])
    next_event_id: str | None = Field(default=None, alias="nextEventID")
    previous_event_id: str | None = Field(default=None, alias="previousEventID")


class Attachment(SentryModel):
    """A file that came with an event."""

    id: Id
    name: str = ""
    size: int = 0
    """Bytes."""
    mimetype: str | None = None
    date_created: Date = None


@dataclass(frozen=True, slots=True)
class AttachmentFile:
    """The content of an attachment. End users' applications send it: treat it as a file from a stranger."""

    content: bytes = field(repr=False)
    content_type: str = "application/octet-stream"


class SuspectCommitters(SentryModel):
    """An author and the commits that Sentry suspects."""

    author: MaybeUser = None
    commits: list[dict[str, Any]] = Field(default_factory=list[dict[str, Any]])


class Committers(SentryModel):
    """All suspects of an event."""

    committers: list[SuspectCommitters] = Field(default_factory=list[SuspectCommitters])


class EventOwners(SentryModel):
    """The owners of an event by the ownership rules."""

    owners: list[dict[str, Any]] = Field(default_factory=list[dict[str, Any]])
    rule: Any = None
    rules: list[Any] = Field(default_factory=list[Any])


class Row(SentryModel):
    """A row of an event query: its fields are those that were asked for, in `model_extra`."""

    @property
    def fields(self) -> dict[str, Any]:
        """The fields by their names in the query."""
        return dict(self.model_extra or {})


class SourceMapReport(SentryModel):
    """A report on the application of source maps; its form is Sentry's own, in `model_extra`."""
