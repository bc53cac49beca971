"""Stores an accepted request as a delivery: in Redis, or in the spool when Redis is unavailable."""

import time
from collections.abc import Mapping

import msgspec

from receiver.ingest.compression import Compressor
from receiver.ingest.record import IncomingDelivery
from receiver.observability.receiver_metrics import ReceiverMetrics
from receiver.redis_link.group_commit import GroupCommit, StoreUnavailableError
from receiver.spool.spool import Spool
from receiver.verification.headers import encode_storable_headers
from vedette._core.ids import IdGenerator
from vedette.events.identification import RECURRENCE_WINDOW, Identification
from vedette.store.deliveries.stored_record import Source, StoredRecord

_LONGEST_WINDOW = 10 * 365 * 86_400.0
"""Seconds; Redis rejects an expiry beyond its range, and with it every delivery."""


_DIGEST_LENGTH = 32
"""Hexadecimal digits of a body's digest that are stored."""


class ReceivedRequest(msgspec.Struct, frozen=True, gc=False):
    """A request with a verified sender."""

    integration: str
    source: Source
    secret: str
    """The name of the secret that verified it: its position in the setting, or `path`."""
    timestamp: str
    """The sender's timestamp in seconds, as in the header."""
    headers: list[tuple[bytes, bytes]]
    request_id: str
    body: bytes
    body_digest: bytes
    """64 hexadecimal digits that identify the body: its verified signature, or a hash where there is none."""


class IngestResult(msgspec.Struct, frozen=True, gc=False):
    """The result of accepting a request."""

    id: str
    is_duplicate: bool = False
    repeats: str = ""
    """The earlier delivery with an equal body, where this one counts as new; else empty."""


class Ingest:
    """The service that stores accepted requests, in Redis or in the spool."""

    def __init__(
        self,
        commit: GroupCommit,
        spool: Spool,
        metrics: ReceiverMetrics,
        *,
        window: float,
        compressor: Compressor,
        tenants: Mapping[str, str],
    ) -> None:
        """Set the services and the deduplication window.

        Args:
            commit: Stores deliveries in Redis.
            spool: Stores deliveries on the disk.
            metrics: Counts the results.
            window: Seconds for which a repetition is recognised by its deduplication key or the sender's key.
            compressor: Compresses bodies.
            tenants: The tenant of each integration.
        """
        self._commit = commit
        self._spool = spool
        self._metrics = metrics
        self._window = _to_milliseconds(window)
        self._tenants = tenants
        self._compress = compressor
        self._identifiers = IdGenerator()

    async def accept(self, received: ReceivedRequest, identification: Identification) -> IngestResult:
        """Store a request as a delivery.

        Raises:
            SpoolUnavailableError: Neither Redis nor the spool accepts it.
        """
        delivery = self._make_delivery(received, identification)
        try:
            earlier = await self._commit.store(delivery)
        except StoreUnavailableError:
            await self._spool.append(delivery)
            self._metrics.spooled += 1
            return IngestResult(delivery.record.id)
        if earlier is None:
            return IngestResult(delivery.record.id)
        self._metrics.count_repetition(earlier)
        if earlier.is_duplicate:
            return IngestResult(earlier.id, is_duplicate=True)
        return IngestResult(delivery.record.id, repeats=earlier.id)

    def _make_delivery(self, received: ReceivedRequest, identification: Identification) -> IncomingDelivery:
        accepted = time.time_ns() // 1_000_000
        encoding, body = self._compress(received.body)
        integration = received.integration
        record = StoredRecord(
            id=self._identifiers.new(accepted),
            key=f"{integration}:{identification.key}" if identification.key else "",
            window=min(RECURRENCE_WINDOW, self._window) if identification.recurs else self._window,
            integration=integration,
            source=received.source,
            resource=identification.resource,
            action=identification.action,
            subject=identification.subject,
            issue=identification.issue,
            accepted=accepted,
            sent=received.timestamp,
            request_id=received.request_id,
            headers=encode_storable_headers(received.headers),
            size=len(received.body),
            encoding=encoding,
            state="quarantined" if identification.quarantine else "accepted",
            reason=identification.quarantine,
            secret=received.secret,
            tenant=self._tenants[integration],
            sent_key=identification.sent_key,
            sent_window=self._window if identification.sent_key else 0,
            # The verified signature identifies the bytes; half of it cannot be used to send the body again.
            body_key=received.body_digest[:_DIGEST_LENGTH].decode("ascii") + identification.trust,
            recurs=identification.recurs,
            label=identification.label,
            title=identification.title,
            occurrence=identification.occurrence,
        )
        return IncomingDelivery(record, body)


def _to_milliseconds(window: float) -> int:
    return max(1, int(min(window, _LONGEST_WINDOW) * 1000))
