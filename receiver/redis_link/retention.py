"""Removes finished deliveries beyond the retention age or size, which bounds Redis's memory.

Every receiver tries; a lock that expires lets one of them do it at a time. Unfinished deliveries are never removed.
"""

import asyncio

import structlog
from redis.exceptions import OutOfMemoryError

from vedette._core.ids import new_identifier
from vedette.settings.settings import RetentionSettings
from vedette.store.server.client import RedisClient
from vedette.store.server.keys import DELIVERIES, DELIVERY_PREFIX, PREFIX, RUN_PREFIX, STORED
from vedette.store.server.retrying import REDIS_ERRORS
from vedette.store.server.scripts import run_script
from vedette.store.server.server_check import open_redis

_BATCH = 100
DELIVERY_OVERHEAD = 2200
"""Bytes that a delivery takes in Redis beside its body and record: keys, indexes, and what the allocator adds."""
RUN_OVERHEAD = 900
"""Bytes that a run takes with its indexes. Both are measured; a test compares them with what Redis uses."""
_LOCK = f"{PREFIX}lock:retention"


class DeliveryRetention:
    """The removal of deliveries beyond the age, and of the oldest ones beyond the total size."""

    def __init__(self, client: RedisClient, settings: RetentionSettings) -> None:
        self._client = client
        self._settings = settings
        self._retain = client.register_script(run_script("deliveries/expire"))

    async def remove_once(self) -> int:
        """Remove deliveries beyond the age (by the server's clock) or size; return their number."""
        removed_in_all = 0
        passed = 0
        while True:
            looked, removed = await self._retain(
                keys=[DELIVERIES, STORED],
                args=[
                    *(DELIVERY_PREFIX, RUN_PREFIX),
                    *(int(self._settings.age * 1000), self._settings.size, passed, _BATCH),
                    *(DELIVERY_OVERHEAD, RUN_OVERHEAD),
                ],
            )
            removed_in_all += removed
            passed += looked - removed
            if looked < _BATCH:
                return removed_in_all

    async def remove_when_elected(self) -> int:
        """Remove deliveries unless another receiver has acquired the lock for this interval."""
        milliseconds = max(1, int(self._settings.interval * 1000))
        try:
            if not await self._client.set(_LOCK, new_identifier(), px=milliseconds, nx=True):
                return 0
        except OutOfMemoryError:
            # A full server cannot store the lock, and removal is needed most.
            pass
        return await self.remove_once()


async def run_retention(url: str, settings: RetentionSettings) -> None:
    """Remove deliveries beyond the age or size every `settings.interval` seconds, until cancelled."""
    client = open_redis(url)
    retention = DeliveryRetention(client, settings)
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
