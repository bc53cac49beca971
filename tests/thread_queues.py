"""The queue commands with those of a consumer, for tests that stand for a worker and have no event loop."""

from collections.abc import Sequence
from typing import Any

from vedette.store.server.keys import WORKERS, in_flight_key, messages_key, queue_key
from vedette.store.server.scripts import script
from workers.broker.queues import REFUSED_KEPT, Queues


class ThreadQueues(Queues):
    """Runs the scripts of `workers.broker.loop_queues` in a thread."""

    def __init__(self, client: Any, worker: str) -> None:
        super().__init__(client, worker)
        self._fetch, self._acknowledge = (
            client.register_script(script(f"queues/{name}")) for name in ("fetch", "acknowledge")
        )

    def fetch(self, queue: str, count: int) -> list[tuple[str, bytes]]:
        """Take up to `count` messages from the head; they are in flight at this worker from now on."""
        keys = [queue_key(queue), messages_key(queue), in_flight_key(queue, self.worker), WORKERS]
        taken = self._fetch(keys=keys, args=[count, self.worker])
        return [(taken[at].decode(), taken[at + 1]) for at in range(0, len(taken), 2)]

    def acknowledge(self, queue: str, identifiers: Sequence[str]) -> int:
        """Acknowledge messages; return how many of them were still in flight at this worker."""
        name = queue_key(queue)
        keys = [messages_key(queue), in_flight_key(queue, self.worker), f"{name}.XQ", f"{name}.XQ.msgs"]
        return int(self._acknowledge(keys=keys, args=[0, REFUSED_KEPT, *identifiers]))
