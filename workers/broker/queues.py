"""The queues in Redis, as a worker's threads use them: each command is one script.

The layout is dramatiq's (a list of ids, a hash of messages), so that whatever reads that finds its way. What differs is
what a worker holds: in order, so that it can go back in order, and without a look through all keys.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from vedette.store.server.keys import MOVER, QUEUES, WORKERS, held_key, messages_key, queue_key
from vedette.store.server.scripts import run_script, script

REFUSED_KEPT = 7 * 86_400_000
"""Milliseconds for which refused messages of other actors are kept."""


class Queues:
    """The commands, for one worker."""

    def __init__(self, client: Any, worker: str) -> None:
        self.client = client
        self.worker = worker
        names = ("enqueue", "fetch", "acknowledge", "requeue", "heartbeat", "deregister_worker")
        self._scripts = {name: client.register_script(script(f"queues/{name}")) for name in names}
        self._schedule = client.register_script(run_script("queues/delay"))
        self._move = client.register_script(run_script("queues/promote_due"))

    def put(self, queue: str, identifier: str, message: bytes) -> None:
        """Queue a message; repeating it changes nothing."""
        self._scripts["enqueue"](keys=[queue_key(queue), messages_key(queue)], args=[identifier, message])

    def schedule(self, queue: str, identifier: str, message: bytes, delay: int) -> None:
        """Queue a message in `delay` milliseconds; repeating it changes nothing."""
        self._schedule(keys=[queue_key(queue)], args=[queue, identifier, message, delay])

    def wait(self, queue: str, longest: float) -> bool:
        """Wait up to `longest` seconds for a message; return whether there is one."""
        # From the head onto the head of the same list: it changes nothing, and returns once there is something.
        name = queue_key(queue)
        return self.client.blmove(name, name, longest, "LEFT", "LEFT") is not None

    def fetch(self, queue: str, count: int) -> list[tuple[str, bytes]]:
        """Take up to `count` messages from the head; this worker holds them from now on."""
        taken = self._scripts["fetch"](keys=self._keys(queue), args=[count])
        return [(taken[at].decode(), taken[at + 1]) for at in range(0, len(taken), 2)]

    def acknowledge(self, queue: str, identifiers: Sequence[str], *, refused: bool = False) -> int:
        """End messages; return how many of them this worker still held."""
        keys = [messages_key(queue), held_key(queue, self.worker), f"{queue_key(queue)}.XQ"]
        keys.append(f"{queue_key(queue)}.XQ.msgs")
        return int(self._scripts["acknowledge"](keys=keys, args=[int(refused), REFUSED_KEPT, *identifiers]))

    def give_back(self, queue: str, keep: Iterable[str] = ()) -> int:
        """Put what this worker holds, except `keep`, back to the queue's head in order; return how many."""
        return int(self._scripts["requeue"](keys=self._keys(queue), args=list(keep)))

    def beat(self, queues: Iterable[str], *, silence: int, look: bool) -> dict[str, int]:
        """Give a sign of life, and where `look` is set give back what dead workers held.

        Args:
            queues: The names of this worker's queues.
            silence: Milliseconds after which a worker is dead.
            look: Whether to look for dead ones.

        Returns:
            The dead workers found, and how many messages each held.
        """
        args = [self.worker, silence, int(look), queue_key(""), *queues]
        found = self._scripts["heartbeat"](keys=[WORKERS, QUEUES], args=args)
        return {found[at].decode(): int(found[at + 1]) for at in range(0, len(found), 2)}

    def leave(self) -> None:
        """Take this worker off the list, at its orderly end; another may move at once what is due."""
        self._scripts["deregister_worker"](keys=[WORKERS, MOVER], args=[self.worker])

    def move(self, *, holds: int, most: int) -> tuple[bool, int, int]:
        """Queue what is due, if this worker is elected to do so.

        Args:
            holds: Milliseconds for which an election holds.
            most: How many to move at most.

        Returns:
            Whether it is elected, how many were moved, and the milliseconds until the next is due (-1: none).
        """
        elected, moved, until = self._move(keys=[QUEUES], args=[self.worker, holds, most])
        return bool(elected), int(moved), int(until)

    def size(self, queue: str) -> int:
        """Return how many messages of a queue are not ended."""
        return int(self.client.hlen(messages_key(queue)))

    def purge(self, queue: str) -> None:
        """Remove all messages of a queue."""
        own = held_key(queue, self.worker)
        name = queue_key(queue)
        self.client.delete(name, messages_key(queue), own, f"{name}.XQ", f"{name}.XQ.msgs")

    def _keys(self, queue: str) -> list[str]:
        return [queue_key(queue), messages_key(queue), held_key(queue, self.worker)]
