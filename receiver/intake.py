"""Where an accepted body becomes a stored delivery: in Redis, or on this machine's disk when Redis does not take it."""

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from receiver.commit import GroupCommit, StoreUnavailableError
from receiver.compression import Compressor
from receiver.delivery import Delivery, Source
from receiver.headers import IDEMPOTENCY_KEY, REQUEST_ID, headers_to_keep, text_of
from receiver.identification import BUCKET, Identification
from receiver.metrics import Metrics
from receiver.spool.spool import Spool
from vedette.identifiers import new_identifier

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_LONGEST_KEY = 64


@dataclass(frozen=True, slots=True)
class Received:
    """A request whose sender is known."""

    integration: str
    source: Source
    secret: str
    """The fingerprint of the secret that let it in."""
    sent: str
    """The sender's stamp in seconds, as it came."""
    headers: "Iterable[tuple[bytes, bytes]]"
    first: "Mapping[bytes, bytes]"
    """The same headers by name."""
    body: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
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
            self._metrics.spooled.inc()
            return Outcome(delivery.id)
        if holder is None:
            return Outcome(delivery.id)
        self._metrics.duplicates.inc()
        return Outcome(holder, is_duplicate=True)

    def _record(self, received: Received, known: Identification) -> Delivery:
        accepted = time.time_ns() // 1_000_000
        encoding, body = self._compress(received.body)
        key, window = self._key(received, known)
        return Delivery(
            id=new_identifier(accepted),
            key=key,
            window=window,
            integration=received.integration,
            source=received.source,
            resource=known.resource,
            action=known.action,
            subject=known.subject,
            issue=known.issue,
            accepted=accepted,
            sent=received.sent,
            request_id=text_of(received.first.get(REQUEST_ID)),
            headers=headers_to_keep(received.headers),
            size=len(received.body),
            encoding=encoding,
            body=body,
            state="quarantined" if known.quarantine else "accepted",
            reason=known.quarantine,
            secret=received.secret,
        )

    def _key(self, received: Received, known: Identification) -> tuple[str, int]:
        sent_key = text_of(received.first.get(IDEMPOTENCY_KEY), _LONGEST_KEY + 1)
        if sent_key and len(sent_key) <= _LONGEST_KEY and not known.quarantine:
            return f"{received.integration}:{known.resource}.{known.action}:sent:{sent_key}", self._window
        if not known.key:
            return "", self._window
        return f"{received.integration}:{known.key}", min(BUCKET, self._window) if known.bucketed else self._window
