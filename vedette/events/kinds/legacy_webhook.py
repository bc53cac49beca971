"""Legacy project webhooks ("WebHooks" in a project's settings): unsigned, without envelope, action or actor."""

from dataclasses import dataclass

from pydantic import Field

from vedette.events.payload.envelope import ProjectRef
from vedette.events.payload.fields import Identifier, Items, Maybe, Payload
from vedette.events.payload.stored_event import AboutStoredEvent, StoredEvent


class LegacyWebhookData(Payload):
    """The whole body of a legacy webhook."""

    issue_id: Maybe[Identifier] = Field(default=None, alias="id")
    project: Maybe[str]
    """The slug; the same key inside `event` holds the id."""
    project_name: Maybe[str]
    project_slug: Maybe[str]
    logger: Maybe[str]
    level: Maybe[str]
    culprit: Maybe[str]
    message: Maybe[str]
    url: Maybe[str]
    triggering_rules: Items[str]
    event: StoredEvent


@dataclass(frozen=True, kw_only=True, repr=False)
class LegacyWebhookEvent(AboutStoredEvent):
    """An alert fired in a project that still uses legacy webhooks. Nothing proves that Sentry sent it."""

    data: LegacyWebhookData

    @property
    def event(self) -> StoredEvent:
        """The event that fired the alert."""
        return self.data.event

    @property
    def stored_event(self) -> StoredEvent:
        """The same as `event`."""
        return self.data.event

    @property
    def triggered_rule(self) -> str | None:
        """Name of the alert, under the name that `event_alert` has for it."""
        return self.data.triggering_rules[0] if self.data.triggering_rules else None

    @property
    def issue_id(self) -> str | None:
        """Id of the issue."""
        return self.data.issue_id

    @property
    def project(self) -> ProjectRef:
        """Id, slug and name of the project."""
        slug = self.data.project_slug or self.data.project
        return ProjectRef(id=self.event.project_id, slug=slug, name=self.data.project_name)

    @property
    def title(self) -> str | None:
        """The event's title, else the message."""
        return self.event.title or self.data.message

    @property
    def level(self) -> str | None:
        """The level."""
        return self.data.level or self.event.level

    @property
    def web_url(self) -> str | None:
        """The issue's page."""
        return self.data.url
