"""Recovers stalled deliveries and runs: unfinished ones that no message, lock or schedule would ever continue.

Causes are a lost message, a script that failed halfway, or an attempt that ended without an outcome.

The scheduler leader does it in bounded batches: it scans all stored deliveries and checks the unfinished ones every few
seconds. A run that is stalled at two checks is requeued by the script that has just checked it, atomically. Order,
limits and coalescing windows are kept, since the run starts like any other. Times are the server's.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
import structlog

from vedette.store.server.keys import DELIVERIES, DELIVERY_PREFIX, JOURNAL_LENGTH, PREFIX, SCHEDULER_LEADER
from vedette.store.server.scripts import stalled_script

LOOK = 1.0
"""Seconds between two turns."""
GRACE = 10.0
"""Seconds for which something has to be stalled before it is set going."""
INTERVAL = 10.0
"""Seconds between two looks at an unfinished delivery."""
MOST = 50
"""How many unfinished deliveries are looked at in one turn."""
PASSED = 250
"""How many stored deliveries are passed over in one turn, to find the unfinished ones."""
MOST_OFTEN = 5
"""Number of recoveries after which a run or delivery is quarantined."""
_LINES = 10
"""Log lines per turn."""


class Recovered(msgspec.Struct, frozen=True, array_like=True):
    """Something that was stalled."""

    delivery: str
    run: str
    """The run's name; empty for the delivery itself."""
    problem: str
    is_given_up: bool


class StalledRecovery:
    """Finds and recovers stalled deliveries and runs, on behalf of one worker."""

    def __init__(self, client: Any, worker: str, *, grace: float = GRACE, interval: float = INTERVAL) -> None:
        """Describe it.

        Args:
            client: Redis, for a thread.
            worker: This process among the workers.
            grace: Seconds; see `GRACE`.
            interval: Seconds; see `INTERVAL`.
        """
        self._client = client
        self._worker = worker.encode()
        self._recover = client.register_script(stalled_script("runs/recover_stalled"))
        self._grace, self._interval = round(grace * 1000), round(interval * 1000)
        self._accepted: float | str = "-inf"
        self._cursor = 0

    def turn(self) -> list[Recovered]:
        """Check the next batch if this worker is the leader; return the recovered and the quarantined.

        Raises:
            RedisError: Redis does not answer.
        """
        if self._client.get(SCHEDULER_LEADER) != self._worker:
            self._accepted = "-inf"
            return []
        candidates = [*self._recent(), *self._scanned()]
        arguments = [self._grace, self._interval, MOST, JOURNAL_LENGTH, MOST_OFTEN, *candidates]
        answer = self._recover(keys=[PREFIX], args=arguments)
        found = [
            Recovered(answer[at].decode(), answer[at + 1].decode(), answer[at + 2].decode(), bool(answer[at + 3]))
            for at in range(0, len(answer), 4)
        ]
        _log(found)
        return found

    def _recent(self) -> list[bytes]:
        # From the oldest on, and then what has come since: those that are older than most attempts take.
        seconds, microseconds = self._client.time()
        until = seconds * 1000 + microseconds // 1000 - self._grace
        found = self._client.zrangebyscore(DELIVERIES, self._accepted, until, start=0, num=PASSED, withscores=True)
        if found:
            self._accepted = f"({found[-1][1]:.0f}"
        return [delivery for delivery, _ in found]

    def _scanned(self) -> list[bytes]:
        # The index may lack a delivery that was stored halfway, and is not in order for those that arrived late.
        self._cursor, names = self._client.scan(self._cursor, match=f"{DELIVERY_PREFIX}*", count=PASSED)
        return [name.removeprefix(DELIVERY_PREFIX.encode()) for name in names]


def _log(found: Sequence[Recovered]) -> None:
    log = structlog.get_logger()
    for one in found[:_LINES]:
        if one.is_given_up:
            log.error("stalled repeatedly; quarantined", delivery=one.delivery, run=one.run, problem=one.problem)
        else:
            log.warning("was stalled and is set going", delivery=one.delivery, run=one.run, problem=one.problem)
    if len(found) > _LINES:
        log.warning("more was stalled and is set going", number=len(found) - _LINES)
