"""A project's ownership rules and CODEOWNERS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vedette.simulator.serializers.dates import zulu
from vedette.simulator.web.call import ApiCall, EndpointResponse, invalid, not_found
from vedette.simulator.world.ownership import BadRuleError, OwnershipRule, parse_rules

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vedette.simulator.web.call import Handler
    from vedette.simulator.world.projects import Project

AUTO = ("Auto Assign to Issue Owner", "Auto Assign to Suspect Commits", "Turn off Auto-Assignment")
"""What `autoAssignment` may be: three sentences."""


def _rule_json(rule: OwnershipRule) -> dict[str, Any]:
    owners = [{"type": "team" if o.startswith("#") else "user", "name": o.lstrip("#")} for o in rule.owners]
    return {"matcher": {"type": rule.kind, "pattern": rule.pattern}, "owners": owners}


def _ownership_json(project: Project) -> dict[str, Any]:
    changed = project.ownership_changed or project.created
    settings = project.settings.get("ownership", {})
    rules = [_rule_json(rule) for rule in parse_rules(project.ownership)]
    return {
        "raw": project.ownership,
        "schema": {"$version": 1, "rules": rules} if rules else None,
        "fallthrough": settings.get("fallthrough", True),
        "dateCreated": zulu(project.created),
        "lastUpdated": zulu(changed),
        "isActive": True,
        "autoAssignment": settings.get("autoAssignment", AUTO[0]),
        "codeownersAutoSync": settings.get("codeownersAutoSync", True),
    }


def ownership(call: ApiCall) -> EndpointResponse:
    """Answer with the ownership rules."""
    return EndpointResponse(_ownership_json(call.project))


def update_ownership(call: ApiCall) -> EndpointResponse:
    """Change the ownership rules; project:read is enough."""
    project, fields = call.project, call.fields
    raw = fields.get("raw", project.ownership) or ""
    try:
        parse_rules(raw)
    except BadRuleError as error:
        raise invalid(raw=str(error)) from error
    if fields.get("autoAssignment", AUTO[0]) not in AUTO:
        raise invalid(autoAssignment="Invalid selection.")
    project.ownership, project.ownership_changed = raw, call.world.clock()
    kept = {k: v for k, v in fields.items() if k in {"fallthrough", "autoAssignment", "codeownersAutoSync"}}
    project.settings["ownership"] = project.settings.get("ownership", {}) | kept
    call.world.revision += 1
    return EndpointResponse(_ownership_json(project), 202)


def _owned(call: ApiCall) -> list[dict[str, Any]]:
    return call.project.settings.setdefault("codeowners", [])


def codeowners(call: ApiCall) -> EndpointResponse:
    """List CODEOWNERS files."""
    return EndpointResponse(_owned(call))


def add_codeowners(call: ApiCall) -> EndpointResponse:
    """Add a CODEOWNERS file."""
    fields = call.fields
    for name in ("raw", "codeMappingId"):
        if not fields.get(name):
            raise invalid(**{name: "This field is required."})
    now = zulu(call.world.clock())
    entry = {
        "id": str(call.world.next_id("codeowners")),
        "raw": fields["raw"],
        "codeMappingId": str(fields["codeMappingId"]),
        "provider": "github",
        "dateCreated": now,
        "dateUpdated": now,
    }
    _owned(call).append(entry)
    return EndpointResponse(entry, 201)


def _codeowners(call: ApiCall) -> dict[str, Any]:
    wanted = call.path["codeowners_id"]
    found = next((entry for entry in _owned(call) if entry["id"] == wanted), None)
    if found is None:
        raise not_found()
    return found


def update_codeowners(call: ApiCall) -> EndpointResponse:
    """Change a CODEOWNERS file."""
    entry = _codeowners(call)
    entry |= {k: v for k, v in call.fields.items() if k in {"raw", "codeMappingId"}}
    entry["dateUpdated"] = zulu(call.world.clock())
    return EndpointResponse(entry)


def delete_codeowners(call: ApiCall) -> EndpointResponse:
    """Delete a CODEOWNERS file."""
    _owned(call).remove(_codeowners(call))
    return EndpointResponse(status=204)


PROJECT_RULES: Mapping[str, Handler] = {
    "projects.ownership": ownership,
    "projects.update_ownership": update_ownership,
    "projects.codeowners": codeowners,
    "projects.add_codeowners": add_codeowners,
    "projects.update_codeowners": update_codeowners,
    "projects.delete_codeowners": delete_codeowners,
}
