"""Alerts as workflows, and monitors as detectors: kept as they were sent, never evaluated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vedette._core.json_values import json_list
from vedette.simulator.serializers.dates import parse, zulu
from vedette.simulator.serializers.issue import issue_json
from vedette.simulator.web.call import ApiCall, EndpointResponse, bad_request, invalid, not_found
from vedette.simulator.web.paging import paginate
from vedette.simulator.world.id_parsing import as_id

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from vedette.simulator.web.call import Handler
    from vedette.simulator.world.issues import Event

_OPTIONAL = ("environment", "config", "enabled", "owner", "triggers", "actionFilters", "detectorIds")
LONGEST_NAME = 256


def _fields(call: ApiCall, *, creating: bool) -> dict[str, Any]:
    """Return the body in camel case; snake case is taken as well."""
    fields = {_camel(name): value for name, value in call.fields.items()}
    name = fields.get("name")
    if (creating or "name" in fields) and (not isinstance(name, str) or not name):
        raise invalid(name="This field is required.")
    if isinstance(name, str) and len(name) > LONGEST_NAME:
        raise invalid(name=f"Ensure this field has no more than {LONGEST_NAME} characters.")
    return {key: value for key, value in fields.items() if key == "name" or key in _OPTIONAL}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def workflows(call: ApiCall) -> EndpointResponse:
    """List workflows; `id` narrows, `query` searches names."""
    wanted, text = set(call.query.getlist("id")), call.query.get("query", "").lower()
    if any(as_id(name) is None for name in wanted):
        raise bad_request("Invalid id.")
    found = [
        workflow
        for workflow in call.world.workflows.values()
        if (not wanted or workflow["id"] in wanted) and text in workflow["name"].lower()
    ]
    return paginate(call, found, dict)


def create_workflow(call: ApiCall) -> EndpointResponse:
    """Create a workflow."""
    fields, number, now = _fields(call, creating=True), call.world.next_id("workflow"), zulu(call.world.clock())
    workflow: dict[str, Any] = {
        "id": str(number),
        "name": "",
        "organizationId": str(call.world.organization_id),
        "createdBy": str(call.actor.user.id) if call.actor.user else None,
        "dateCreated": now,
        "dateUpdated": now,
        "triggers": None,
        "actionFilters": [],
        "environment": None,
        "config": {"frequency": 30},
        "detectorIds": [],
        "enabled": True,
        "lastTriggered": None,
        "owner": None,
        **fields,
    }
    _name_detectors(workflow)
    call.world.workflows[number] = workflow
    return EndpointResponse(workflow, 201)


def _name_detectors(workflow: dict[str, Any]) -> None:
    """Write detectors' ids as text, which is how Sentry gives back the numbers it was sent."""
    numbers = json_list(workflow["detectorIds"] or [])
    workflow["detectorIds"] = [str(number) for number in numbers]


def _workflow(call: ApiCall) -> dict[str, Any]:
    found = call.world.workflows.get(as_id(call.path["workflow_id"]) or 0)
    if found is None:
        raise not_found()
    return found


def workflow(call: ApiCall) -> EndpointResponse:
    """Answer with one workflow."""
    return EndpointResponse(_workflow(call))


def update_workflow(call: ApiCall) -> EndpointResponse:
    """Change a workflow."""
    found = _workflow(call)
    found |= _fields(call, creating=False) | {"dateUpdated": zulu(call.world.clock())}
    _name_detectors(found)
    return EndpointResponse(found)


def delete_workflow(call: ApiCall) -> EndpointResponse:
    """Delete a workflow."""
    del call.world.workflows[int(_workflow(call)["id"])]
    return EndpointResponse(status=204)


def history(call: ApiCall) -> EndpointResponse:
    """List the issues that a workflow fired for, with the last event of each, those with the most firings first."""
    limits = {name: parse(call.query[name]) for name in ("start", "end") if name in call.query}
    if None in limits.values():
        raise bad_request("Invalid date range.")
    start, end = limits.get("start"), limits.get("end")
    by_issue: dict[int, list[tuple[datetime, Event]]] = {}
    for when, event in call.world.firings.get(int(_workflow(call)["id"]), []):
        if (start is None or when >= start) and (end is None or when < end):
            by_issue.setdefault(event.issue.id, []).append((when, event))

    def row(firings: list[tuple[datetime, Event]]) -> dict[str, Any]:
        when, event = firings[-1]
        return {
            "group": issue_json(call.world, event.issue),
            "count": len(firings),
            "lastTriggered": zulu(when),
            "eventId": event.id,
        }

    return paginate(call, sorted(by_issue.values(), key=lambda firings: (-len(firings), firings[-1][0])), row)


def _all_detectors(call: ApiCall) -> list[dict[str, Any]]:
    """Return a project's error monitor for each project, which Sentry makes automatically."""
    return [
        {
            "id": str(project.id % 1_000_000),
            "projectId": str(project.id),
            "name": "Error Monitor",
            "type": "error",
            "workflowIds": [],
            "owner": None,
            "createdBy": None,
            "latestGroup": None,
            "description": None,
            "dateCreated": zulu(project.created),
            "dateUpdated": zulu(project.created),
            "dataSources": None,
            "conditionGroup": None,
            "config": {},
            "enabled": True,
        }
        for project in call.world.projects.values()
    ]


def detectors(call: ApiCall) -> EndpointResponse:
    """List monitors."""
    wanted = set(call.query.getlist("project")) - {"-1"}
    found = [detector for detector in _all_detectors(call) if not wanted or detector["projectId"] in wanted]
    return paginate(call, found, dict)


def detector(call: ApiCall) -> EndpointResponse:
    """Answer with one monitor."""
    for found in _all_detectors(call):
        if found["id"] == call.path["detector_id"]:
            return EndpointResponse(found)
    raise not_found()


ALERTS: Mapping[str, Handler] = {
    "alerts.workflows": workflows,
    "alerts.create_workflow": create_workflow,
    "alerts.workflow": workflow,
    "alerts.update_workflow": update_workflow,
    "alerts.delete_workflow": delete_workflow,
    "alerts.history": history,
    "alerts.detectors": detectors,
    "alerts.detector": detector,
}
