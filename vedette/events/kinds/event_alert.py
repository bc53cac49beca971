"""`event_alert` webhooks: an issue alert with this integration as its action fired on an event."""

from dataclasses import dataclass
from typing import Any

from vedette.events.payload.alert_form import Setting, by_name
from vedette.events.payload.fields import Identifier, Items, Maybe, Payload
from vedette.events.payload.stored_event import AboutStoredEvent, StoredEvent


class IssueAlert(Payload):
    """The alert, sent only when its action has settings of ours."""

    id: Maybe[Identifier]
    """Id of the alert; `-1` for Sentry's test notification."""
    title: Maybe[str]
    sentry_app_id: Maybe[Identifier]
    settings: Items[Setting]


class EventAlertData(Payload):
    """Content of an `event_alert` webhook."""

    event: StoredEvent
    triggered_rule: Maybe[str]
    """Name of the alert. Without `issue_alert` there is no id of it anywhere."""
    issue_alert: Maybe[IssueAlert]


@dataclass(frozen=True, kw_only=True, repr=False)
class EventAlertEvent(AboutStoredEvent):
    """An issue alert fired. The issue itself is not in the payload: fetch it with `issue_id`."""

    data: EventAlertData

    @property
    def event(self) -> StoredEvent:
        """The event that fired the alert."""
        return self.data.event

    @property
    def stored_event(self) -> StoredEvent:
        """The same as `event`."""
        return self.data.event

    @property
    def title(self) -> str | None:
        """The event's title, else that of its occurrence."""
        occurrence = self.event.occurrence
        return self.event.title or (occurrence.issue_title if occurrence else None)

    @property
    def triggered_rule(self) -> str | None:
        """Name of the alert."""
        return self.data.triggered_rule

    @property
    def is_test(self) -> bool:
        """Sentry's "Send Test Notification", recognisable only where the action has settings."""
        return self.data.issue_alert is not None and self.data.issue_alert.id == "-1"

    @property
    def settings(self) -> dict[str, Any]:
        """The values that the alert's author filled into our form, by field name."""
        return by_name(self.data.issue_alert.settings) if self.data.issue_alert else {}
