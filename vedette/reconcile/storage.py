"""Stores rebuilt deliveries by the script that stores webhooks, so that a delivery and its original are one."""

from collections.abc import Sequence

from vedette.store.deliveries.stored_record import StoredRecord, encode_facts
from vedette.store.queues.queue_messages import FAN_OUT_QUEUE
from vedette.store.server.client import RedisClient
from vedette.store.server.keys import (
    DELIVERIES,
    DELIVERY_PREFIX,
    JOURNAL,
    JOURNAL_LENGTH,
    SEEN_PREFIX,
    STORED,
    messages_key,
    queue_key,
)
from vedette.store.server.scripts import script

STORED_NEW = b""
"""The answer for a delivery that was stored."""
_BATCH = 500
OUTDATED = b"!"
"""The answer when another delivery of the occurrence has arrived since it was found missing."""


class RebuiltDeliveries:
    """The storage of rebuilt deliveries in Redis."""

    def __init__(self, client: RedisClient) -> None:
        self._client = client
        self._accept = client.register_script(script("deliveries/accept"))

    async def known(self, keys: Sequence[str]) -> list[bool]:
        """Return whether a delivery with each deduplication key was stored, as long as it is recognised."""
        found: list[bool] = []
        for start in range(0, len(keys), _BATCH):
            pipeline = self._client.pipeline(transaction=False)
            for key in keys[start : start + _BATCH]:
                pipeline.exists(f"{SEEN_PREFIX}{key}")
            answers: list[int] = await pipeline.execute()
            found += [bool(answer) for answer in answers]
        return found

    async def submit(self, record: StoredRecord, body: bytes, arrivals: int) -> bytes:
        """Store and queue one delivery, unless it or its original was stored before; repeating it does no harm.

        Args:
            record: Its record, with `happened`.
            body: Its payload.
            arrivals: The number of arrivals of its occurrence by which it was found missing.

        Returns:
            `STORED_NEW`, `OUTDATED`, or the id of the delivery that it repeats.
        """
        keys = [DELIVERIES, JOURNAL, STORED, queue_key(FAN_OUT_QUEUE), messages_key(FAN_OUT_QUEUE)]
        arguments = [DELIVERY_PREFIX, SEEN_PREFIX, JOURNAL_LENGTH, f"={arrivals}", encode_facts(record), body]
        (answer,) = await self._accept(keys=keys, args=arguments)
        return answer
