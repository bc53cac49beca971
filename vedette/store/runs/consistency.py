"""Finds deliveries that are neither ended nor going to be: accepted or decided, and nothing takes them up again.

The workers look for these and recover them (`recover_stalled.lua`); this only reports them, for `vedette doctor` and
for tests. `_stalled.lua` has the rules, which both share.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from vedette.store.server.client import RedisClient
from vedette.store.server.keys import DELIVERY_PREFIX, PREFIX
from vedette.store.server.scripts import stalled_script

_BATCH = 100
_SCANNED = 1000

_MEANING = {
    "undecided": "was accepted and never queued, so that no handler was chosen for it",
    "unclosed": "has runs that all ended, and is not marked as finished",
    "missing": "is named by its delivery and not stored",
    "queued": "has no message in the queue",
    "retrying": "is to be tried again and is not scheduled",
    "waiting": "waits, and nothing that it waits for continues",
    "running": "is said to be running, and no worker has it",
}


@dataclass(frozen=True)
class Stalled:
    """A delivery, or a run of it, that nothing takes up again."""

    delivery: str
    run: str
    """The run's name; empty for the delivery itself."""
    problem: str
    """`undecided` or `unclosed` (the delivery), `missing` (the run), or the state in which the run is stalled."""
    mark: str = ""
    """Distinguishes this stall from a later one of the same run."""

    def __str__(self) -> str:
        about = f"the run of {self.run} on {self.delivery}" if self.run else f"delivery {self.delivery}"
        return f"{about} {_MEANING.get(self.problem, self.problem)}"


async def find_stalled(client: RedisClient, *, confirm_after: float = 0.0) -> list[Stalled]:
    """Return the stalled deliveries and runs in the order of acceptance; reads all deliveries and changes nothing.

    Args:
        client: Redis.
        confirm_after: Look again after so many seconds, and return only those that were stalled both times: between two
            steps of a worker that has just started, a run may seem to be stalled.

    Raises:
        redis.exceptions.RedisError: Redis gives no answer.
    """
    found = await _look(client, await _deliveries(client))
    if found and confirm_after > 0:
        await asyncio.sleep(confirm_after)
        again = set(await _look(client, dict.fromkeys(one.delivery for one in found)))
        found = [one for one in found if one in again]
    return found


async def _deliveries(client: RedisClient) -> list[str]:
    # Not by the index: writes of a script that failed in the middle may be missing there.
    names: set[bytes] = set()
    cursor = 0
    while True:
        cursor, some = await client.scan(cursor, match=f"{DELIVERY_PREFIX}*", count=_SCANNED)
        names.update(some)
        if not cursor:
            return sorted(name.decode().removeprefix(DELIVERY_PREFIX) for name in names)


async def _look(client: RedisClient, deliveries: Iterable[str]) -> list[Stalled]:
    look = client.register_script(stalled_script("runs/find_stalled"))
    wanted = list(deliveries)
    found: list[Stalled] = []
    for start in range(0, len(wanted), _BATCH):
        answer = await look(keys=[PREFIX], args=wanted[start : start + _BATCH])
        texts: list[str] = [value.decode() for value in answer]
        found += [Stalled(*texts[at : at + 4]) for at in range(0, len(texts), 4)]
    return found
