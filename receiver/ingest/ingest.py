"""Where an accepted body becomes a stored delivery: in Redis, or on this machine's disk when Redis does not take it."""

import time
from collections.abc import Mapping

import msgspec

from receiver.ingest.compression import Compressor
from receiver.ingest.identification import BUCKET, Identification
from receiver.ingest.record import IncomingDelivery
from receiver.observability.receiver_metrics import Metrics
from receiver.redis_link.group_commit import GroupCommit, StoreUnavailableError
from receiver.spool.spool import Spool
from receiver.verification.headers import headers_to_keep
from vedette._core.ids import IdGenerator
from vedette.store.deliveries.stored_record import Source, StoredRecord

_LONGEST_WINDOW = 10 * 365 * 86_400.0
"""Seconds; Redis refuses a key whose time is beyond all bounds, and with it every delivery."""


_PROOF = 32
"""Hexadecimal digits of a body's proof that are kept."""


class ReceivedRequest(msgspec.Struct, frozen=True, gc=False):
    """A request whose sender is known."""

    integration: str
    source: Source
    secret: str
    """The name of the secret that let it in: its place in the setting, or `path`."""
    sent: str
    """The sender's stamp in seconds, as it came."""
    headers: list[tuple[bytes, bytes]]
    request_id: str
    body: bytes
    proof: bytes
    """64 hexadecimal digits that stand for the body: the signature that was checked; a hash where nothing is signed."""


class IngestResult(msgspec.Struct, frozen=True, gc=False):
    """What became of a delivery."""

    id: str
    is_duplicate: bool = False
    repeats: str = ""
    """The delivery whose very body it has, although it counts as new; empty for all others."""


class Ingest:
    """Stores deliveries, whatever Redis does."""

    def __init__(
        self,
        commit: GroupCommit,
        spool: Spool,
        metrics: Metrics,
        *,
        window: float,
        compressor: Compressor,
        tenants: Mapping[str, str],
    ) -> None:
        """Describe it.

        Args:
            commit: The way into Redis.
            spool: The way onto the disk.
            metrics: Where outcomes are counted.
            window: How long a repetition is recognised by its meaning or the sender's key, in seconds.
            compressor: What makes bodies small.
            tenants: Each integration's tenant.
        """
        self._commit = commit
        self._spool = spool
        self._metrics = metrics
        self._window = _milliseconds(window)
        self._tenants = tenants
        self._compress = compressor
        self._identifiers = IdGenerator()

    async def accept(self, received: ReceivedRequest, known: Identification) -> IngestResult:
        """Return when the delivery is stored.

        Raises:
            SpoolRefusedError: When neither Redis nor the disk takes it.
        """
        delivery = self._record(received, known)
        try:
            earlier = await self._commit.store(delivery)
        except StoreUnavailableError:
            await self._spool.append(delivery)
            self._metrics.spooled += 1
            return IngestResult(delivery.facts.id)
        if earlier is None:
            return IngestResult(delivery.facts.id)
        self._metrics.earlier(earlier)
        if earlier.is_duplicate:
            return IngestResult(earlier.id, is_duplicate=True)
        return IngestResult(delivery.facts.id, repeats=earlier.id)

    def _record(self, received: ReceivedRequest, known: Identification) -> IncomingDelivery:
        accepted = time.time_ns() // 1_000_000
        encoding, body = self._compress(received.body)
        integration = received.integration
        facts = StoredRecord(
            id=self._identifiers.new(accepted),
            key=f"{integration}:{known.key}" if known.key else "",
            window=min(BUCKET, self._window) if known.recurs else self._window,
            integration=integration,
            source=received.source,
            resource=known.resource,
            action=known.action,
            subject=known.subject,
            issue=known.issue,
            accepted=accepted,
            sent=received.sent,
            request_id=received.request_id,
            headers=headers_to_keep(received.headers),
            size=len(received.body),
            encoding=encoding,
            state="quarantined" if known.quarantine else "accepted",
            reason=known.quarantine,
            secret=received.secret,
            tenant=self._tenants[integration],
            sent_key=known.sent_key,
            sent_window=self._window if known.sent_key else 0,
            # The signature stands for the bytes that it was checked against; half of it is no use to readers of Redis.
            body_key=received.proof[:_PROOF].decode("ascii") + known.rank,
            recurs=known.recurs,
            label=known.label,
            title=known.title,
        )
        return IncomingDelivery(facts, body)


def _milliseconds(window: float) -> int:
    return max(1, int(min(window, _LONGEST_WINDOW) * 1000))
