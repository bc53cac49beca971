"""Builds the receiver's ASGI application: `uvicorn receiver.app:create_app --factory`.

Importing this module has no effect; the settings are read when the server calls the factory.
"""

import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, cast

from starlette.applications import Starlette
from starlette.exceptions import HTTPException

from receiver.container import ReceiverServices
from receiver.endpoints.responses import ErrorResponse, Header
from receiver.endpoints.ui_components import NoResponders, Responders
from receiver.routes import DirectRoutes, find_direct_routes, make_monitoring_routes, make_routes
from vedette._core import parent_watch
from vedette._core.logging_setup import configure_logging, set_log_level
from vedette.http_server.buffered_request import BufferedRequest
from vedette.http_server.file_limit import raise_file_limit
from vedette.settings.problems import SettingProblem, SettingsError
from vedette.settings.settings import Settings, load_settings
from vedette.settings.settings_file import settings_file

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import Receive, Scope, Send

_WRONG_SETTINGS = 2


def create_app() -> Starlette:
    """Build the application from the process's settings; exit with a message when they are invalid."""
    try:
        settings = load_settings()
        configure_logging()
        set_log_level(settings.log_level)
        raise_file_limit(settings.receiver.connections_limit)
        return build_app(settings)
    except SettingsError as error:
        print(f"vedette: {error}", file=sys.stderr)  # noqa: T201 - logging may not be set up yet
        raise SystemExit(_WRONG_SETTINGS) from None


def build_app(
    settings: Settings, responders: Responders | None = None, services: ReceiverServices | None = None
) -> "ReceiverApplication":
    """Build the application.

    Args:
        settings: The settings of this process.
        responders: The responders of UI components; none unless given.
        services: The services, where a server shares their limits; made from the settings unless given.

    Raises:
        SettingsError: When there is no client secret, so that no delivery could be verified.
    """
    require_secret(settings)
    services = services or ReceiverServices(settings)
    routes = make_routes(settings, services, responders or NoResponders())

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncGenerator[None]:
        del app
        parent_watch.start()
        await services.start()
        try:
            yield
        finally:
            await services.stop()

    app = ReceiverApplication(
        routes=routes,
        lifespan=lifespan,
        exception_handlers={HTTPException: _respond_to_error, 500: _respond_to_error},
    )
    app.set_direct_routes(find_direct_routes(routes, settings.integrations))
    app.router.redirect_slashes = False
    return app


class ReceiverApplication(Starlette):
    """Starlette, with direct routes that bypass its middleware and router for the paths of webhooks."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._direct_routes: DirectRoutes = {}

    def set_direct_routes(self, paths: DirectRoutes) -> None:
        """Send POST requests for these exact paths directly to their endpoints."""
        self._direct_routes = paths

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Handle a request."""
        direct = self._direct_routes.get(scope["path"]) if scope["type"] == "http" else None
        if direct is None or scope["method"] != "POST":
            await super().__call__(scope, receive, send)
            return
        endpoint, scope["path_params"] = direct
        await endpoint(scope, receive, send)

    def handle_buffered(self, request: BufferedRequest) -> bool:
        """Handle a request with its complete body without a task: a webhook's; see `BufferedHandler`."""
        scope = request.scope
        direct = self._direct_routes.get(scope["path"])
        if direct is None or scope["method"] != "POST":
            return False
        endpoint, scope["path_params"] = direct
        return endpoint.handle_buffered(request)


def build_monitoring_app(settings: Settings, services: ReceiverServices) -> Starlette:
    """Build the application of the monitoring port, which shares the receiver's services."""
    routes = make_monitoring_routes(settings, services)
    return Starlette(routes=routes, exception_handlers={HTTPException: _respond_to_error, 500: _respond_to_error})


def require_secret(settings: Settings) -> None:
    """Reject settings without a client secret, with which no delivery could be verified.

    Raises:
        SettingsError: There is none; the message names the variable.
    """
    if settings.is_demonstration:
        problem = "is missing: copy the integration's Client Secret from Sentry"
        raise SettingsError((SettingProblem("integrations.default.client_secret", problem, settings_file(os.environ)),))


async def _respond_to_error(request: "Request", error: Exception) -> "Response":
    del request
    status, text, headers = 500, "internal error", ()
    if isinstance(error, HTTPException):
        status, text = error.status_code, error.detail.lower()
        headers = tuple(_encode_header(name, value) for name, value in (error.headers or {}).items())
    # Starlette calls the value that a handler returns as an ASGI application, and this is one.
    return cast("Response", ErrorResponse(status, text, headers=headers, linger=1.0))


def _encode_header(name: str, value: str) -> Header:
    return name.lower().encode(), value.encode()
