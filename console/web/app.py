"""Builds the console's ASGI application: routes behind the guard."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from console.instance import find_instance
from console.web.access_log import AccessLog
from console.web.container import ConsoleServices
from console.web.dispatch import NOBODY, answer_error, make_endpoint
from console.web.guard import Guard
from console.web.requests import ConsoleRequest, ConsoleRoute, NoSuchPageError, json_error
from console.web.routes import ROUTES
from vedette._core import parent_watch
from vedette._core.logging_setup import configure_logging
from vedette.settings.settings import load_settings
from vedette.store.server.retrying import REDIS_ERRORS

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_STATIC: Final = Path(__file__).parent / "static"


def create_app() -> "ASGIApp":
    """Build the application from the settings, for `uvicorn console.web.app:create_app --factory`."""
    configure_logging()
    return build_app(ConsoleServices(find_instance(load_settings())))


def build_app(services: ConsoleServices) -> "ConsoleApp":
    """Build the application on the services of a process."""
    return ConsoleApp(services)


class ConsoleApp:
    """The application: the guard around the routes, with the address that the services have."""

    def __init__(self, services: ConsoleServices) -> None:
        self._services = services
        self._guard = Guard(AccessLog(_routed(services)), services.address)

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Handle a request."""
        # The port may be known only since the server listens.
        self._guard.address = self._services.address
        await self._guard(scope, receive, send)


def _routed(services: ConsoleServices) -> Starlette:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncGenerator[None]:
        del app
        parent_watch.start()
        await services.start()
        try:
            yield
        finally:
            await services.stop()

    async def live(_: Request) -> Response:
        return JSONResponse({"status": "live"})

    async def ready(_: Request) -> Response:
        try:
            await services.redis.ping()
        except REDIS_ERRORS:
            return JSONResponse({"status": "redis does not answer"}, 503)
        return JSONResponse({"status": "ready"})

    async def not_found(http: Request, error: Exception) -> Response:
        status = getattr(error, "status_code", 404)
        if http.url.path.startswith("/api/"):
            return json_error(status, "There is no such route: /api/1/openapi.json lists them")
        return answer_error(ConsoleRequest(http, services, NOBODY), _PAGE, str(NoSuchPageError()), status)

    routes = [
        Route("/health/live", live),
        Route("/health/ready", ready),
        Mount("/static", StaticFiles(directory=_STATIC)),
        *(Route(one.path, make_endpoint(services, one), methods=[one.method]) for one in ROUTES),
    ]
    return Starlette(routes=routes, lifespan=lifespan, exception_handlers={404: not_found, 405: not_found})


async def _nothing(_: ConsoleRequest) -> Response:
    raise NoSuchPageError


_PAGE: Final = ConsoleRoute("GET", "/", _nothing, None)
