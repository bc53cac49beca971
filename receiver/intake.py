"""Where an accepted body becomes a stored delivery: in Redis, or on this machine's disk when Redis does not take it."""

import time

import msgspec

from receiver.commit import GroupCommit, StoreUnavailableError
from receiver.compression import Compressor
from receiver.delivery import Delivery
from receiver.headers import headers_to_keep
from receiver.identification import BUCKET, Identification
from receiver.metrics import Metrics
from receiver.spool.spool import Spool
from vedette.identifiers import Identifiers
from vedette.store.facts import Facts, Source


class Received(msgspec.Struct, frozen=True, gc=False):
    """A request whose sender is known."""

    integration: str
    source: Source
    secret: str
    """The fingerprint of the secret that let it in."""
    sent: str
    """The sender's stamp in seconds, as it came."""
    headers: list[tuple[bytes, bytes]]
    request_id: str
    body: bytes


class Outcome(msgspec.Struct, frozen=True, gc=False):
    """What became of a delivery."""

    id: str
    is_duplicate: bool = False


class Intake:
    """Stores deliveries, whatever Redis does."""

    def __init__(
        self, commit: GroupCommit, spool: Spool, metrics: Metrics, *, window: float, compressor: Compressor
    ) -> None:
        """Describe it.

        Args:
            commit: The way into Redis.
            spool: The way onto the disk.
            metrics: Where outcomes are counted.
            window: How long a repetition is recognised, in seconds.
            compressor: What makes bodies small.
        """
        self._commit = commit
        self._spool = spool
        self._metrics = metrics
        self._window = int(window * 1000)
        self._compress = compressor
        self._identifiers = Identifiers()

    async def accept(self, received: Received, known: Identification) -> Outcome:
        """Return when the delivery is stored.

        Raises:
            SpoolRefusedError: When neither Redis nor the disk takes it.
        """
        delivery = self._record(received, known)
        try:
            holder = await self._commit.store(delivery)
        except StoreUnavailableError:
            await self._spool.append(delivery)
            self._metrics.spooled += 1
            return Outcome(delivery.facts.id)
        if holder is None:
            return Outcome(delivery.facts.id)
        self._metrics.duplicates += 1
        return Outcome(holder, is_duplicate=True)

    def _record(self, received: Received, known: Identification) -> Delivery:
        accepted = time.time_ns() // 1_000_000
        encoding, body = self._compress(received.body)
        window = min(BUCKET, self._window) if known.bucketed else self._window
        facts = Facts(
            id=self._identifiers.new(accepted),
            key=f"{received.integration}:{known.key}" if known.key else "",
            window=window,
            integration=received.integration,
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
        )
        return Delivery(facts, body)
