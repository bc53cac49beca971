"""The control routes under `/_simulator/`: trigger events from outside, for tests and demonstrations.

They answer callers on the same machine only, who can change everything in the world.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from vedette.simulator.control.commands import (
    change_issue,
    create_issue,
    is_loopback,
    read_object,
    refused,
    replace_token,
    send_webhook,
)
from vedette.simulator.faults.faults import Fault, UnknownFaultError
from vedette.simulator.serializers.dates import zulu
from vedette.simulator.serializers.issue import status_details

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    from vedette.simulator.web.server import SimulatedSentry

    Endpoint = Callable[[SimulatedSentry, Request], Awaitable[Response]]


def control_routes(sentry: SimulatedSentry) -> list[Route]:
    """Return the routes."""
    table: list[tuple[str, str, Endpoint]] = [
        ("/_simulator/state", "GET", state),
        ("/_simulator/issues", "POST", create_issue),
        ("/_simulator/issues/{issue_id}", "POST", change_issue),
        ("/_simulator/webhooks", "POST", send_webhook),
        ("/_simulator/tokens", "POST", replace_token),
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
        if not is_loopback(host):
            return refused(403, "The control routes answer callers on the same machine only.")
        if "origin" in request.headers:
            # A page in a browser on this machine is not its owner.
            return refused(403, "The control routes answer programs, not pages: send no Origin header.")
        return await endpoint(sentry, request)

    return guarded


async def state(sentry: SimulatedSentry, request: Request) -> Response:
    """Show counts, and every issue's id, title and state; with `issues=0` the counts alone."""
    world = sentry.world
    issues = [
        {
            "id": str(issue.id),
            "shortId": issue.short_id,
            "title": issue.title,
            "project": issue.project.slug,
            "status": issue.status,
            "substatus": issue.substatus,
            "statusDetails": status_details(world, issue),
            "forReview": issue.in_inbox,
            "priority": issue.priority,
            "assignedTo": issue.assignee.name if issue.assignee else None,
            "comments": [comment.text for comment in issue.comments],
            "links": [[link["displayName"], link["webUrl"]] for link in issue.links],
            "seer": issue.autofix and issue.autofix["status"],
            "count": issue.count,
        }
        for issue in (world.issues.values() if request.query_params.get("issues") != "0" else ())
    ]
    return JSONResponse(
        {
            "organization": world.organization_slug,
            "projects": list(world.project_by_slug),
            "teams": list(world.team_by_slug),
            "now": zulu(world.clock()),
            "calls": sentry.calls,
            "writes": sentry.writes,
            "limited": sentry.limiter.refused,
            "webhooks": sentry.sender.sent if sentry.sender else 0,
            "issues": issues,
        }
    )


async def list_faults(sentry: SimulatedSentry, _: Request) -> Response:
    """List the active faults."""
    return JSONResponse([fault.as_json() for fault in sentry.faults.standing])


async def add_fault(sentry: SimulatedSentry, request: Request) -> Response:
    """Add a fault."""
    try:
        fault = Fault.from_json(await read_object(request) or {})
    except UnknownFaultError as error:
        return refused(400, error.text)
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
    """Answer once no webhook is in flight."""
    if sentry.sender:
        await sentry.sender.idle()
    return Response(status_code=204)
