"""Rebuilds the payload of a webhook that carries a whole event, from the event as Sentry stores it.

Sentry makes `data.error` and `data.event` of `event.as_dict()`, which the endpoint `events/ID/json/` shows too, and
adds three addresses and the issue's id (`sentry/sentry_apps/tasks/sentry_apps.py`, `_webhook_event_data`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from vedette.history.activity_changes import moment
from vedette.history.payload import SENTRY_ACTOR, Origin

ERROR_CREATED: Final = "error.created"
ALERT_TRIGGERED: Final = "event_alert.triggered"


@dataclass(frozen=True, slots=True)
class EventNotice:
    """An error, or the firing of an alert, for which Sentry sends a webhook with the whole event.

    Attributes:
        name: `error.created` or `event_alert.triggered`.
        at: When it happened: the time of the error, or of the firing.
        event: The event's id.
        issue: The id of its issue.
        project: The slug of its project.
        project_id: The id of its project.
        title: The title of its issue.
        rule: The name of the alert; empty for an error.
    """

    name: str
    at: datetime
    event: str
    issue: str
    project: str
    project_id: str
    title: str = ""
    rule: str = ""

    @property
    def resource(self) -> str:
        """The resource of the webhook."""
        return self.name.partition(".")[0]


def rebuild_event_payload(notice: EventNotice, stored: Mapping[str, Any], origin: Origin) -> dict[str, Any]:
    """Return the payload of the webhook.

    Args:
        notice: The error or firing.
        stored: The event as Sentry stores it; with its ids alone the payload suffices to be identified.
        origin: The other parts.
    """
    root = origin.api_url.partition("/api/0/")[0]
    organization = origin.api_url.rstrip("/").split("/")[-2]
    project = f"{root}/api/0/projects/{organization}/{notice.project}/events/{notice.event}/"
    addresses = {
        "url": project,
        "web_url": f"{root}/organizations/{organization}/issues/{notice.issue}/events/{notice.event}/",
        "issue_url": f"{origin.api_url}{notice.issue}/",
        "issue_id": notice.issue,
    }
    event = {**stored, **addresses}
    installation = {"installation": {"uuid": origin.installation}} if origin.installation else {}
    envelope = {**installation, "actor": dict(SENTRY_ACTOR)}
    if notice.name == ERROR_CREATED:
        return {"action": "created", **envelope, "data": {"error": event}}
    # That of an alert has the spelling of Sentry's JSON, and not that of Python.
    at = moment(event.get("datetime"))
    shown = {} if at is None else {"datetime": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")}
    return {"action": "triggered", **envelope, "data": {"event": event | shown, "triggered_rule": notice.rule}}
