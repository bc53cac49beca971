"""The receiver as an ASGI application: `uvicorn receiver.app:create_app --factory`.

It is made when a server asks for it, from settings that are read then: importing this module does nothing.
"""

import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, cast

from starlette.applications import Starlette
from starlette.exceptions import HTTPException

from receiver.admission.file_limit import raise_file_limit
from receiver.container import ReceiverServices
from receiver.endpoints.responses import ErrorResponse, Header
from receiver.endpoints.ui_components import NoResponders, Responders
from receiver.routes import ShortCuts, make_monitoring_routes, make_routes, short_cuts
from vedette._core import parent_watch
from vedette._core.logging_setup import configure_logging
from vedette.settings.problems import SettingProblem, SettingsError
from vedette.settings.settings import Settings, load_settings
from vedette.settings.settings_file import settings_file

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import Receive, Scope, Send

_WRONG_SETTINGS = 2


def create_app() -> Starlette:
    """Make the application from the process's settings; ends the process with a sentence when they cannot be used."""
    try:
        settings = load_settings()
        configure_logging()
        raise_file_limit(settings.receiver.connections_limit)
        return build_app(settings)
    except SettingsError as error:
        print(f"vedette: {error}", file=sys.stderr)  # noqa: T201 - logging may not be set up yet
        raise SystemExit(_WRONG_SETTINGS) from None


def build_app(
    settings: Settings, responders: Responders | None = None, parts: ReceiverServices | None = None
) -> Starlette:
    """Make the application.

    Args:
        settings: What `load_settings` returned.
        responders: Who answers UI components; nobody unless given.
        parts: What it is made of, where the server shares its bounds.

    Raises:
        SettingsError: When there is no client secret, so that nothing could ever be let in.
    """
    require_secret(settings)
    parts = parts or ReceiverServices(settings)
    routes = make_routes(settings, parts, responders or NoResponders())

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncGenerator[None]:
        del app
        parent_watch.hold()
        await parts.start()
        try:
            yield
        finally:
            await parts.stop()

    app = _Application(
        routes=routes,
        lifespan=lifespan,
        exception_handlers={HTTPException: _refuse, 500: _refuse},
    )
    app.take_short_cuts(short_cuts(routes, settings.integrations))
    app.router.redirect_slashes = False
    return app


class _Application(Starlette):
    """Starlette, with a short cut past its middleware and router for what nearly every request is."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._short_cuts: ShortCuts = {}

    def take_short_cuts(self, paths: ShortCuts) -> None:
        """Hand POST requests for these exact paths straight to their endpoints."""
        self._short_cuts = paths

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer one request."""
        short_cut = self._short_cuts.get(scope["path"]) if scope["type"] == "http" else None
        if short_cut is None or scope["method"] != "POST":
            await super().__call__(scope, receive, send)
            return
        endpoint, scope["path_params"] = short_cut
        await endpoint(scope, receive, send)


def build_monitoring_app(settings: Settings, parts: ReceiverServices) -> Starlette:
    """Make the application of the port for monitoring, which shares the receiver's parts."""
    routes = make_monitoring_routes(settings, parts)
    return Starlette(routes=routes, exception_handlers={HTTPException: _refuse, 500: _refuse})


def require_secret(settings: Settings) -> None:
    """Refuse settings without any client secret: such a door would be open, or shut for ever.

    Raises:
        SettingsError: Naming the variable.
    """
    if settings.is_demonstration:
        problem = "is missing: copy the integration's Client Secret from Sentry"
        raise SettingsError((SettingProblem("integrations.default.client_secret", problem, settings_file(os.environ)),))


async def _refuse(request: "Request", error: Exception) -> "Response":
    del request
    status, text, headers = 500, "internal error", ()
    if isinstance(error, HTTPException):
        status, text = error.status_code, error.detail.lower()
        headers = tuple(_header(name, value) for name, value in (error.headers or {}).items())
    # Starlette calls what a handler returns as an ASGI application, which is all that this is.
    return cast("Response", ErrorResponse(status, text, headers=headers, linger=1.0))


def _header(name: str, value: str) -> Header:
    return name.lower().encode(), value.encode()
