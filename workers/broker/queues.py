"""Queue commands of a worker's threads and of producers, each one atomic script; `loop_queues` has the consumers'.

The layout is dramatiq's (a list of ids, a hash of messages), so that tools that read it keep working. It differs in the
messages in flight: a sorted set per worker, so that they are requeued in order and without a scan of all keys.
"""

from collections.abc import Iterable
from typing import Any

from vedette.store.server.keys import QUEUES, SCHEDULER_LEADER, WORKERS, in_flight_key, messages_key, queue_key
from vedette.store.server.scripts import run_script, script

REFUSED_KEPT = 7 * 86_400_000
"""Milliseconds for which refused messages of other actors are kept."""


class Queues:
    """The commands, for one worker."""

    def __init__(self, client: Any, worker: str) -> None:
        self.client = client
        self.worker = worker
        names = ("enqueue", "requeue", "heartbeat", "deregister_worker")
        self._scripts = {name: client.register_script(script(f"queues/{name}")) for name in names}
        self._delay = client.register_script(run_script("queues/delay"))
        self._promote = client.register_script(run_script("queues/promote_due"))

    def enqueue(self, queue: str, identifier: str, message: bytes) -> None:
        """Enqueue a message; repeating it changes nothing."""
        self._scripts["enqueue"](keys=[queue_key(queue), messages_key(queue)], args=[identifier, message])

    def delay(self, queue: str, identifier: str, message: bytes, milliseconds: int) -> None:
        """Enqueue a message in so many milliseconds; repeating it changes nothing."""
        self._delay(keys=[queue_key(queue)], args=[queue, identifier, message, milliseconds])

    def requeue(self, queue: str, keep: Iterable[str] = ()) -> int:
        """Put the messages in flight, except `keep`, back to the queue's head in order; return how many."""
        return int(self._scripts["requeue"](keys=self._keys(queue), args=list(keep)))

    def heartbeat(self, queues: Iterable[str], *, timeout: int, recover: bool) -> dict[str, int]:
        """Write this worker's heartbeat; where `recover` is set, requeue the messages in flight at dead workers.

        Args:
            queues: The names of this worker's queues.
            timeout: Milliseconds without a heartbeat after which a worker counts as dead.
            recover: Whether to look for dead workers.

        Returns:
            The dead workers, each with the number of its messages in flight.
        """
        args = [self.worker, timeout, int(recover), queue_key(""), *queues]
        found = self._scripts["heartbeat"](keys=[WORKERS, QUEUES], args=args)
        return {found[at].decode(): int(found[at + 1]) for at in range(0, len(found), 2)}

    def deregister_worker(self) -> None:
        """Remove this worker at its orderly end; another may become leader at once."""
        self._scripts["deregister_worker"](keys=[WORKERS, SCHEDULER_LEADER], args=[self.worker])

    def promote_due(self, *, lease: int, most: int) -> tuple[bool, int, int]:
        """Enqueue the delayed messages that are due, if this worker is the leader or becomes it.

        Args:
            lease: Milliseconds for which it stays leader.
            most: How many to enqueue at most.

        Returns:
            Whether it is the leader, how many were enqueued, and the milliseconds until the next is due (-1: none).
        """
        is_leader, promoted, until = self._promote(keys=[QUEUES], args=[self.worker, lease, most])
        return bool(is_leader), int(promoted), int(until)

    def size(self, queue: str) -> int:
        """Return how many messages of a queue are not acknowledged."""
        return int(self.client.hlen(messages_key(queue)))

    def purge(self, queue: str) -> None:
        """Remove all messages of a queue."""
        own = in_flight_key(queue, self.worker)
        name = queue_key(queue)
        self.client.delete(name, messages_key(queue), own, f"{name}.XQ", f"{name}.XQ.msgs")

    def _keys(self, queue: str) -> list[str]:
        return [queue_key(queue), messages_key(queue), in_flight_key(queue, self.worker)]
