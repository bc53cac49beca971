"""The control routes under `/_simulator/`: make things happen from outside, for tests and demonstrations.

Answered to callers on the same machine only: whoever reaches them rules the world.
"""

from __future__ import annotations

import ipaddress
import json
from dataclasses import fields
from typing import TYPE_CHECKING, Any, cast

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from vedette.simulator import happenings, population, status
from vedette.simulator.actors import Actor
from vedette.simulator.dates import zulu
from vedette.simulator.faults import Fault, UnknownFaultError
from vedette.simulator.issue_json import issue_json
from vedette.simulator.issues import ErrorReport

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    from vedette.simulator.projects import Project
    from vedette.simulator.server import SimulatedSentry

    Endpoint = Callable[[SimulatedSentry, Request], Awaitable[Response]]

_REPORT_FIELDS = {field.name for field in fields(ErrorReport)}


def control_routes(sentry: SimulatedSentry) -> list[Route]:
    """Return the routes."""
    table: list[tuple[str, str, Endpoint]] = [
        ("/_simulator/state", "GET", state),
        ("/_simulator/issues", "POST", create_issue),
        ("/_simulator/issues/{issue_id}", "POST", change_issue),
        ("/_simulator/faults", "GET", list_faults),
        ("/_simulator/faults", "POST", add_fault),
        ("/_simulator/faults", "DELETE", clear_faults),
        ("/_simulator/deliveries", "GET", deliveries),
        ("/_simulator/idle", "POST", idle),
    ]
    return [Route(path, _local(sentry, endpoint), methods=[method]) for path, method, endpoint in table]


def _local(sentry: SimulatedSentry, endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
    async def guarded(request: Request) -> Response:
        host = request.client.host if request.client else "127.0.0.1"
        if not _is_loopback(host):
            return _refused(403, "The control routes answer callers on the same machine only.")
        return await endpoint(sentry, request)

    return guarded


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        # In-process clients give a name instead of an address.
        return host in {"testclient", "localhost"}


def _refused(code: int, sentence: str) -> Response:
    return JSONResponse({"detail": sentence}, code)


async def _body(request: Request) -> dict[str, Any] | None:
    """Return the JSON object of a body, {} for none, None when it is something else."""
    raw = await request.body()
    try:
        body = json.loads(raw or b"{}")
    except ValueError:
        return None
    return cast("dict[str, Any]", body) if isinstance(body, dict) else None


async def state(sentry: SimulatedSentry, _: Request) -> Response:
    """Show counts, and every issue's id, title and state."""
    world = sentry.world
    issues = [
        {
            "id": str(issue.id),
            "shortId": issue.short_id,
            "title": issue.title,
            "project": issue.project.slug,
            "status": issue.status,
            "substatus": issue.substatus,
            "priority": issue.priority,
            "assignedTo": issue.assignee.name if issue.assignee else None,
            "comments": [comment.text for comment in issue.comments],
            "count": issue.count,
        }
        for issue in world.issues.values()
    ]
    return JSONResponse(
        {
            "organization": world.organization_slug,
            "projects": list(world.project_by_slug),
            "teams": list(world.team_by_slug),
            "now": zulu(world.clock()),
            "calls": sentry.calls,
            "limited": sentry.limiter.refused,
            "webhooks": sentry.sender.sent if sentry.sender else 0,
            "issues": issues,
        }
    )


async def create_issue(sentry: SimulatedSentry, request: Request) -> Response:
    """Send one error into a project: `project` (slug) and any field of an error report. Like errors make one issue."""
    body = await _body(request)
    if body is None:
        return _refused(400, "The body must be a JSON object.")
    world = sentry.world
    slug = str(body.pop("project", "") or next(iter(world.project_by_slug), "backend"))
    unknown = sorted(set(body) - _REPORT_FIELDS)
    if unknown:
        return _refused(400, f"Unknown: {', '.join(unknown)}. Known: project, {', '.join(sorted(_REPORT_FIELDS))}.")
    project: Project = world.project_by_slug.get(slug) or population.add_project(world, slug)
    tags = cast("dict[str, str]", body.pop("tags", {}))
    given: dict[str, Any] = {"type": "SimulatedError", "value": f"made to order {world.next_id('order')}", **body}
    # What is told apart by its words alone shall be another issue.
    given.setdefault("fingerprint", f"{given['type']}|{given['value']}")
    report = ErrorReport(**given, tags=tuple(sorted(tags.items())))
    event = happenings.record_error(world, project, report)
    if event is None:
        return _refused(409, "Issues like this were discarded.")
    return JSONResponse({"event": event.id, "issue": issue_json(world, event.issue)}, 201)


async def change_issue(sentry: SimulatedSentry, request: Request) -> Response:
    """Let a person (the first user) change an issue: `{"do": "resolve"}`; a refusal names the other verbs."""
    world, body = sentry.world, await _body(request)
    issue = world.find_issue(request.path_params["issue_id"])
    if issue is None:
        return _refused(404, "There is no such issue.")
    actor = Actor(user=next(iter(world.users.values()), None))
    verbs: dict[str, Callable[[], bool]] = {
        "resolve": lambda: status.resolve(world, issue, actor),
        "unresolve": lambda: status.unresolve(world, issue, actor),
        "archive": lambda: status.archive(world, issue, actor, "archived_until_escalating"),
        "escalate": lambda: happenings.escalate(world, issue),
        "unassign": lambda: status.unassign(world, issue, actor),
        "event": lambda: happenings.record_error(world, issue.project, issue.report) is not None,
    }
    verb = verbs.get(str((body or {}).get("do")))
    if verb is None:
        return _refused(400, f"`do` must be one of {', '.join(verbs)}.")
    return JSONResponse({"changed": verb(), "issue": issue_json(world, issue)})


async def list_faults(sentry: SimulatedSentry, _: Request) -> Response:
    """Show the faults that stand."""
    return JSONResponse([fault.as_json() for fault in sentry.faults.standing])


async def add_fault(sentry: SimulatedSentry, request: Request) -> Response:
    """Let a fault stand."""
    try:
        fault = Fault.from_json(await _body(request) or {})
    except UnknownFaultError as error:
        return _refused(400, error.text)
    sentry.faults.add(fault)
    return JSONResponse(fault.as_json(), 201)


async def clear_faults(sentry: SimulatedSentry, _: Request) -> Response:
    """End all faults."""
    sentry.faults.clear()
    return Response(status_code=204)


async def deliveries(sentry: SimulatedSentry, request: Request) -> Response:
    """Show the webhooks sent, newest first, of all integrations."""
    now = sentry.world.clock()
    errors_only = request.query_params.get("errors") in {"1", "true"}
    found = [
        attempt
        for integration in sentry.world.integrations
        for attempt in sentry.log_of(integration).read(now, errors_only=errors_only)
    ]
    return JSONResponse([attempt.as_json() for attempt in found])


async def idle(sentry: SimulatedSentry, _: Request) -> Response:
    """Answer once no webhook is on its way."""
    if sentry.sender:
        await sentry.sender.idle()
    return Response(status_code=204)
