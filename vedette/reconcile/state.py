"""Stores the progress of reconciliation: the watermark, the last sweep and the totals; and elects who sweeps."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import msgspec

from vedette._core.ids import new_identifier
from vedette.reconcile.arrivals import in_milliseconds
from vedette.reconcile.report import SweepReport
from vedette.store.deliveries.stored_record import StoredRecord
from vedette.store.server.client import RedisClient
from vedette.store.server.keys import DELIVERIES, RECONCILED, delivery_key, reconcile_key
from vedette.store.server.retrying import REDIS_ERRORS
from vedette.store.server.scripts import script

LEASE: Final = 60.0
"""Seconds after which another worker sweeps in place of one that no longer renews its lease."""
_TOTAL: Final = "total:"
_REACHED: Final = "reached:"
_FIELDS: Final = len(StoredRecord.__struct_fields__)


@dataclass(frozen=True, slots=True)
class ReconcileState:
    """The stored progress of one integration.

    Attributes:
        first: The time since which arrivals are known; None before the first sweep.
        started: The time of the first sweep: what happened before is rebuilt only when people ask for it.
        watermark: The start of the last complete sweep.
        listed: The time when all issues with events were last listed.
        attempted: The time when a worker last began a sweep.
        failures: The number of sweeps that have failed since the last one that did not.
        problem: The sentence that says why the last sweep failed; empty when it did not.
        last: The last sweep that ended.
        reached: The time up to which errors and alerts were compared, by event.
        totals: Counters such as `missing:issue.created` and `calls`, since the first sweep.
    """

    first: datetime | None = None
    started: datetime | None = None
    watermark: datetime | None = None
    listed: datetime | None = None
    attempted: datetime | None = None
    failures: int = 0
    problem: str = ""
    last: SweepReport | None = None
    reached: Mapping[str, datetime] = field(default_factory=dict[str, datetime])
    totals: Mapping[str, int] = field(default_factory=dict[str, int])


class ReconcileStates:
    """The progress of one integration in Redis."""

    def __init__(self, client: RedisClient, integration: str) -> None:
        self._client = client
        self._integration = integration
        self._key = reconcile_key(integration)
        self._lease = f"{self._key}:lease"
        self._renew = client.register_script(script("reconcile/renew_lease"))

    async def read(self) -> ReconcileState:
        """Return the progress."""
        found = {name.decode(): value for name, value in (await self._client.hgetall(self._key)).items()}
        return ReconcileState(
            _moment(found.get("first")),
            _moment(found.get("started")),
            _moment(found.get("watermark")),
            _moment(found.get("listed")),
            _moment(found.get("attempted")),
            int(found.get("failures", b"0")),
            found.get("problem", b"").decode(),
            _report(found.get("last")),
            {
                name.removeprefix(_REACHED): datetime.fromtimestamp(int(value) / 1000, UTC)
                for name, value in found.items()
                if name.startswith(_REACHED)
            },
            {name.removeprefix(_TOTAL): int(value) for name, value in found.items() if name.startswith(_TOTAL)},
        )

    async def installation(self) -> str:
        """Return the uuid of the installation, as a delivery named it; empty if none has."""
        return (await self._client.hget(self._key, "installation") or b"").decode()

    async def note_installation(self, uuid: str) -> None:
        """Store the uuid of the installation."""
        await self._client.hset(self._key, mapping={"installation": uuid})

    async def begin(self, now: datetime) -> None:
        """Note that sweeps begin now, unless that was noted before."""
        await self._client.hsetnx(self._key, "first", in_milliseconds(await self.arrivals_known_since(now)))
        await self._client.hsetnx(self._key, "started", in_milliseconds(now))
        await self._client.hsetnx(self._key, "watermark", in_milliseconds(now))
        await self._client.hsetnx(RECONCILED, self._integration, in_milliseconds(now))

    async def arrivals_known_since(self, now: datetime) -> datetime:
        """Return the time since which arrivals are known, if no sweep has noted it.

        That is always, unless the oldest delivery was stored by a version that did not note its arrival.
        """
        for identifier, _ in await self._client.zrange(DELIVERIES, 0, 0, withscores=True):
            packed = await self._client.hget(delivery_key(identifier.decode()), "facts")
            if packed is None or len(msgspec.msgpack.decode(packed, type=list[object])) < _FIELDS:
                return now
        return datetime.fromtimestamp(0, UTC)

    async def note_attempt(self, now: datetime) -> None:
        """Note that a worker begins a sweep, so that no other begins one before the next is due."""
        await self._client.hset(self._key, mapping={"attempted": in_milliseconds(now)})

    async def note_failure(self, problem: str) -> int:
        """Note why a sweep failed; return how many have failed one after the other."""
        await self._client.hset(self._key, mapping={"problem": problem})
        return await self._client.hincrby(self._key, "failures", 1)

    async def is_door_shut(self) -> bool:
        """Return whether no receiver was running at the last look."""
        return await self._client.hget(self._key, "door_shut") is not None

    async def note_door(self, *, is_shut: bool) -> None:
        """Note whether a receiver is running."""
        if is_shut:
            await self._client.hset(self._key, mapping={"door_shut": 1})
        else:
            await self._client.hdel(self._key, "door_shut")

    async def write(self, report: SweepReport, *, watermark: datetime | None, listed: datetime | None = None) -> None:
        """Store the outcome of a sweep, and add its figures to the totals.

        Args:
            report: The sweep.
            watermark: Its start, if it was complete.
            listed: When it listed all issues with events, if it did.
        """
        fields: dict[str, str | int | bytes] = {"problem": "", "failures": 0, "last": msgspec.json.encode(report)}
        if watermark is not None:
            fields["watermark"] = in_milliseconds(watermark)
            await self._client.hset(RECONCILED, mapping={self._integration: in_milliseconds(watermark)})
        if watermark is not None:
            fields |= {f"{_REACHED}{name}": moment for name, moment in report.reached.items()}
        if listed is not None:
            fields["listed"] = in_milliseconds(listed)
        await self._client.hset(self._key, mapping=fields)
        for name, amount in report.totals().items():
            await self._client.hincrby(self._key, f"{_TOTAL}{name}", amount)

    @asynccontextmanager
    async def lease(self) -> AsyncGenerator[bool]:
        """Hold the lease while the block runs, if no other process has it; the value is True if it is held.

        Sweeps of two processes at once do no harm: the lease only spares calls.
        """
        holder = new_identifier()
        held = bool(await self._client.set(self._lease, holder, px=round(LEASE * 1000), nx=True))
        if not held:
            yield False
            return
        renewing = asyncio.create_task(self._renew_until_cancelled(holder))
        try:
            yield True
        finally:
            renewing.cancel()
            with suppress(asyncio.CancelledError):
                await renewing
            with suppress(*REDIS_ERRORS):
                await self._renew(keys=[self._lease], args=[holder, 0])

    async def _renew_until_cancelled(self, holder: str) -> None:
        while True:
            await asyncio.sleep(LEASE / 4)
            with suppress(*REDIS_ERRORS):
                await self._renew(keys=[self._lease], args=[holder, round(LEASE * 1000)])


def _moment(value: bytes | None) -> datetime | None:
    return None if value is None else datetime.fromtimestamp(int(value) / 1000, UTC)


def _report(value: bytes | None) -> SweepReport | None:
    if value is None:
        return None
    try:
        return msgspec.json.decode(value, type=SweepReport)
    except msgspec.MsgspecError:
        # Of another version; the next sweep replaces it.
        return None
