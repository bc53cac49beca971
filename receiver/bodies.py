"""Reading a request's body within bounds: its size, its time, and what all unfinished bodies hold together.

A `Content-Length` may lie or be missing, so bytes are counted as they come.
"""

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import Receive, Scope


BODY_AT_ONCE = "vedette.body_at_once"
"""Under this name a request's state may hold a `BodyAtOnce`; only our own server has one (`protocol.py`)."""
BodyAtOnce = Callable[[], bytes | None]
"""Returns the whole body when it has come; None when it has not."""
_NO_STATE: dict[str, BodyAtOnce] = {}


class BodyRefusedError(Exception):
    """A body was not taken."""

    reason = "body"


class BodyTooLargeError(BodyRefusedError):
    """It is larger than one body may be."""

    reason = "too_large"


class BodyTooSlowError(BodyRefusedError):
    """It took longer than a body may take."""

    reason = "too_slow"


class BodyBrokenOffError(BodyRefusedError):
    """The sender went away before its end."""

    reason = "broken_off"


class TooManyUploadsError(BodyRefusedError):
    """Unfinished bodies hold all the memory they may."""

    reason = "too_many_uploads"


class Bodies:
    """Reads bodies, and keeps count of what unfinished ones hold."""

    def __init__(self, *, limit: int, timeout: float, held_limit: int) -> None:
        """Set the bounds.

        Args:
            limit: The largest body, in bytes.
            timeout: How long one may take, in seconds.
            held_limit: How many bytes of unfinished bodies are held at once.
        """
        self._limit = limit
        self._timeout = timeout
        self._held_limit = held_limit
        self._now = time.monotonic
        self._reading: dict[asyncio.Task[object] | None, float] = {}
        self._late: set[asyncio.Task[object] | None] = set()
        self.held = 0
        """Bytes of unfinished bodies held now."""

    def read_at_once(self, scope: "Scope") -> bytes | None:
        """Return the whole body when it is there already and the server can tell; None when it has to be read.

        Raises:
            BodyTooLargeError: When it is larger than one may be.
        """
        state: dict[str, BodyAtOnce] = scope.get("state", _NO_STATE)
        at_once = state.get(BODY_AT_ONCE)
        body = None if at_once is None else at_once()
        if body is not None and len(body) > self._limit:
            raise BodyTooLargeError
        return body

    async def read(self, receive: "Receive", declared: bytes | None) -> bytes:
        """Return the whole body.

        Args:
            receive: The ASGI connection.
            declared: The `Content-Length` header's value, so that an honest sender is refused at once.

        Raises:
            BodyRefusedError: One of its kinds, when a bound is passed or the sender went away.
        """
        if declared is not None and declared.isdigit() and int(declared[:20]) > self._limit:
            raise BodyTooLargeError
        task = asyncio.current_task()
        self._reading[task] = self._now() + self._timeout
        try:
            return await self._collect(receive)
        except asyncio.CancelledError:
            if task not in self._late:
                raise
            self._late.discard(task)
            raise BodyTooSlowError from None
        finally:
            del self._reading[task]

    async def end_late_ones(self) -> None:
        """End reading whatever takes too long; ends only when it is cancelled.

        One look at all of them now and then: a timer for each body costs as much as checking its signature.
        """
        while True:
            await asyncio.sleep(min(1.0, self._timeout / 4))
            now = self._now()
            for task, deadline in self._reading.items():
                if now > deadline and task is not None and task not in self._late:
                    self._late.add(task)
                    task.cancel()

    async def _collect(self, receive: "Receive") -> bytes:
        body = bytearray()
        try:
            more = True
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise BodyBrokenOffError
                chunk: bytes = message.get("body", b"")
                more = message.get("more_body", False)
                if len(body) + len(chunk) > self._limit:
                    raise BodyTooLargeError
                self._hold(len(chunk))
                body += chunk
            return bytes(body)
        finally:
            self.held -= len(body)

    def _hold(self, size: int) -> None:
        if self.held + size > self._held_limit:
            raise TooManyUploadsError
        self.held += size
