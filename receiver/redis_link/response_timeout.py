"""Implements the response timeout of a connection, which distinguishes a silent Redis from an unread response.

Under overload this process itself is late: responses are in its socket while timers expire. Dropping the connection
then would send all deliveries to the spool and from there to Redis again, which is even more work. So the socket is
read once more before Redis counts as silent.
"""

import asyncio
from collections.abc import Callable

_SILENT_SHARE = 0.5
"""The part of the timeout after which no more is sent to a silent Redis: all that wait for it expire together, and the
spool has to write them together."""
_SOCKET_READ = 0.001
"""Seconds; the event loop reads its sockets between two timers, however short the interval."""


class ResponseTimeout:
    """The response timeout of one connection."""

    def __init__(self, timeout: float, on_timeout: Callable[[str], None]) -> None:
        """Describe it.

        Args:
            timeout: How long an answer is waited for, in seconds.
            on_timeout: Called with the reason when that has passed.
        """
        self.timeout = timeout
        self.on_timeout = on_timeout
        self.is_silent = False
        """Return whether a response is so late that no more should be sent to Redis for now."""


class PendingResponse:
    """The timer of one call."""

    def __init__(self, timeout: ResponseTimeout) -> None:
        self._timeout = timeout
        self._loop = asyncio.get_running_loop()
        self._timer = self._loop.call_later(timeout.timeout * _SILENT_SHARE, self._read_socket)

    def end(self) -> None:
        """Stop the timer: the response arrived, or the connection ended."""
        self._timer.cancel()
        self._timeout.is_silent = False

    def _read_socket(self) -> None:
        self._timer = self._loop.call_later(_SOCKET_READ, self._mark_silent)

    def _mark_silent(self) -> None:
        self._timeout.is_silent = True
        self._timer = self._loop.call_later(self._timeout.timeout * (1 - _SILENT_SHARE), self._expire)

    def _expire(self) -> None:
        self._timeout.on_timeout(f"no answer within {self._timeout.timeout:g} s")
