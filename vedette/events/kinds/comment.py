"""`comment` webhooks: a person wrote, changed or deleted a comment on an issue."""

from dataclasses import dataclass

from pydantic import Field

from vedette.events.event import Event
from vedette.events.payload.envelope import ProjectRef
from vedette.events.payload.fields import Identifier, Maybe, Payload, Timestamp


class CommentData(Payload):
    """Content of a `comment` webhook."""

    comment_id: Maybe[Identifier]
    issue_id: Maybe[Identifier]
    project_slug: Maybe[str]
    """Sentry's docs write `project slug`; it sends `project_slug`."""
    timestamp: Maybe[Timestamp]
    comment: Maybe[str] = Field(default=None, repr=False)
    """The text. Normally still there when the comment was deleted."""


@dataclass(frozen=True, kw_only=True, repr=False)
class CommentEvent(Event):
    """A comment was created, updated or deleted; the actor is its author. The issue itself is not in the payload."""

    data: CommentData

    @property
    def comment(self) -> str | None:
        """The comment's text."""
        return self.data.comment

    @property
    def comment_id(self) -> str | None:
        """The comment's id."""
        return self.data.comment_id

    @property
    def issue_id(self) -> str | None:
        """Id of the issue commented on."""
        return self.data.issue_id

    @property
    def project(self) -> ProjectRef:
        """The project's slug alone."""
        return ProjectRef(slug=self.data.project_slug)
