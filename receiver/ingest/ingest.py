"""Stores an accepted request as a delivery: in Redis, or in the spool when Redis is unavailable."""

import asyncio
import time
from collections.abc import Callable, Mapping

import msgspec

from receiver.ingest.compression import LARGE, Compressor, Encoding
from receiver.ingest.record import IncomingDelivery
from receiver.observability.receiver_metrics import ReceiverMetrics
from receiver.redis_link.group_commit import GroupCommit, PriorAcceptance, StoreUnavailableError
from receiver.spool.spool import Spool
from receiver.verification.headers import encode_storable_headers
from vedette._core.ids import IdGenerator
from vedette.events.identification import RECURRENCE_WINDOW, Identification
from vedette.store.deliveries.stored_record import RECORDED_HEADERS, Source, StoredRecord

_LONGEST_WINDOW = 10 * 365 * 86_400.0
"""Seconds; Redis rejects an expiry beyond its range, and with it every delivery."""


_POLL = 0.01
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


OnAccepted = Callable[[IngestResult | BaseException], None]
"""A callback for the result of accepting a request; an error is passed as a value. It must not raise."""


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
        self._pending = 0

    async def accept(self, received: ReceivedRequest, identification: Identification) -> IngestResult:
        """Store a request as a delivery.

        Raises:
            SpoolUnavailableError: Neither Redis nor the spool accepts it.
        """
        accepted: asyncio.Future[IngestResult] = asyncio.get_running_loop().create_future()

        def on_accepted(result: IngestResult | BaseException) -> None:
            if accepted.done():
                return
            if isinstance(result, BaseException):
                accepted.set_exception(result)
            else:
                accepted.set_result(result)

        self.submit(received, identification, on_accepted)
        return await accepted

    def submit(self, received: ReceivedRequest, identification: Identification, on_accepted: OnAccepted) -> None:
        """Store a request as a delivery, as `accept` does, and call `on_accepted` with the result."""
        self._pending += 1
        if len(received.body) < LARGE:
            self._store(received, identification, self._compress(received.body), on_accepted)
            return
        self._compress.compress_large(
            received.body, lambda encoding, body: self._store(received, identification, (encoding, body), on_accepted)
        )

    def _store(
        self,
        received: ReceivedRequest,
        identification: Identification,
        compressed: tuple[Encoding, bytes],
        on_accepted: OnAccepted,
    ) -> None:
        delivery = self._make_delivery(received, identification, compressed)

        def on_stored(result: PriorAcceptance | StoreUnavailableError | None) -> None:
            if isinstance(result, StoreUnavailableError):
                spooling = asyncio.create_task(self._spool_delivery(delivery))
                spooling.add_done_callback(on_spooled)
                return
            self._pending -= 1
            on_accepted(IngestResult(delivery.record.id) if result is None else self._repeat(delivery, result))

        def on_spooled(spooling: "asyncio.Task[IngestResult]") -> None:
            self._pending -= 1
            problem = asyncio.CancelledError() if spooling.cancelled() else spooling.exception()
            on_accepted(spooling.result() if problem is None else problem)

        self._commit.submit(delivery, on_stored)

    async def wait_until_idle(self, timeout: float) -> None:  # noqa: ASYNC109 - what is pending is not cancelled
        """Wait until all requests are stored, also those that no sender waits for; at most `timeout` seconds."""
        deadline = time.monotonic() + timeout
        while self._pending and time.monotonic() < deadline:  # noqa: ASYNC110 - it ends by time, too
            await asyncio.sleep(_POLL)

    async def _spool_delivery(self, delivery: IncomingDelivery) -> IngestResult:
        await self._spool.append(delivery)
        self._metrics.spooled += 1
        return IngestResult(delivery.record.id)

    def _repeat(self, delivery: IncomingDelivery, earlier: PriorAcceptance) -> IngestResult:
        self._metrics.count_repetition(earlier)
        if earlier.is_duplicate:
            return IngestResult(earlier.id, is_duplicate=True)
        return IngestResult(delivery.record.id, repeats=earlier.id)

    def _make_delivery(
        self, received: ReceivedRequest, identification: Identification, compressed: tuple[Encoding, bytes]
    ) -> IncomingDelivery:
        accepted = time.time_ns() // 1_000_000
        encoding, body = compressed
        integration = received.integration
        recorded = (received.timestamp, received.request_id, identification.resource)
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
            headers=encode_storable_headers(received.headers, dict(zip(RECORDED_HEADERS, recorded, strict=True))),
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
