"""Commands of the control routes: errors, actions of people, webhooks of any kind."""

from __future__ import annotations

import ipaddress
import json
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response

from vedette._core.json_values import json_object
from vedette.simulator.serializers.issue import issue_json
from vedette.simulator.world import builders, incidents, transitions
from vedette.simulator.world.actors import SENTRY, Actor
from vedette.simulator.world.issues import ErrorReport
from vedette.simulator.world.people import Assignee

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from vedette.simulator.web.server import SimulatedSentry
    from vedette.simulator.world.projects import Project

_REPORT_FIELDS = {field.name for field in fields(ErrorReport)}


def is_loopback(host: str) -> bool:
    """Return whether a caller is on this machine; in-process clients give a name instead of an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host in {"testclient", "localhost"}


def refused(code: int, sentence: str) -> Response:
    """Answer with an error and what would be right."""
    return JSONResponse({"detail": sentence}, code)


async def read_object(request: Request) -> dict[str, Any] | None:
    """Return the JSON object of a body, {} for none, None when it is something else."""
    raw = await request.body()
    try:
        body = json.loads(raw or b"{}")
    except ValueError:
        return None
    return json_object(body) if isinstance(body, dict) else None


async def create_issue(sentry: SimulatedSentry, request: Request) -> Response:
    """Send one error into a project: `project` (slug) and any field of an error report. Like errors make one issue."""
    body = await read_object(request)
    if body is None:
        return refused(400, "The body must be a JSON object.")
    world = sentry.world
    slug = str(body.pop("project", "") or next(iter(world.project_by_slug), "backend"))
    unknown = sorted(set(body) - _REPORT_FIELDS)
    if unknown:
        return refused(400, f"Unknown: {', '.join(unknown)}. Known: project, {', '.join(sorted(_REPORT_FIELDS))}.")
    project: Project = world.project_by_slug.get(slug) or builders.add_project(world, slug)
    tags: object = body.pop("tags", {})
    if not isinstance(tags, dict):
        return refused(400, "`tags` must be an object of texts.")
    given: dict[str, Any] = {"type": "SimulatedError", "value": f"made to order {world.next_id('order')}", **body}
    wrong = [name for name, value in given.items() if not isinstance(value, bool if name == "handled" else str)]
    if wrong:
        return refused(400, f"Not of the right kind: {', '.join(wrong)}. `handled` is true or false, all others texts.")
    # Reports that differ only in their text become separate issues.
    given.setdefault("fingerprint", f"{given['type']}|{given['value']}")
    report = ErrorReport(
        **given, tags=tuple(sorted((str(key), str(value)) for key, value in json_object(tags).items()))
    )
    event = incidents.record_error(world, project, report)
    if event is None:
        return refused(409, "Issues like this were discarded.")
    return JSONResponse({"event": event.id, "issue": issue_json(world, event.issue)}, 201)


async def change_issue(sentry: SimulatedSentry, request: Request) -> Response:
    """Let a person (the first user) change an issue: `{"do": "resolve"}`; a refusal names the other verbs."""
    world, body = sentry.world, await read_object(request)
    issue = world.find_issue(request.path_params["issue_id"])
    if issue is None:
        return refused(404, "There is no such issue.")
    actor = Actor(user=next(iter(world.users.values()), None))
    verbs: dict[str, Callable[[], bool]] = {
        "resolve": lambda: transitions.resolve(world, issue, actor),
        "unresolve": lambda: transitions.unresolve(world, issue, actor),
        "archive": lambda: transitions.archive(world, issue, actor, "archived_until_escalating"),
        "escalate": lambda: incidents.escalate(world, issue),
        "assign": lambda: actor.user is not None and transitions.assign(world, issue, actor, Assignee(actor.user)),
        "unassign": lambda: transitions.unassign(world, issue, actor),
        "event": lambda: incidents.record_error(world, issue.project, issue.report) is not None,
    }
    verb = verbs.get(str((body or {}).get("do")))
    if verb is None:
        return refused(400, f"`do` must be one of {', '.join(verbs)}.")
    return JSONResponse({"changed": verb(), "issue": issue_json(world, issue)})


async def replace_token(sentry: SimulatedSentry, request: Request) -> Response:
    """Revoke the integration's tokens, and create the one of `token` where the body names one.

    Revoked tokens stay refused: naming one again answers 409.
    """
    world, body = sentry.world, await read_object(request)
    secret = (body or {}).get("token", "")
    if body is None or not isinstance(secret, str) or set(body) - {"token"}:
        return refused(400, 'The body must be {"token": "sntryi_..."}, or {} to revoke alone.')
    if secret in world.tokens:
        return refused(409, "There is or was such a token.")
    held = [token for token in world.tokens.values() if token.integration is not None and token.kind == "internal"]
    if not held:
        return refused(409, "There is no integration with a token.")
    for token in held:
        token.revoked = True
    if secret:
        world.tokens[secret] = replace(held[-1], secret=secret, revoked=False)
    return Response(status_code=204)


async def send_webhook(sentry: SimulatedSentry, request: Request) -> Response:
    """Send the given webhook to its subscribers: `resource`, `action`, `data`, with Sentry itself as the actor.

    It is for events that this world cannot produce, such as `metric_alert.critical` or `seer.pr_created`.
    """
    body = await read_object(request)
    resource, action, data = ((body or {}).get(name) for name in ("resource", "action", "data"))
    if not isinstance(resource, str) or not isinstance(action, str) or not isinstance(data, dict):
        return refused(400, "The body must have `resource` and `action` (texts) and `data` (an object).")
    given = json_object(data)
    sentry.world.emit(resource, action, lambda: given, SENTRY, sentry.world.hex_id())
    return Response(status_code=202)
