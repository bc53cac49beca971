"""Connections of an operator's session to Sentry, to the channels, and to the services that check writes."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from vedette.access.client_factory import connect
from vedette.access.context import IntegrationConnection, PolicyServices, make_policy_services
from vedette.admin.session import AdminSession
from vedette.notify import Channels


def policy_services(session: AdminSession) -> PolicyServices:
    """Return the audit, budgets, proposals and other services that each write passes."""
    return make_policy_services(session.redis, session.settings.access)


@asynccontextmanager
async def open_sentry(session: AdminSession, integration: str) -> AsyncGenerator[IntegrationConnection]:
    """Open the connection of an integration to Sentry.

    Raises:
        SettingsError: The integration is not configured; the error names the setting.
    """
    connection = connect(integration, session.integration_settings(integration), session.redis)
    try:
        yield connection
    finally:
        await connection.transport.aclose()


@asynccontextmanager
async def open_channels(session: AdminSession) -> AsyncGenerator[Channels]:
    """Open the channels of the settings."""
    channels = Channels(session.settings.channels)
    try:
        yield channels
    finally:
        await channels.aclose()
