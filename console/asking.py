"""What commands need that ask something of a running Vedette: its Redis, and the way to Sentry."""

import asyncio
import getpass
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from console.place import Place, find_place
from vedette.handling.access.clients import connect
from vedette.handling.access.parties import Controls, Way, make_controls
from vedette.notify import Channels
from vedette.settings import load_settings
from vedette.store.client import RedisClient
from vedette.store.connection import open_redis

_Result = TypeVar("_Result")


def ask(question: Callable[[RedisClient], Awaitable[_Result]]) -> _Result:
    """Connect to this Vedette's Redis, put the question, and return the answer."""
    return ask_at(find_place(load_settings()), question)


def ask_at(place: Place, question: Callable[[RedisClient], Awaitable[_Result]]) -> _Result:
    """As `ask`, where the place is known already."""

    async def asking() -> _Result:
        client = open_redis(place.redis_url)
        try:
            return await question(client)
        finally:
            await client.aclose()

    return asyncio.run(asking())


def controls_of(place: Place, client: RedisClient) -> Controls:
    """Return what stands over all writes."""
    return make_controls(client, place.settings.access)


@asynccontextmanager
async def way_to_sentry(place: Place, client: RedisClient, integration: str) -> AsyncGenerator[Way]:
    """Open an integration's way to Sentry.

    Raises:
        SettingsError: When it is not configured, naming the setting.
    """
    connection = connect(integration, place.integration(integration), client)
    try:
        yield connection.way
    finally:
        await connection.transport.aclose()


@asynccontextmanager
async def channels_of(place: Place) -> AsyncGenerator[Channels]:
    """Open the way to the channels of the settings."""
    channels = Channels(place.settings.channels)
    try:
        yield channels
    finally:
        await channels.aclose()


def this_person() -> str:
    """Return the name of who runs the command, for the audit."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return "somebody"
