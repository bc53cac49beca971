"""The fields of a custom integration: what they may be, and setting them."""

from __future__ import annotations

from typing import Any

from vedette.simulator.web.call import ApiCall, invalid
from vedette.simulator.world.integrations import EVENTS_OF_RESOURCE, Integration

LONGEST_NAME = 57


# Resources that need event:read among the integration's scopes.
_NEED_EVENT_READ = {"issue", "error", "comment"}


def check(call: ApiCall, fields: dict[str, Any], app: Integration | None) -> None:
    """Check that scopes, events and address fit together, and that the caller may grant them.

    Raises:
        ApiError: 400 on the field.
    """
    scopes = set(fields.get("scopes", app.scopes if app else ()))
    events = set(fields.get("events", app.events if app else ()))
    held = call.token.scopes if call.token else frozenset[str]()
    beyond = scopes - held - set(app.scopes if app else ()) - {"project:distribution"}
    if beyond:
        raise invalid(scopes=f"Requested permission of {min(beyond)} exceeds requester's permission.")
    resources = {event.partition(".")[0] for event in events}
    unknown = resources - set(EVENTS_OF_RESOURCE)
    if unknown:
        raise invalid(events=f"Invalid event subscription: {min(unknown)}")
    if resources & _NEED_EVENT_READ and not any(scope.startswith("event:") for scope in scopes):
        raise invalid(events="issue webhooks require the event:read permission.")
    url = fields.get("webhookUrl", app.webhook_url if app else None)
    if not url and (events or fields.get("isAlertable")):
        raise invalid(webhookUrl="webhookUrl required if webhook events or alerts are used")


def read_name(fields: dict[str, Any]) -> str:
    """Return the name.

    Raises:
        ApiError: 400 on `name`.
    """
    name = fields.get("name")
    if not isinstance(name, str) or not name.strip():
        raise invalid(name="This field is required.")
    if len(name) > LONGEST_NAME:
        raise invalid(name=f"Cannot exceed {LONGEST_NAME} characters")
    return name


def change(app: Integration, fields: dict[str, Any]) -> None:
    """Set the fields that were sent."""
    app.webhook_url = fields.get("webhookUrl", app.webhook_url)
    app.events = tuple(fields.get("events", app.events))
    app.scopes = tuple(fields.get("scopes", app.scopes))
    app.alertable = fields.get("isAlertable", app.alertable)
    app.overview = fields.get("overview", app.overview)
    app.author = fields.get("author", app.author)
    app.redirect_url = fields.get("redirectUrl", app.redirect_url)
    app.verify_install = fields.get("verifyInstall", app.verify_install)
    app.allowed_origins = tuple(fields.get("allowedOrigins", app.allowed_origins))
    if "webhookHeaders" in fields:
        pairs = (str(line).partition(":") for line in fields["webhookHeaders"])
        app.webhook_headers = tuple((name.strip(), value.strip()) for name, _, value in pairs)
