"""Custom integrations: read, change, and the log of the webhooks sent to them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from vedette.simulator.faults.integration_faults import configured, saved
from vedette.simulator.serializers.dates import zulu
from vedette.simulator.web.call import ApiCall, EndpointResponse, bad_request, forbidden, not_found
from vedette.simulator.web.endpoints.app_validation import change, check, read_name
from vedette.simulator.web.paging import paginate
from vedette.simulator.world import builders
from vedette.simulator.world.integrations import EVENTS_OF_RESOURCE, Integration, single_events

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vedette.api.operations import Operation
    from vedette.simulator.web.call import Handler

MASK = "*" * 64
_KINDS = frozenset(
    [f"{resource}.{action}" for resource, actions in EVENTS_OF_RESOURCE.items() for action in actions]
    + ["issue.archived", "event_alert.triggered", "activity_alert.triggered"]
    + ["installation.created", "installation.deleted", "select_options.requested", "alert_rule_action.requested"]
    + ["external_issue.created", "external_issue.linked"]
    + [f"metric_alert.{action}" for action in ("critical", "warning", "resolved", "open")]
)
"""What `eventType` may name."""


def app_json(call: ApiCall, app: Integration, *, secret: bool = False) -> dict[str, Any]:
    """Return a custom integration; its secret is masked unless the caller may manage it."""
    app = configured(app, call.faults)
    return {
        "name": app.name,
        "slug": app.slug,
        "uuid": app.uuid,
        "status": app.status,
        "scopes": list(app.scopes),
        "events": sorted({event.partition(".")[0] for event in app.events}),
        "webhookEvents": single_events(app.events),
        "webhookUrl": app.webhook_url,
        "webhookHeaders": [f"{name}: {'*' * 8}" for name, _ in app.webhook_headers],
        "isAlertable": app.alertable,
        "isDisabled": app.disabled,
        "verifyInstall": app.verify_install,
        "allowedOrigins": list(app.allowed_origins),
        "redirectUrl": app.redirect_url,
        "overview": app.overview,
        "author": app.author,
        "schema": {},
        "metadata": {},
        "featureData": [],
        "avatars": [],
        "popularity": 1,
        "clientId": app.uuid.replace("-", "") * 2,
        "clientSecret": app.client_secret if secret else MASK,
        "owner": {"id": call.world.organization_id, "slug": call.world.organization_slug},
    }


def list_apps(call: ApiCall) -> EndpointResponse:
    """List the organization's custom integrations."""
    return paginate(call, list(call.world.integrations.values()), lambda app: app_json(call, app))


def get(call: ApiCall) -> EndpointResponse:
    """Answer with one custom integration; its secret for a person who may manage it."""
    # The proxy user of an integration is no member, so its own token does not open it either.
    if call.integration.status != "published":
        _person(call, "User must be in the app owner's organization for unpublished apps")
    manages = call.holds("org:write")
    return EndpointResponse(app_json(call, call.integration, secret=manages))


def _person(call: ApiCall, sentence: str = "User must be in the app owner's organization") -> None:
    """Refuse integrations: their proxy user is no member of the organization."""
    if not _is_member(call):
        raise forbidden(sentence)


def _is_member(call: ApiCall) -> bool:
    return call.actor.user is not None and call.world.member_of(call.actor.user) is not None


def _check_enabled(app: Integration) -> None:
    """Refuse what concerns an integration that Sentry's staff switched off."""
    if app.disabled:
        raise forbidden()


def update(call: ApiCall) -> EndpointResponse:
    """Change a custom integration; every field is optional."""
    _person(call)
    app, fields = call.integration, call.fields
    if "name" in fields:
        app.name = read_name(fields)
    check(call, fields, app)
    change(app, fields)
    saved(call.faults, set(fields))
    return EndpointResponse(app_json(call, app, secret=True))


def create(call: ApiCall) -> EndpointResponse:
    """Create an internal integration."""
    _person(call)
    fields = call.fields
    name = read_name(fields)
    check(call, fields, None)
    app = builders.add_integration(call.world, name, events=(), scopes=tuple(fields.get("scopes", ())))
    app.alertable = False
    change(app, {key: value for key, value in fields.items() if key != "scopes"})
    return EndpointResponse(app_json(call, app, secret=True), 201)


def delete(call: ApiCall) -> EndpointResponse:
    """Delete a custom integration; its tokens end with it, and published ones are refused."""
    _person(call)
    app = call.integration
    if app.status == "published":
        raise forbidden("Published apps cannot be removed.")
    del call.world.integrations[app.slug]
    for token in call.world.tokens.values():
        token.revoked = token.revoked or token.integration is app
    return EndpointResponse(status=204)


def rotate_secret(call: ApiCall) -> EndpointResponse:
    """Give a new client secret; webhooks are signed with it at once."""
    _person(call)
    call.integration.client_secret = call.world.hex_id() + call.world.hex_id()
    return EndpointResponse({"clientSecret": call.integration.client_secret})


def _date(call: ApiCall, operation: Operation, name: str) -> datetime | None:
    text = call.query.get(name)
    if text is None:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError as error:
        raise bad_request(f"Invalid {name} date for {operation.name}: use YYYY-MM-DD HH:MM:SS.") from error


def webhook_requests(call: ApiCall) -> EndpointResponse:
    """Answer with the delivery log, newest first."""
    app, profile = configured(call.integration, call.faults), call.world.profile
    _check_enabled(app)
    start, end = _date(call, call.operation, "start"), _date(call, call.operation, "end")
    if start and end and start > end:
        raise bad_request("Invalid timestamp range, start must be before end.")
    kind = call.query.get("eventType")
    if kind is not None and kind not in _KINDS:
        raise bad_request("Invalid event type.")
    # Sentry stores no organization with the requests of internal integrations, so none of them is of the one asked for.
    if app.status == "internal" and call.query.get("organizationSlug"):
        return EndpointResponse([])
    errors_only = call.query.get("errorsOnly") in {"1", "true"}
    lines = call.log_of(app.slug).read(call.world.clock(), event_type=kind, errors_only=errors_only)
    found = [a for a in lines if (start is None or a.when >= start) and (end is None or a.when <= end)]
    return EndpointResponse([attempt.as_json(brief=profile.brief_log) for attempt in found])


def installations(call: ApiCall) -> EndpointResponse:
    """List installations; `uuid` is what webhooks name. An integration's token does not find the organization."""
    if not _is_member(call):
        raise not_found()

    def as_json(app: Integration) -> dict[str, Any]:
        return {
            "app": {"uuid": app.uuid, "slug": app.slug, "sentryAppId": app.id},
            "organization": {"slug": call.world.organization_slug, "id": call.world.organization_id},
            "uuid": app.installation,
            "status": "installed",
            "dateCreated": zulu(app.created),
        }

    return paginate(call, list(call.world.integrations.values()), as_json)


APPS: Mapping[str, Handler] = {
    "apps.list": list_apps,
    "apps.get": get,
    "apps.update": update,
    "apps.create": create,
    "apps.delete": delete,
    "apps.rotate_secret": rotate_secret,
    "apps.webhook_requests": webhook_requests,
    "apps.installations": installations,
}
