"""A receiver whose Redis is taken over by another edition lets go of it, and comes back to its own."""

import asyncio

from receiver.redis_link.edition_watch import run_edition_watch
from receiver.redis_link.reconnecting_connection import ReconnectingConnection
from tests.receiver.running import until
from vedette.store.server.edition import EDITION
from vedette.store.server.keys import EDITION_KEY
from vedette.store.server.server_address import RedisAddress
from vedette.store.server.server_check import open_redis


async def test_a_link_is_dropped_while_the_edition_is_another(redis_url: str) -> None:
    client = open_redis(redis_url)
    link = ReconnectingConnection(RedisAddress(redis_url), script="return 1", connect_timeout=5)
    running = asyncio.create_task(link.run())
    watch = asyncio.create_task(run_edition_watch(redis_url, (link,), interval=0.05))

    async def is_dropped() -> bool:
        return f"edition {EDITION + 1}" in link.problem and link.connection is None

    async with asyncio.timeout(120):
        await link.wait_until_up()
        await client.set(EDITION_KEY, EDITION + 1)
        await until(is_dropped, 60)
        await client.set(EDITION_KEY, EDITION)
        await link.wait_until_up()
        assert link.problem == ""
    for task in (watch, running):
        task.cancel()
    await asyncio.wait([watch, running])
    await client.aclose()
