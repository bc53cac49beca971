"""Defines the receiver's routes.

Each path is exact and exists with and without a trailing slash: Sentry takes a redirect for success, and the delivery
would be lost.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from receiver.container import ReceiverServices
from receiver.endpoints.health import MetricsEndpoint, ReadinessEndpoint, report_liveness
from receiver.endpoints.ui_components import Responders, UiComponentEndpoint
from receiver.endpoints.webhooks import WebhookEndpoint
from receiver.verification.signatures import Keyring
from receiver.verification.sources import DeliverySource, LegacySource, ServiceHookSource, WebhookSource
from vedette.settings.settings import DEFAULT_INTEGRATION, IntegrationSettings, Settings

if TYPE_CHECKING:
    from pydantic import SecretStr
    from starlette.types import ASGIApp

DirectRoutes = Mapping[str, tuple[WebhookEndpoint, dict[str, Any]]]
"""Exact path -> endpoint and the path parameters that the router would extract."""

_HOOKS = "/hooks"
_HOOKS_OF = "/hooks/{integration}"


class AsgiRoute(Route):
    """A route with an ASGI application as its endpoint, which may be a function."""

    def __init__(self, path: str, app: "ASGIApp", methods: tuple[str, ...]) -> None:
        super().__init__(path, app, methods=methods)
        self.app = app


def make_routes(settings: Settings, services: ReceiverServices, responders: Responders) -> list[AsgiRoute]:
    """Return all routes; a delivery source without a secret for an integration answers 404 there."""
    bounds, integrations = settings.receiver, settings.integrations
    webhooks = {name: _make_keyring(integration.client_secret) for name, integration in integrations.items()}
    service_hooks = {name: _make_keyring(integration.service_hook_secret) for name, integration in integrations.items()}
    components = UiComponentEndpoint(
        webhooks,
        responders,
        services.bodies,
        services.rejections,
        timeout=bounds.component_timeout,
        linger=bounds.linger,
    )
    webhook_endpoint = _make_webhook_endpoint(WebhookSource(webhooks), settings, services)
    return [
        *_with_and_without_slash(_HOOKS_OF, webhook_endpoint, "POST"),
        *_with_and_without_slash(_HOOKS, webhook_endpoint, "POST"),
        *_with_and_without_slash(
            "/service-hooks/{integration}",
            _make_webhook_endpoint(ServiceHookSource(service_hooks), settings, services),
            "POST",
        ),
        *_with_and_without_slash(
            "/legacy/{integration}/{secret_path}",
            _make_webhook_endpoint(_make_legacy_source(integrations), settings, services),
            "POST",
        ),
        *_with_and_without_slash("/ui/{integration}/{name}", components, "GET", "POST"),
        *_with_and_without_slash("/health/live", report_liveness, "GET"),
        *(make_monitoring_routes(settings, services) if bounds.metrics_port is None else ()),
    ]


def make_monitoring_routes(settings: Settings, services: ReceiverServices) -> list[AsgiRoute]:
    """Return the monitoring routes, which show names of integrations, volumes and errors of Redis."""
    ready = ReadinessEndpoint(services.link, services.spool.status, settings.receiver.redis_timeout)
    return [
        *_with_and_without_slash("/health/ready", ready, "GET"),
        *_with_and_without_slash("/metrics", MetricsEndpoint(services.metrics, services.group_metrics), "GET"),
    ]


def find_direct_routes(routes: Iterable[AsgiRoute], integrations: Iterable[str]) -> DirectRoutes:
    """Return the exact paths of webhooks, which need no route matching."""
    endpoints = {route.path: route.app for route in routes if isinstance(route.app, WebhookEndpoint)}
    found: dict[str, tuple[WebhookEndpoint, dict[str, Any]]] = {
        _HOOKS: (endpoints[_HOOKS], {"integration": DEFAULT_INTEGRATION})
    }
    for name in integrations:
        found[f"{_HOOKS}/{name}"] = (endpoints[_HOOKS_OF], {"integration": name})
    return found | {f"{path}/": endpoint for path, endpoint in found.items()}


def _make_webhook_endpoint(source: DeliverySource, settings: Settings, services: ReceiverServices) -> WebhookEndpoint:
    return WebhookEndpoint(
        source,
        services.ingest,
        services.bodies,
        services.metrics,
        services.rejections,
        services.reporter,
        linger=settings.receiver.linger,
    )


def _with_and_without_slash(path: str, app: "ASGIApp", *methods: str) -> list[AsgiRoute]:
    return [AsgiRoute(path, app, methods), AsgiRoute(f"{path}/", app, methods)]


def _make_keyring(secrets: "tuple[SecretStr, ...]") -> Keyring:
    return Keyring(secret.get_secret_value() for secret in secrets)


def _make_legacy_source(integrations: Mapping[str, IntegrationSettings]) -> LegacySource:
    return LegacySource(
        {
            name: integration.legacy_path.get_secret_value()
            for name, integration in integrations.items()
            if integration.legacy_path is not None
        }
    )
