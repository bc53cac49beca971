"""The ways to Sentry: one per integration, shared by all runs of a process."""

from collections.abc import Mapping
from dataclasses import dataclass

from vedette.api import Sentry, SentryConnection
from vedette.settings import IntegrationSettings, SettingsError
from vedette.settings_errors import missing_setting
from vedette.store.client import RedisClient


@dataclass(frozen=True)
class Connection:
    """One integration's way to Sentry, shared by all runs of this process."""

    transport: SentryConnection
    sentry: Sentry
    """Knows whom names mean; each run takes a view of it."""


def connect(settings: IntegrationSettings, client: RedisClient) -> Connection:
    """Prepare the way to Sentry; nothing is sent yet.

    Args:
        settings: The integration's, with its token and organization.
        client: Where all processes of the organization share its rate limit.

    Raises:
        UnusableTokenError: When the token cannot work.
    """
    assert settings.token is not None
    assert settings.organization is not None
    transport = SentryConnection(
        organization=settings.organization, token=settings.token, base_url=settings.sentry_url, redis=client
    )
    return Connection(transport, Sentry(organization=settings.organization, transport=transport))


def integration_settings(integrations: Mapping[str, IntegrationSettings], name: str) -> IntegrationSettings:
    """Return an integration that can call Sentry.

    Raises:
        SettingsError: When it is not configured, or lacks its token or organization.
    """
    settings = integrations.get(name)
    if settings is None:
        missing = ["client_secret", "token", "organization"]
    else:
        missing = [key for key in ("token", "organization") if getattr(settings, key) is None]
    if settings is None or missing:
        raise SettingsError(tuple(missing_setting(f"integrations.{name}.{key}") for key in missing))
    return settings
