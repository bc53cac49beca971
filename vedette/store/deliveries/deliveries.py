"""Reading deliveries: the record of each, whole for a worker and in short for a listing."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import zstandard

from vedette._core.json_values import json_object
from vedette.store.deliveries.stored_record import RECORDED_HEADERS, fields_of
from vedette.store.runs.run import split_name
from vedette.store.server.client import RedisClient
from vedette.store.server.keys import DELIVERIES, PREFIX, delivery_key
from vedette.store.server.scripts import pairs, run_script

_SUMMARY = (
    *("integration", "source", "resource", "action", "subject", "issue", "accepted", "sent"),
    *("request_id", "size", "state", "reason", "duplicates", "repetitions", "label", "runs", "finished", "facts"),
    *("happened", "rebuilt", "tenant"),
)
_BATCH = 200
_LARGEST_BODY = 1 << 30
_LARGEST_ALONG = 64 * 1024
"""Bytes of a stored body that it costs less to send along than to ask for again."""


class DeliveryNotFoundError(LookupError):
    """No delivery has this id, or it has been removed since."""

    def __init__(self, delivery: str) -> None:
        self.delivery = delivery
        super().__init__(f"there is no delivery {delivery}: `vedette deliveries` lists those that are kept")


@dataclass(frozen=True)
class DeliverySummary:
    """One delivery without its body."""

    id: str
    integration: str
    source: str
    """`webhook`, `service_hook`, `legacy`, `schedule` or `reconcile`."""
    resource: str
    action: str
    subject: str | None
    issue: str | None
    """The issue's id."""
    label: str | None
    """How people call the issue, such as `SHOP-4K`; its id where that is not known."""
    title: str | None
    """The issue's or event's title, cropped, where the payload has one."""
    accepted: int
    """Unix time in milliseconds."""
    size: int
    """Bytes of the body as it came."""
    quarantined: str | None
    """Why it is kept but not handled."""
    duplicates: int
    """How often the same delivery came again and was not stored."""
    repetitions: int
    """How often the very same body had been accepted before this: an event may recur, but so may a replay."""
    runs: tuple[str, ...] | None
    """What its runs are called: their handlers, and HANDLER@NAME for deferred runs; None before it was decided."""
    finished: int | None
    """When its last run ended, Unix time in milliseconds."""
    happened: int = 0
    """When it happened, Unix time in milliseconds; 0 unless it was rebuilt."""
    rebuilt: str = ""
    """How it was rebuilt (`vedette.store.deliveries.stored_record.Rebuilt`); empty if Sentry sent it."""

    tenant: str = ""
    """The tenant of the subject and the issue."""
    request_id: str = ""
    """Sentry's Request-ID; empty if it sent none."""

    key: str = ""
    """By what a repetition is recognised however it is serialised; empty where that cannot be told."""
    sent_key: str = ""
    """The sender's own key for all attempts; empty where it sent none."""

    @property
    def happened_at(self) -> datetime | None:
        """When it happened, if it was rebuilt."""
        return datetime.fromtimestamp(self.happened / 1000, UTC) if self.happened else None

    @property
    def handlers(self) -> tuple[str, ...] | None:
        """The handlers that were asked to work on it; None before that was decided."""
        return None if self.runs is None else tuple(name for name in self.runs if split_name(name)[1] is None)


@dataclass(frozen=True)
class Delivery:
    """One delivery with its headers and body."""

    summary: DeliverySummary
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class DispatchView:
    """A delivery that is to be decided."""

    summary: DeliverySummary
    whole: Delivery | None
    """With headers and body; None where that is large, since no handler may need it."""
    own_writes: Mapping[bytes, bytes]
    """What `OwnWrites` holds of its issue."""


class Deliveries:
    """The deliveries in Redis."""

    def __init__(self, client: RedisClient, tenants: Mapping[str, str] | None = None) -> None:
        """Prepare.

        Args:
            client: Where they are.
            tenants: Integration -> its tenant, which our own writes are kept by; only `load_for_dispatch` needs it.
        """
        self._client = client
        self._tenants = [part for pair in (tenants or {}).items() for part in pair]
        self._look = client.register_script(run_script("deliveries/load_for_dispatch"))
        self._quarantine = client.register_script(run_script("deliveries/quarantine"))
        # Made once: making it takes longer than most bodies do.
        self._decompress = zstandard.ZstdDecompressor().decompress

    async def get(self, delivery: str) -> Delivery:
        """Return one delivery.

        Raises:
            DeliveryNotFoundError: When it is not there.
        """
        return self.read(delivery, await self._client.hgetall(delivery_key(delivery)))

    def read(self, delivery: str, fields: Mapping[bytes, bytes]) -> Delivery:
        """Return a delivery from the fields that it is stored in.

        Raises:
            DeliveryNotFoundError: When there are none.
        """
        if not fields:
            raise DeliveryNotFoundError(delivery)
        values = _unpacked(fields)
        headers = json_object(json.loads(values.get("headers") or b"{}"))
        for name, field in zip(RECORDED_HEADERS, ("sent", "request_id", "resource"), strict=True):
            # Other sources send the time and the resource otherwise.
            if values.get(field) and values.get("source") == b"webhook":
                headers.setdefault(name, values[field].decode(errors="replace"))
        body = values.get("body", b"")
        if values.get("encoding") == b"zstd":
            body = self._decompress(body, max_output_size=_LARGEST_BODY)
        return Delivery(_summary(delivery, values), headers, body)

    async def latest(self, *, since: int = 0, limit: int = 50, offset: int = 0) -> list[DeliverySummary]:
        """Return deliveries, the newest first.

        Args:
            since: Only those accepted then or later, in milliseconds.
            limit: At most so many.
            offset: Leave so many of the newest out.
        """
        found = await self._client.zrevrangebyscore(DELIVERIES, "+inf", since, offset, limit)
        identifiers = [identifier.decode() for identifier in found]
        return await self.summaries(identifiers)

    async def summaries(self, identifiers: Sequence[str]) -> list[DeliverySummary]:
        """Return deliveries without their bodies, in the order given, leaving out those that are gone."""
        summaries: list[DeliverySummary] = []
        for start in range(0, len(identifiers), _BATCH):
            batch = identifiers[start : start + _BATCH]
            pipeline = self._client.pipeline(transaction=False)
            for identifier in batch:
                pipeline.hmget(delivery_key(identifier), _SUMMARY)
            rows: list[Sequence[bytes | None]] = await pipeline.execute()
            for identifier, row in zip(batch, rows, strict=True):
                values = _values(row)
                if values:
                    summaries.append(_summary(identifier, values))
        return summaries

    async def summary(self, delivery: str) -> DeliverySummary:
        """Return one delivery without its body.

        Raises:
            DeliveryNotFoundError: When it is not there.
        """
        pipeline = self._client.pipeline(transaction=False)
        pipeline.hmget(delivery_key(delivery), _SUMMARY)
        (row,) = await pipeline.execute()
        values = _values(row)
        if not values:
            raise DeliveryNotFoundError(delivery)
        return _summary(delivery, values)

    async def load_for_dispatch(self, delivery: str) -> DispatchView:
        """Return what deciding a delivery takes.

        Raises:
            DeliveryNotFoundError: When it is not there.
        """
        answer: list[list[bytes]] = await self._look(keys=[PREFIX], args=[delivery, _LARGEST_ALONG, *self._tenants])
        fields, own_writes = map(pairs, answer)
        if fields and b"body" not in fields:
            return DispatchView(_summary(delivery, _unpacked(fields)), None, own_writes)
        whole = self.read(delivery, fields)
        return DispatchView(whole.summary, whole, own_writes)

    async def quarantine(self, delivery: str, reason: str) -> None:
        """Keep a delivery for people to look at; no handler sees it."""
        await self._quarantine(keys=[delivery_key(delivery)], args=[delivery, reason])


def _unpacked(fields: Mapping[bytes, bytes]) -> dict[str, bytes]:
    return fields_of({name.decode(): value for name, value in fields.items()})


def _values(row: Sequence[bytes | None]) -> dict[str, bytes]:
    return fields_of({name: value for name, value in zip(_SUMMARY, row, strict=True) if value is not None})


def _summary(delivery: str, values: Mapping[str, bytes]) -> DeliverySummary:
    def text(name: str) -> str:
        return values.get(name, b"").decode(errors="replace")

    runs = values.get("runs")
    return DeliverySummary(
        id=delivery,
        integration=text("integration"),
        source=text("source"),
        resource=text("resource"),
        action=text("action"),
        subject=text("subject") or None,
        issue=text("issue") or None,
        label=text("label") or text("issue") or None,
        accepted=int(values.get("accepted", b"0")),
        size=int(values.get("size", b"0")),
        quarantined=(text("reason") or "unknown") if text("state") == "quarantined" else None,
        duplicates=int(values.get("duplicates", b"0")),
        repetitions=int(values.get("repetitions", b"0")),
        title=text("title") or None,
        runs=None if runs is None else tuple(name for name in runs.decode().split(",") if name),
        finished=int(values["finished"]) if "finished" in values else None,
        happened=int(values.get("happened", b"0")),
        rebuilt=text("rebuilt"),
        tenant=text("tenant"),
        request_id=text("request_id"),
        key=text("key"),
        sent_key=text("sent_key"),
    )
