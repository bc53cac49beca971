"""What commands need that order something: what stands over all writes, and the ways to Sentry and to the channels."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from console.instance import Instance
from vedette.access.client_factory import connect
from vedette.access.context import IntegrationConnection, PolicyServices, make_policy_services
from vedette.notify import Channels
from vedette.store.server.client import RedisClient


def controls_of(place: Instance, client: RedisClient) -> PolicyServices:
    """Return what stands over all writes."""
    return make_policy_services(client, place.settings.access)


@asynccontextmanager
async def way_to_sentry(
    place: Instance, client: RedisClient, integration: str
) -> AsyncGenerator[IntegrationConnection]:
    """Open an integration's way to Sentry.

    Raises:
        SettingsError: When it is not configured, naming the setting.
    """
    connection = connect(integration, place.integration(integration), client)
    try:
        yield connection
    finally:
        await connection.transport.aclose()


@asynccontextmanager
async def channels_of(place: Instance) -> AsyncGenerator[Channels]:
    """Open the way to the channels of the settings."""
    channels = Channels(place.settings.channels)
    try:
        yield channels
    finally:
        await channels.aclose()
