"""Drops the connections of a receiver when the Redis that it uses was taken over by another edition of Vedette."""

import asyncio
from collections.abc import Sequence

from redis.exceptions import RedisError

from receiver.redis_link.reconnecting_connection import ReconnectingConnection
from vedette.store.server.edition import LOOK_INTERVAL, OtherEditionError, check_edition
from vedette.store.server.server_check import open_redis


async def run_edition_watch(
    url: str, links: Sequence[ReconnectingConnection], *, interval: float = LOOK_INTERVAL
) -> None:
    """Look at the edition every `interval` seconds until cancelled; a dropped link connects only to its own edition."""
    client = open_redis(url, timeout=interval)
    try:
        while True:
            await asyncio.sleep(interval)
            try:
                await check_edition(client)
            except OtherEditionError as error:
                for link in links:
                    link.drop(str(error))
            except (RedisError, OSError):
                # The links notice it themselves.
                continue
    finally:
        await client.aclose()
