"""Asks sentinels and nodes of a Cluster where the server is; in a thread that may wait, and in an event loop."""

from typing import Any, cast

import redis.asyncio.connection as asynchronous
import redis.connection as synchronous
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.retry import Retry as SyncRetry

from vedette.store.server.discovery import ASKING_TIMEOUT, ServerDiscovery
from vedette.store.server.retrying import REDIS_ERRORS
from vedette.store.server.url import Address


def find_in_thread(whereabouts: ServerDiscovery) -> Address:
    """Ask one after another until somebody knows.

    Raises:
        ServerNotFoundError: When nobody does.
    """
    inquiry = whereabouts.inquire()
    try:
        asked = next(inquiry)
        while True:
            asked = inquiry.send(_ask_in_thread(whereabouts, asked))
    except StopIteration as end:
        return cast("Address", end.value)


async def find(whereabouts: ServerDiscovery) -> Address:
    """Do as `find_in_thread`, in an event loop."""
    inquiry = whereabouts.inquire()
    try:
        asked = next(inquiry)
        while True:
            asked = inquiry.send(await _ask(whereabouts, asked))
    except StopIteration as end:
        return cast("Address", end.value)


def _ask_in_thread(whereabouts: ServerDiscovery, address: Address) -> object:
    kind = synchronous.SSLConnection if whereabouts.url.tls else synchronous.Connection
    connection = cast("Any", kind)(retry=SyncRetry(NoBackoff(), 0), **_options(whereabouts, address))
    try:
        connection.connect()
        connection.send_command(*whereabouts.question)
        return connection.read_response()
    except REDIS_ERRORS as error:
        return error
    finally:
        connection.disconnect()


async def _ask(whereabouts: ServerDiscovery, address: Address) -> object:
    kind = asynchronous.SSLConnection if whereabouts.url.tls else asynchronous.Connection
    connection = cast("Any", kind)(retry=AsyncRetry(NoBackoff(), 0), **_options(whereabouts, address))
    try:
        await connection.connect()
        await connection.send_command(*whereabouts.question)
        return await connection.read_response()
    except REDIS_ERRORS as error:
        return error
    finally:
        await connection.disconnect(nowait=True)


def _options(whereabouts: ServerDiscovery, address: Address) -> dict[str, Any]:
    return {
        **whereabouts.url.asking,
        "host": address.host,
        "port": address.port,
        "socket_timeout": ASKING_TIMEOUT,
        "socket_connect_timeout": ASKING_TIMEOUT,
        "protocol": 2,
    }
