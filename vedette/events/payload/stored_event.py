"""A stored event as `error`, `event_alert` and legacy webhooks carry it: Sentry's internal form, not that of its API.

People's data travels in it (users, addresses, headers, local variables): read what you need, log nothing of it whole.
"""

from typing import Any

from pydantic import Field

from vedette.events.event import Event
from vedette.events.payload.envelope import ProjectRef
from vedette.events.payload.fields import (
    CamelPayload,
    Identifier,
    Items,
    Maybe,
    Object,
    Payload,
    Tags,
    Timestamp,
    Values,
)
from vedette.events.payload.stacktrace import Exceptions


class Occurrence(CamelPayload):
    """The occurrence behind an issue that is not an error: feedback, an outage, a slow query."""

    id: Maybe[Identifier]
    project_id: Maybe[Identifier]
    event_id: Maybe[Identifier]
    issue_title: Maybe[str]
    subtitle: Maybe[str]
    culprit: Maybe[str]
    level: Maybe[str]
    type: Maybe[int]
    """Number of the issue type; 6001 is user feedback."""
    detection_time: Maybe[float]
    """Unix seconds."""
    initial_issue_priority: Maybe[int]
    evidence_data: Object
    evidence_display: Items[dict[str, Any]]


class StoredEvent(Payload):
    """One event. Keys that are not named here are in `model_extra` as they came."""

    event_id: Maybe[Identifier]
    issue_id: Maybe[Identifier]
    project_id: Maybe[Identifier] = Field(default=None, alias="project")
    """Stored events know their project by its id alone; legacy webhooks add the slug elsewhere."""
    title: Maybe[str]
    message: Maybe[str]
    """Empty for most exceptions: see `exceptions`."""
    culprit: Maybe[str]
    level: Maybe[str]
    type: Maybe[str]
    """`error`, or `generic` for occurrences."""
    platform: Maybe[str]
    logger: Maybe[str]
    location: Maybe[str]
    transaction: Maybe[str]
    release: Maybe[str]
    dist: Maybe[str]
    environment: Maybe[str]
    datetime: Maybe[Timestamp]
    timestamp: Maybe[float]
    """Unix seconds, on the clock of the failed program."""
    received: Maybe[float]
    """Unix seconds, by Sentry's clock."""
    tags: Tags
    exceptions: Exceptions = Field(alias="exception")
    fingerprint: Items[str]
    hashes: Items[str]
    url: Maybe[str]
    web_url: Maybe[str]
    issue_url: Maybe[str]
    occurrence: Maybe[Occurrence]
    metadata: Object = Field(repr=False)
    user: Object = Field(repr=False)
    request: Object = Field(repr=False)
    contexts: Object = Field(repr=False)
    extra: Object = Field(repr=False)
    sdk: Object = Field(repr=False)
    modules: Object = Field(repr=False)
    breadcrumbs: Values[dict[str, Any]] = Field(repr=False)


class AboutStoredEvent(Event):
    """Base of events that carry a stored event."""

    @property
    def stored_event(self) -> StoredEvent:
        """The stored event, under one name for all kinds that carry one."""
        raise NotImplementedError

    @property
    def issue_id(self) -> str | None:
        """Id of the issue that the event was put into."""
        return self.stored_event.issue_id

    @property
    def project(self) -> ProjectRef:
        """The project's id alone."""
        return ProjectRef(id=self.stored_event.project_id)

    @property
    def title(self) -> str | None:
        """The event's title."""
        return self.stored_event.title

    @property
    def level(self) -> str | None:
        """The event's level, which may differ from its issue's."""
        return self.stored_event.level

    @property
    def web_url(self) -> str | None:
        """The event's page."""
        return self.stored_event.web_url

    @property
    def release(self) -> str | None:
        """Release that raised the event."""
        return self.stored_event.release or self.tags.get("release")

    @property
    def environment(self) -> str | None:
        """Environment that raised the event; taken from its tags where the key is missing."""
        return self.stored_event.environment or self.tags.get("environment")

    @property
    def tags(self) -> dict[str, str]:
        """The event's tags."""
        return self.stored_event.tags
