"""The checks of Vedette's own processes: receivers, workers, and deliveries that nothing takes up."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from vedette.checks.findings import Finding
from vedette.checks.redis_checks import SKEW
from vedette.store.receivers.receiver_status import ReceiverStatus, ReceiverStatuses
from vedette.store.runs.consistency import Stalled, find_stalled
from vedette.store.server.client import RedisClient
from vedette.store.server.clock import server_time
from vedette.store.server.keys import WORKERS

_SILENCE: Final = 5.0
"""Seconds without a heartbeat after which a worker counts as crashed."""
_CONFIRM: Final = 1.0
_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class ProcessEvidence:
    """The reports, heartbeats and stalled deliveries of an installation."""

    now: float
    """The server's time in seconds."""
    receivers: tuple[ReceiverStatus, ...]
    workers: int
    """Workers with a recent heartbeat."""
    stalled: tuple[Stalled, ...]


async def read_processes(client: RedisClient) -> ProcessEvidence:
    """Read it; deliveries that seem stalled are looked at again after a second.

    Raises:
        redis.exceptions.RedisError: Redis gives no answer.
    """
    stalled = tuple(await find_stalled(client, confirm_after=_CONFIRM))
    now = await server_time(client)
    earliest = round((now - _SILENCE) * 1000)
    workers = await client.zrevrangebyscore(WORKERS, "+inf", earliest, 0, 1000)
    return ProcessEvidence(now, tuple(await ReceiverStatuses(client).all()), len(workers), stalled)


def check_processes(evidence: ProcessEvidence) -> list[Finding]:
    """Return the findings about the processes."""
    live = [one for one in evidence.receivers if one.is_live(evidence.now)]
    return [_receivers(evidence, live), _spool(live), _workers(evidence), _stalled(evidence.stalled)]


def _receivers(evidence: ProcessEvidence, live: Sequence[ReceiverStatus]) -> Finding:
    if not live:
        last = f": the last one was {evidence.receivers[0].host}" if evidence.receivers else ""
        return Finding(
            "receiver",
            "broken",
            f"no receiver reports to this Redis{last}",
            ("Start it (`vedette receiver` or `vedette up`), and check that it uses the same Redis",),
            cause="no_receiver",
        )
    skewed = [one for one in live if abs(one.clock - one.written) > SKEW * 1000]
    if skewed:
        return Finding(
            "receiver",
            "warn",
            f"the clock of the receiver on {skewed[0].host} differs from Redis's by "
            f"{abs(skewed[0].clock - skewed[0].written) / 1000:.0f} s",
            ("Keep the clocks of all machines by NTP (`timedatectl set-ntp true`)",),
            cause="receiver_clock",
        )
    count = len(live)
    return Finding("receiver", "ok", f"{count} receiver{'s' * (count != 1)} report{'s' * (count == 1)}")


def _spool(live: Sequence[ReceiverStatus]) -> Finding:
    full = [one for one in live if not one.spool_accepts]
    if full:
        return Finding(
            "spool",
            "broken",
            f"the spool on {full[0].host} takes nothing: while Redis is away, deliveries are lost",
            ("Free space on the disk of `state_dir`, or raise `receiver.spool_limit`; check its permissions",),
            cause="spool_full",
        )
    waiting = sum(one.spool_records for one in live)
    if waiting:
        return Finding(
            "spool",
            "warn",
            f"{waiting} deliveries wait in the spool, the oldest for {max(one.spool_age for one in live):.0f} s",
            ("Look at the receiver's log: Redis does not take them, or takes them slowly",),
            cause="spool_waiting",
        )
    return Finding("spool", "ok", "no delivery waits in a spool")


def _workers(evidence: ProcessEvidence) -> Finding:
    count = evidence.workers
    if not count:
        return Finding(
            "worker",
            "broken",
            "no worker is running: deliveries are stored, and no handler runs",
            ("Start one (`vedette worker` or `vedette up`), and look at its log if it ends at once",),
            cause="no_worker",
        )
    return Finding("worker", "ok", f"{count} worker{'s' * (count != 1)} give{'s' * (count == 1)} a heartbeat")


def _stalled(stalled: Sequence[Stalled]) -> Finding:
    if not stalled:
        return Finding("stalled", "ok", "no delivery is stalled")
    facts = {str(number): str(one) for number, one in enumerate(stalled[:_SHOWN], 1)}
    return Finding(
        "stalled",
        "warn",
        f"{len(stalled)} deliveries or runs are taken up by nothing: {stalled[0]}",
        ("Let a worker run, which recovers them within a minute; report those that stay (`vedette doctor --json`)",),
        facts,
        cause="stalled",
    )
