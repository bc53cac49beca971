"""The paths the receiver answers on.

They are few and exact, each with and without a slash at its end: a redirect would be taken for success by Sentry, and
the delivery would be gone.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from receiver.container import ReceiverServices
from receiver.endpoints.health import MetricsEndpoint, ReadinessEndpoint, live
from receiver.endpoints.ui_components import Components, Responders
from receiver.endpoints.webhooks import WebhookEndpoint
from receiver.verification.signatures import Keyring
from receiver.verification.sources import DeliverySource, LegacySource, ServiceHookSource, WebhookSource
from vedette.settings.settings import DEFAULT_INTEGRATION, IntegrationSettings, Settings

if TYPE_CHECKING:
    from pydantic import SecretStr
    from starlette.types import ASGIApp

ShortCuts = Mapping[str, "tuple[ASGIApp, dict[str, Any]]"]
"""Exact path -> endpoint and the parameters that the router would find in the path."""

_HOOKS = "/hooks"
_HOOKS_OF = "/hooks/{integration}"


class AsgiRoute(Route):
    """A route whose endpoint is an ASGI application even when it is a function."""

    def __init__(self, path: str, app: "ASGIApp", methods: tuple[str, ...]) -> None:
        super().__init__(path, app, methods=methods)
        self.app = app


def make_routes(settings: Settings, parts: ReceiverServices, responders: Responders) -> list[AsgiRoute]:
    """Return all routes; an integration without a secret for an entrance has no path there."""
    bounds, integrations = settings.receiver, settings.integrations
    webhooks = {name: _keyring(integration.client_secret) for name, integration in integrations.items()}
    service_hooks = {name: _keyring(integration.service_hook_secret) for name, integration in integrations.items()}
    components = Components(
        webhooks,
        responders,
        parts.bodies,
        parts.refusals,
        timeout=bounds.component_timeout,
        linger=bounds.linger,
    )
    webhook_door = _door(WebhookSource(webhooks), settings, parts)
    return [
        *_both(_HOOKS_OF, webhook_door, "POST"),
        *_both(_HOOKS, webhook_door, "POST"),
        *_both("/service-hooks/{integration}", _door(ServiceHookSource(service_hooks), settings, parts), "POST"),
        *_both("/legacy/{integration}/{secret_path}", _door(_legacy(integrations), settings, parts), "POST"),
        *_both("/ui/{integration}/{name}", components, "GET", "POST"),
        *_both("/health/live", live, "GET"),
        *(make_monitoring_routes(settings, parts) if bounds.metrics_port is None else ()),
    ]


def make_monitoring_routes(settings: Settings, parts: ReceiverServices) -> list[AsgiRoute]:
    """Return the routes that tell how the receiver is: names of integrations, volumes, what troubles Redis."""
    ready = ReadinessEndpoint(parts.link, parts.spool.status, settings.receiver.redis_timeout)
    return [*_both("/health/ready", ready, "GET"), *_both("/metrics", MetricsEndpoint(parts.metrics), "GET")]


def short_cuts(routes: Iterable[AsgiRoute], integrations: Iterable[str]) -> ShortCuts:
    """Return the exact paths of webhooks, so that they need no matching."""
    doors = {route.path: route.app for route in routes}
    found: dict[str, tuple[ASGIApp, dict[str, Any]]] = {_HOOKS: (doors[_HOOKS], {"integration": DEFAULT_INTEGRATION})}
    for name in integrations:
        found[f"{_HOOKS}/{name}"] = (doors[_HOOKS_OF], {"integration": name})
    return found | {f"{path}/": endpoint for path, endpoint in found.items()}


def _door(entrance: DeliverySource, settings: Settings, parts: ReceiverServices) -> WebhookEndpoint:
    return WebhookEndpoint(
        entrance,
        parts.intake,
        parts.bodies,
        parts.metrics,
        parts.refusals,
        parts.reporter,
        linger=settings.receiver.linger,
    )


def _both(path: str, app: "ASGIApp", *methods: str) -> list[AsgiRoute]:
    return [AsgiRoute(path, app, methods), AsgiRoute(f"{path}/", app, methods)]


def _keyring(secrets: "tuple[SecretStr, ...]") -> Keyring:
    return Keyring(secret.get_secret_value() for secret in secrets)


def _legacy(integrations: Mapping[str, IntegrationSettings]) -> LegacySource:
    return LegacySource(
        {
            name: integration.legacy_path.get_secret_value()
            for name, integration in integrations.items()
            if integration.legacy_path is not None
        }
    )
