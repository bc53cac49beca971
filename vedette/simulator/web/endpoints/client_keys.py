"""Client keys of a project: list, create, read, change, delete; each answer has the secret."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from vedette._core.json_values import json_object
from vedette.simulator.serializers.project import key_json
from vedette.simulator.web.call import ApiCall, EndpointResponse, bad_request, invalid, not_found
from vedette.simulator.web.paging import paginate
from vedette.simulator.world.projects import ClientKey

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vedette.simulator.web.call import Handler

LONGEST_NAME = 64
_OPTIONS = ("hasReplay", "hasPerformance", "hasDebug", "hasFeedback", "hasLogsAndMetrics")


def _answer(call: ApiCall, key: ClientKey, status: int = 200) -> EndpointResponse:
    return EndpointResponse(key_json(call.world, call.project, key), status)


def _key(call: ApiCall) -> ClientKey:
    found = next((key for key in call.project.keys if key.public == call.path["key_id"]), None)
    if found is None:
        raise not_found()
    return found


def keys(call: ApiCall) -> EndpointResponse:
    """List client keys, newest first."""
    wanted = call.query.get("status")
    if wanted not in {None, "active", "inactive"}:
        raise bad_request("Invalid status.")
    found = [key for key in call.project.keys if wanted is None or key.is_active == (wanted == "active")]
    return paginate(call, found[::-1], lambda key: key_json(call.world, call.project, key))


def key(call: ApiCall) -> EndpointResponse:
    """Answer with one client key."""
    return _answer(call, _key(call))


def create_key(call: ApiCall) -> EndpointResponse:
    """Create a client key; a repeat makes a second one."""
    project, fields, world = call.project, call.fields, call.world
    _check(fields)
    public, secret = (_secret(fields, name) or world.hex_id() for name in ("public", "secret"))
    label = fields.get("name") or f"Key {len(project.keys) + 1}"
    made = ClientKey(public, secret, label, world.clock())
    _change(made, fields)
    project.keys.append(made)
    return _answer(call, made, 201)


def update_key(call: ApiCall) -> EndpointResponse:
    """Change a client key; events that come with an inactive one are dropped."""
    found, fields = _key(call), call.fields
    _check(fields)
    _change(found, fields)
    return _answer(call, found)


def delete_key(call: ApiCall) -> EndpointResponse:
    """Delete a client key."""
    call.project.keys.remove(_key(call))
    return EndpointResponse(status=204)


def _check(fields: dict[str, Any]) -> None:
    name, active, limit = fields.get("name"), fields.get("isActive"), fields.get("rateLimit")
    if name is not None and (not isinstance(name, str) or len(name) > LONGEST_NAME):
        raise invalid(name=f"Ensure this field has no more than {LONGEST_NAME} characters.")
    if active is not None and not isinstance(active, bool):
        raise invalid(isActive="Must be a valid boolean.")
    if limit is None:
        return
    numbers = json_object(limit)
    wrong = [part for part in ("count", "window") if not isinstance(numbers.get(part), int | None)]
    if not isinstance(limit, dict) or wrong:
        raise invalid(rateLimit={part: ["A valid integer is required."] for part in wrong or ("count", "window")})


def _secret(fields: dict[str, Any], name: str) -> str | None:
    value = fields.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or re.fullmatch("[0-9a-f]{32}", value) is None:
        raise invalid(**{name: "This value does not match the required pattern."})
    return value


def _change(key: ClientKey, fields: dict[str, Any]) -> None:
    key.label = fields.get("name") or key.label
    if fields.get("isActive") is not None:
        key.is_active = fields["isActive"]
    if "rateLimit" in fields:
        limit = json_object(fields["rateLimit"])
        is_whole = bool(limit.get("count")) and bool(limit.get("window"))
        key.rate_limit = {"count": limit["count"], "window": limit["window"]} if is_whole else None
    key.browser_sdk_version = fields.get("browserSdkVersion") or key.browser_sdk_version
    options = json_object(fields.get("dynamicSdkLoaderOptions"))
    key.loader_options |= {name: bool(options[name]) for name in _OPTIONS if name in options}


CLIENT_KEYS: Mapping[str, Handler] = {
    "projects.keys": keys,
    "projects.key": key,
    "projects.create_key": create_key,
    "projects.update_key": update_key,
    "projects.delete_key": delete_key,
}
