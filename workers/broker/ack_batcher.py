"""Acknowledges messages in batches: those that end while a request is pending are sent with the next one.

Nobody waits for it. Until Redis has answered, the message belongs to this worker. If the worker crashes before, the
message is delivered again, and the recorded outcome of its run shows that the run has ended.
"""

import asyncio
from collections.abc import Awaitable, Callable

from redis.exceptions import RedisError
from structlog import get_logger

from vedette.store.server.retrying import retry_until_available

LARGEST_GROUP = 500


class AckBatcher:
    """Collects the ids of one iteration of the event loop and sends them, in a task that starts with the first."""

    def __init__(self, send: Callable[[list[str]], Awaitable[None]]) -> None:
        """Describe it.

        Args:
            send: Sends a group and waits for the answer; it can be repeated.
        """
        self._send = send
        self._waiting: list[str] = []
        self._sending: asyncio.Task[None] | None = None
        self._is_closed = False

    def add(self, identifier: str) -> None:
        """Acknowledge a message soon."""
        if self._is_closed:
            return
        self._waiting.append(identifier)
        if self._sending is None:
            self._sending = asyncio.get_running_loop().create_task(self._work(), name="acknowledging")

    async def flush(self, longest: float) -> bool:
        """Wait up to `longest` seconds until all are acknowledged; return whether they are."""
        if self._sending is not None:
            await asyncio.wait({self._sending}, timeout=longest)
        return self._sending is None

    def close(self) -> None:
        """Acknowledge nothing more: the messages go to others, who find what has ended."""
        self._is_closed = True
        self._waiting.clear()
        if self._sending is not None:
            self._sending.cancel()

    async def _work(self) -> None:
        try:
            while self._waiting:
                group, self._waiting = self._waiting[:LARGEST_GROUP], self._waiting[LARGEST_GROUP:]
                await self._send_lastingly(group)
        finally:
            self._sending = None

    async def _send_lastingly(self, group: list[str]) -> None:
        try:
            await retry_until_available(lambda: self._send(group))
        except RedisError:
            # A refusal that does not pass: these messages come again when this worker has ended.
            get_logger().exception("messages could not be acknowledged", messages=len(group))
