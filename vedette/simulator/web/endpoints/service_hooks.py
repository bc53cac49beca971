"""Service hooks: the older webhooks of a single project, kept but never called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vedette.simulator.serializers.dates import zulu
from vedette.simulator.web.call import ApiCall, EndpointResponse, invalid, not_found

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vedette.simulator.web.call import Handler

HOOK_EVENTS = {"event.alert", "event.created"}


def hooks(call: ApiCall) -> EndpointResponse:
    """List service hooks."""
    return EndpointResponse(call.project.hooks)


def _hook_fields(call: ApiCall) -> dict[str, Any]:
    fields = call.fields
    if "events" in fields and not HOOK_EVENTS.issuperset(fields["events"]):
        raise invalid(events="Invalid event name.")
    return {k: v for k, v in fields.items() if k in {"url", "events"}}


def create_hook(call: ApiCall) -> EndpointResponse:
    """Register a service hook."""
    fields = _hook_fields(call)
    for name in ("url", "events"):
        if not fields.get(name):
            raise invalid(**{name: "This field is required."})
    hook = {
        "id": call.world.hex_id(),
        "url": fields["url"],
        "secret": call.world.hex_id(),
        "status": "active",
        "events": fields["events"],
        "dateCreated": zulu(call.world.clock()),
    }
    call.project.hooks.append(hook)
    return EndpointResponse(hook, 201)


def _hook(call: ApiCall) -> dict[str, Any]:
    found = next((hook for hook in call.project.hooks if hook["id"] == call.path["hook_id"]), None)
    if found is None:
        raise not_found()
    return found


def hook(call: ApiCall) -> EndpointResponse:
    """Answer with a service hook."""
    return EndpointResponse(_hook(call))


def update_hook(call: ApiCall) -> EndpointResponse:
    """Change a service hook."""
    found = _hook(call)
    found |= _hook_fields(call)
    return EndpointResponse(found)


def delete_hook(call: ApiCall) -> EndpointResponse:
    """Remove a service hook."""
    call.project.hooks.remove(_hook(call))
    return EndpointResponse(status=204)


SERVICE_HOOKS: Mapping[str, Handler] = {
    "projects.hooks": hooks,
    "projects.create_hook": create_hook,
    "projects.hook": hook,
    "projects.update_hook": update_hook,
    "projects.delete_hook": delete_hook,
}
