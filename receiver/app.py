"""The receiver as an ASGI application: `uvicorn receiver.app:create_app --factory`.

The routes are few and exact, each with and without a slash at its end: a redirect would be taken for success by Sentry,
and the delivery would be gone.
"""

import os
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, cast

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Route

from receiver.answers import Header, Refusal
from receiver.components import Components, NoResponders, Responders
from receiver.door import Door
from receiver.entrances import Entrance, LegacyEntrance, ServiceHookEntrance, WebhookEntrance
from receiver.health import Figures, Ready, live
from receiver.parts import Parts
from receiver.signature import Keyring
from vedette import lifeline
from vedette.logs import configure_logging
from vedette.settings import Settings, load_settings
from vedette.settings_errors import SettingProblem, SettingsError
from vedette.settings_variables import settings_file

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp

_WRONG_SETTINGS = 2


def create_app() -> Starlette:
    """Make the application from the process's settings; ends the process with a sentence when they cannot be used."""
    try:
        settings = load_settings()
        configure_logging()
        return build_app(settings)
    except SettingsError as error:
        print(f"vedette: {error}", file=sys.stderr)  # noqa: T201 - logging may not be set up yet
        raise SystemExit(_WRONG_SETTINGS) from None


def build_app(settings: Settings, responders: Responders | None = None) -> Starlette:
    """Make the application.

    Args:
        settings: What `load_settings` returned.
        responders: Who answers UI components; nobody unless given.

    Raises:
        SettingsError: When there is no client secret, so that nothing could ever be let in.
    """
    require_secret(settings)
    parts = Parts(settings)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncGenerator[None]:
        del app
        lifeline.hold()
        await parts.start()
        try:
            yield
        finally:
            await parts.stop()

    app = Starlette(
        routes=_routes(settings, parts, responders or NoResponders()),
        lifespan=lifespan,
        exception_handlers={HTTPException: _refuse, 500: _refuse},
    )
    app.router.redirect_slashes = False
    return app


def require_secret(settings: Settings) -> None:
    """Refuse settings without any client secret: such a door would be open, or shut for ever.

    Raises:
        SettingsError: Naming the variable.
    """
    if settings.is_demonstration:
        problem = "is missing: copy the integration's Client Secret from Sentry"
        raise SettingsError((SettingProblem("integrations.default.client_secret", problem, settings_file(os.environ)),))


def _routes(settings: Settings, parts: Parts, responders: Responders) -> list[Route]:
    linger = settings.receiver.linger

    def door(entrance: Entrance) -> Door:
        return Door(entrance, parts.intake, parts.bodies, parts.metrics, parts.refusals, parts.reporter, linger=linger)

    webhooks, service_hooks, legacy = _secrets(settings)
    components = Components(
        webhooks,
        responders,
        parts.bodies,
        parts.refusals,
        timeout=settings.receiver.component_timeout,
        linger=linger,
    )
    ready = Ready(parts.link, parts.spool.status, settings.receiver.redis_timeout)
    webhook_door, service_hook_door = door(WebhookEntrance(webhooks)), door(ServiceHookEntrance(service_hooks))
    return [
        *_both("/hooks/{integration}", webhook_door, "POST"),
        *_both("/hooks", webhook_door, "POST"),
        *_both("/service-hooks/{integration}", service_hook_door, "POST"),
        *_both("/legacy/{integration}/{secret_path}", door(LegacyEntrance(legacy)), "POST"),
        *_both("/ui/{integration}/{name}", components, "GET", "POST"),
        *_both("/health/live", live, "GET"),
        *_both("/health/ready", ready, "GET"),
        *_both("/metrics", Figures(parts.metrics), "GET"),
    ]


def _both(path: str, app: "ASGIApp", *methods: str) -> list[Route]:
    return [_AsgiRoute(path, app, methods), _AsgiRoute(f"{path}/", app, methods)]


class _AsgiRoute(Route):
    """A route whose endpoint is an ASGI application even when it is a function."""

    def __init__(self, path: str, app: "ASGIApp", methods: tuple[str, ...]) -> None:
        super().__init__(path, app, methods=methods)
        self.app = app


def _secrets(settings: Settings) -> tuple[Mapping[str, Keyring], Mapping[str, Keyring], Mapping[str, str]]:
    webhooks: dict[str, Keyring] = {}
    service_hooks: dict[str, Keyring] = {}
    legacy: dict[str, str] = {}
    for name, integration in settings.integrations.items():
        webhooks[name] = Keyring(secret.get_secret_value() for secret in integration.client_secret)
        service_hooks[name] = Keyring(secret.get_secret_value() for secret in integration.service_hook_secret)
        if integration.legacy_path is not None:
            legacy[name] = integration.legacy_path.get_secret_value()
    return webhooks, service_hooks, legacy


async def _refuse(request: "Request", error: Exception) -> "Response":
    del request
    status, text, headers = 500, "internal error", ()
    if isinstance(error, HTTPException):
        status, text = error.status_code, error.detail.lower()
        headers = tuple(_header(name, value) for name, value in (error.headers or {}).items())
    # Starlette calls what a handler returns as an ASGI application, which is all that this is.
    return cast("Response", Refusal(status, text, headers=headers, linger=1.0))


def _header(name: str, value: str) -> Header:
    return name.lower().encode(), value.encode()
