"""Acknowledges messages in batches: those that end while a request is pending are sent with the next one.

Threads do not wait for it. Until Redis has answered, the message belongs to this worker. If the worker crashes before,
the message is delivered again, and the recorded outcome of its run shows that the run has ended.
"""

import threading
from collections.abc import Callable

from redis.exceptions import RedisError
from structlog import get_logger

from vedette.store.server.retrying import outlast_in_thread

LARGEST_GROUP = 500


class AckBatcher:
    """Collects ids and sends them, in a thread of its own that starts with the first."""

    def __init__(self, send: Callable[[list[str]], None]) -> None:
        """Describe it.

        Args:
            send: Sends a group and waits for the answer; it can be repeated.
        """
        self._send = send
        self._waiting: list[str] = []
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._is_sending = False

    def add(self, identifier: str) -> None:
        """Acknowledge a message soon."""
        with self._changed:
            self._waiting.append(identifier)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="acknowledging", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def flush(self, longest: float) -> bool:
        """Wait up to `longest` seconds until all are acknowledged; return whether they are."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._waiting and not self._is_sending, longest)

    def _work(self) -> None:
        while True:
            with self._changed:
                self._is_sending = False
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._waiting)
                group, self._waiting = self._waiting[:LARGEST_GROUP], self._waiting[LARGEST_GROUP:]
                self._is_sending = True
            try:
                outlast_in_thread(lambda group=group: self._send(group))
            except RedisError:
                # A refusal that does not pass: these messages come again when this worker has ended.
                get_logger().exception("messages could not be acknowledged", messages=len(group))
