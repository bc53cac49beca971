"""Removes what has been kept long enough, so that Redis's memory is bounded; never what is unfinished.

Every receiver tries; a short lock lets one of them do it at a time.
"""

import asyncio

import structlog
from redis.exceptions import OutOfMemoryError

from vedette._core.ids import new_identifier
from vedette.settings.settings import RetentionSettings
from vedette.store.server.client import RedisClient
from vedette.store.server.keys import DELIVERIES, DELIVERY_PREFIX, PREFIX, RUN_PREFIX, STORED
from vedette.store.server.retrying import REDIS_ERRORS
from vedette.store.server.scripts import script
from vedette.store.server.server_check import open_redis

_BATCH = 100
_LOCK = f"{PREFIX}lock:retention"


class Retention:
    """Removes old deliveries, and the oldest when they are too large together."""

    def __init__(self, client: RedisClient, settings: RetentionSettings) -> None:
        self._client = client
        self._settings = settings
        self._retain = client.register_script(script("deliveries/expire"))

    async def remove_once(self) -> int:
        """Remove what is past its age, by the server's clock, or size; return how many deliveries that were."""
        removed_in_all = 0
        passed = 0
        while True:
            looked, removed = await self._retain(
                keys=[DELIVERIES, STORED],
                args=[
                    *(DELIVERY_PREFIX, RUN_PREFIX),
                    *(int(self._settings.age * 1000), self._settings.size, passed, _BATCH),
                ],
            )
            removed_in_all += removed
            passed += looked - removed
            if looked < _BATCH:
                return removed_in_all

    async def remove_when_elected(self) -> int:
        """Remove what there is to remove, unless another receiver does so in this interval."""
        milliseconds = max(1, int(self._settings.interval * 1000))
        try:
            if not await self._client.set(_LOCK, new_identifier(), px=milliseconds, nx=True):
                return 0
        except OutOfMemoryError:
            # A full server takes no lock, and now is when room has to be made.
            pass
        return await self.remove_once()


async def keep_removing(url: str, settings: RetentionSettings) -> None:
    """Remove what is past its age or size every `settings.interval` seconds; ends only when it is cancelled."""
    client = open_redis(url)
    retention = Retention(client, settings)
    log = structlog.stdlib.get_logger(__name__)
    try:
        while True:
            await asyncio.sleep(settings.interval)
            try:
                removed = await retention.remove_when_elected()
            except REDIS_ERRORS as error:
                log.warning("old deliveries could not be removed", problem=str(error))
                continue
            if removed:
                log.info("old deliveries removed", deliveries=removed)
    finally:
        await client.aclose()
