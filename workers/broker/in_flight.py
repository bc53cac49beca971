"""Which messages of a queue the threads of this process work on, and whether there is room for more."""

import threading
from collections.abc import Iterable


class InFlightMessages:
    """The ids, shared by the consumer's thread, which adds, and the acknowledging thread, which takes away."""

    def __init__(self) -> None:
        self._ids: set[str] = set()
        self._enough = 0
        self._changed = threading.Condition()

    def add(self, identifier: str) -> None:
        """Note a message that a thread is given."""
        with self._changed:
            self._ids.add(identifier)

    def remove(self, identifiers: Iterable[str]) -> None:
        """Record that messages have ended, and wake the consumer when it waits for capacity."""
        with self._changed:
            self._ids.difference_update(identifiers)
            if len(self._ids) <= self._enough:
                self._changed.notify_all()

    def room(self, limit: int, longest: float) -> int:
        """Return how many more may be taken, after waiting up to `longest` seconds for some.

        Some are a quarter of the limit: a trip to Redis for each message would cost more than the messages.
        """
        with self._changed:
            self._enough = min(limit - 1, limit * 3 // 4)
            self._changed.wait_for(lambda: len(self._ids) <= self._enough, longest)
            return max(0, limit - len(self._ids))

    def all(self) -> list[str]:
        """Return the ids."""
        with self._changed:
            return list(self._ids)
