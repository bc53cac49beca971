"""Stores the status of each receiver, which it reports every few seconds, and the time of the latest deliveries.

Workers and commands learn from it whether a receiver is running, what it rejects and whether it spools. It is written
beside the path of deliveries, so that accepting one costs nothing more.
"""

from collections.abc import Mapping

import msgspec

from vedette.store.server.client import RedisClient
from vedette.store.server.keys import LAST_DELIVERIES, RECEIVERS
from vedette.store.server.scripts import script

REPORT_INTERVAL = 5.0
"""Seconds between two reports of a receiver."""
_KEPT = 86_400_000
"""Milliseconds for which the last report of a receiver that is gone is kept."""
_LOST = 3 * REPORT_INTERVAL * 1000
"""Milliseconds after which a receiver without a report has crashed, or does not reach Redis."""


class RejectionCount(msgspec.Struct, frozen=True, omit_defaults=True):
    """Rejected requests of one reason since the receiver's start."""

    reason: str
    """Such as `wrong_signature`, as in the metric `vedette_deliveries_refused_total`."""
    integration: str
    """Empty where the request named none."""
    count: int
    last: int
    """When the latest was rejected: Unix time in milliseconds, by the receiver's clock."""


class ReceiverStatus(msgspec.Struct, frozen=True, omit_defaults=True):
    """The report of one receiver process."""

    id: str
    host: str
    """The name of its machine."""
    started: int
    """When it began to listen: Unix time in milliseconds of the Redis server, as `written` is."""
    clock: int
    """The time of its own clock when it wrote the report."""
    written: int = 0
    """When the report was written; the storage sets it."""
    stopped: bool = False
    """Whether it ended in order."""
    last: Mapping[str, int] = {}
    """`INTEGRATION RESOURCE` -> when the latest delivery was accepted since the start, by its own clock."""
    matched: Mapping[str, int] = {}
    """`INTEGRATION SECRET` -> when the client secret at that place last verified a delivery, by its own clock."""
    rejected: tuple[RejectionCount, ...] = ()
    quarantined: Mapping[str, int] = {}
    """Reason -> count since the start."""
    accepted: int = 0
    """Deliveries since the start."""
    slow: int = 0
    """Those of them that were answered after more than a second, Sentry's time limit."""
    hung: int = 0
    """Those that took more than four seconds; Sentry aborts after five."""
    last_hung: int = 0
    """When the latest of them was answered, by its own clock; 0 for never."""
    spooled: int = 0
    """Deliveries that were spooled since the start."""
    spool_records: int = 0
    spool_age: float = 0.0
    """Seconds since the oldest delivery in the spool was accepted."""
    spool_accepts: bool = True
    """Whether the spool can take deliveries."""

    def is_live(self, now: float) -> bool:
        """Return whether it reports; `now` is the Redis server's time in seconds."""
        return not self.stopped and now * 1000 - self.written <= _LOST

    def last_rejection(self, reason: str, integration: str) -> RejectionCount | None:
        """Return the count of a reason for an integration; None where there was no such request."""
        found = (one for one in self.rejected if (one.reason, one.integration) == (reason, integration))
        return next(found, None)


class ReceiverStatuses:
    """The reports in Redis."""

    def __init__(self, client: RedisClient) -> None:
        self._client = client
        self._write = client.register_script(script("receivers/write_status"))

    async def write(self, status: ReceiverStatus) -> None:
        """Store a report in place of the receiver's previous one.

        Raises:
            redis.exceptions.RedisError: The server gives no answer.
        """
        last = [part for name, moment in status.last.items() for part in (name, moment)]
        text = msgspec.json.encode(status)
        await self._write(keys=[RECEIVERS, LAST_DELIVERIES], args=[status.id, text, _KEPT, *last])

    async def all(self) -> list[ReceiverStatus]:
        """Return the latest report of each receiver of the last day, the newest first.

        Raises:
            redis.exceptions.RedisError: The server gives no answer.
        """
        texts = (await self._client.hgetall(RECEIVERS)).values()
        found = [status for text in texts if (status := _decoded(text)) is not None]
        return sorted(found, key=lambda status: status.written, reverse=True)

    async def last_deliveries(self) -> dict[tuple[str, str], int]:
        """Return integration and resource -> when the latest delivery was accepted, Unix time in milliseconds.

        Raises:
            redis.exceptions.RedisError: The server gives no answer.
        """
        found: dict[tuple[str, str], int] = {}
        for name, moment in (await self._client.hgetall(LAST_DELIVERIES)).items():
            integration, _, resource = name.decode().rpartition(" ")
            found[integration, resource] = int(float(moment))
        return found


def _decoded(text: bytes) -> ReceiverStatus | None:
    try:
        return msgspec.json.decode(text, type=ReceiverStatus)
    except msgspec.MsgspecError:
        # Of another version; it is replaced within seconds, or expires.
        return None
