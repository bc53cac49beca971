"""The simulated Sentry as an ASGI application: its API, routed by the table of operations, and the control routes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from vedette.api.operations import OPERATIONS
from vedette.simulator.control.routes import control_routes
from vedette.simulator.web.endpoints import ENDPOINTS
from vedette.simulator.web.server import SimulatedSentry

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    from vedette.api.operations import Operation
    from vedette.simulator.faults.faults import Faults
    from vedette.simulator.web.rate_limits import RateLimits
    from vedette.simulator.webhooks.sender import WebhookSender
    from vedette.simulator.world.world import World

METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH"]


def create_app(
    world: World,
    *,
    limits: RateLimits | None = None,
    faults: Faults | None = None,
    sender: WebhookSender | None = None,
    latency: float = 0.0,
    control: bool = True,
) -> Starlette:
    """Return the simulated Sentry's API over a world.

    Args:
        world: the simulated organization.
        limits: rate limits; those of sentry.io when left out.
        faults: the active faults; the sender's own when left out.
        sender: sends the world's webhooks; its delivery log is readable through the API. Started by the caller.
        latency: seconds that every answer takes.
        control: whether to serve `/_simulator/`.
    """
    sentry = SimulatedSentry(world, limits=limits, faults=faults, sender=sender, latency=latency)
    routes = api_routes(sentry)
    if control:
        routes += control_routes(sentry)
    routes.append(Route("/api/0/{rest:path}", _unknown, methods=METHODS))
    app = Starlette(routes=routes)
    app.router.redirect_slashes = False
    app.state.sentry = sentry
    return app


def api_routes(sentry: SimulatedSentry) -> list[Route]:
    """Return a route per path of the table, and one for the same path without its trailing slash."""
    by_path: dict[str, dict[str, Operation]] = {}
    for operation in OPERATIONS.values():
        if operation.name in ENDPOINTS:
            by_path.setdefault(operation.path, {})[operation.method] = operation
    routes: list[Route] = []
    # Longer paths first: a release's version may hold slashes, so its detail route would swallow those below it.
    for path in sorted(by_path, key=lambda path: (-path.count("/"), path)):
        template = path.replace("{version}", "{version:path}")
        routes.append(Route(template, _dispatch(sentry, by_path[path]), methods=METHODS))
    log = OPERATIONS["apps.webhook_requests"]
    # Where older servers have the delivery log; which of the two paths is there is the server profile's to say.
    older = log.path.replace("/webhook-requests/", "/requests/")
    routes.append(Route(older, _dispatch(sentry, {log.method: log}), methods=METHODS))
    routes += [Route(re.sub("/$", "", route.path), _add_slash, methods=METHODS) for route in list(routes)]
    return routes


def _dispatch(sentry: SimulatedSentry, operations: dict[str, Operation]) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        operation = operations.get("GET" if request.method == "HEAD" else request.method)
        if operation is None:
            detail = f'Method "{request.method}" not allowed.'
            return JSONResponse({"detail": detail}, 405, {"Allow": ", ".join(sorted(operations))})
        return await sentry.answer(operation, request)

    return endpoint


async def _add_slash(request: Request) -> Response:
    """Redirect to the path with its slash, as Django does: a client that follows with a write loses its body."""
    return RedirectResponse(str(request.url.replace(path=request.url.path + "/")), 301)


async def _unknown(_: Request) -> Response:
    """Answer a route that does not exist: Sentry's 404 has no body then."""
    return Response(status_code=404)
