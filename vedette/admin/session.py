"""The caller of an operator's query or action, and the connections that it uses."""

from collections.abc import Callable
from dataclasses import dataclass

from vedette.settings.settings import IntegrationSettings, Settings
from vedette.settings.tenant import tenant_of
from vedette.store.server.client import RedisClient


@dataclass(frozen=True)
class AdminSession:
    """A caller with an open Redis client and the settings in force."""

    by: str
    """Name of the person or agent that calls, as the audit records it."""
    redis: RedisClient
    settings: Settings
    integration_settings: Callable[[str], IntegrationSettings]
    """Returns an integration that has a token and an organization, by its name; raises SettingsError for others."""


def known_tenants(session: AdminSession) -> list[str]:
    """Return the tenants of the configured integrations."""
    return sorted({tenant_of(session.settings, name) for name in session.settings.integrations})
