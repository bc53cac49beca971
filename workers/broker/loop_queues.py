"""Queue commands of the consumers, on the event loop of a worker; `workers.broker.queues` has those of its threads.

All but the blocking one go over the connection that all tasks of the process share.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from vedette.store.server.client import RedisClient
from vedette.store.server.keys import WORKERS, in_flight_key, messages_key, queue_key
from vedette.store.server.scripts import script
from workers.broker.queues import REFUSED_KEPT


class LoopQueues:
    """The commands, for one worker."""

    def __init__(self, client: RedisClient, worker: str) -> None:
        self._client: Any = client
        self._worker = worker
        self._scripts = {
            name: client.register_script(script(f"queues/{name}")) for name in ("fetch", "acknowledge", "requeue")
        }

    async def wait_for_message(self, queue: str, longest: float) -> bool:
        """Wait up to `longest` seconds for a message; return whether there is one."""
        # From the head onto the head of the same list: it changes nothing, and returns once there is something.
        name = queue_key(queue)
        return await self._client.blmove(name, name, longest, "LEFT", "LEFT") is not None

    async def fetch(self, queue: str, count: int) -> list[tuple[str, bytes]]:
        """Take up to `count` messages from the head; they are in flight at this worker from now on."""
        keys = [*self._keys(queue), WORKERS]
        taken: list[bytes] = await self._scripts["fetch"](keys=keys, args=[count, self._worker])
        return [(taken[at].decode(), taken[at + 1]) for at in range(0, len(taken), 2)]

    async def acknowledge(self, queue: str, identifiers: Sequence[str], *, refused: bool = False) -> int:
        """Acknowledge messages; return how many of them were still in flight at this worker."""
        name = queue_key(queue)
        keys = [messages_key(queue), in_flight_key(queue, self._worker), f"{name}.XQ", f"{name}.XQ.msgs"]
        return int(await self._scripts["acknowledge"](keys=keys, args=[int(refused), REFUSED_KEPT, *identifiers]))

    async def requeue(self, queue: str, keep: Iterable[str] = ()) -> int:
        """Put the messages in flight, except `keep`, back to the queue's head in order; return how many."""
        return int(await self._scripts["requeue"](keys=self._keys(queue), args=list(keep)))

    def _keys(self, queue: str) -> list[str]:
        return [queue_key(queue), messages_key(queue), in_flight_key(queue, self._worker)]
