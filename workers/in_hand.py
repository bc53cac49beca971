"""Which messages of a queue the threads of this process work on, and whether there is room for more."""

import threading


class InHand:
    """The ids, shared by the consumer's thread, which adds, and the workers' threads, which take away."""

    def __init__(self) -> None:
        self._ids: set[str] = set()
        self._changed = threading.Condition()

    def add(self, identifier: str) -> None:
        """Note a message that a thread is given."""
        with self._changed:
            self._ids.add(identifier)

    def remove(self, identifier: str) -> None:
        """Note that a message is ended, and wake who waits for room."""
        with self._changed:
            self._ids.discard(identifier)
            self._changed.notify_all()

    def room(self, limit: int, longest: float) -> int:
        """Return how many more may be taken, after waiting up to `longest` seconds for any."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._ids) < limit, longest)
            return max(0, limit - len(self._ids))

    def all(self) -> list[str]:
        """Return the ids."""
        with self._changed:
            return list(self._ids)
