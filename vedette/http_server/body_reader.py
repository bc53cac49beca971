"""Reads request bodies within limits on size, time and the memory of all unfinished bodies.

`Content-Length` may be wrong or missing, so received bytes are counted.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from vedette.http_server.peers import Peers
from vedette.http_server.uploads import Uploads

if TYPE_CHECKING:
    from starlette.types import Receive, Scope


BUFFERED_BODY = "vedette.buffered_body"
"""The key of a `TakeBufferedBody` in a request's state; only `vedette.http_server.http_protocol` sets it."""
TakeBufferedBody = Callable[[], bytes | None]
"""Returns the complete body; None while it is incomplete."""
COLLECT_BODY = "vedette.collect_body"
"""The key of a `CollectBody` in a request's state; a server that sets it enforces the limits itself."""
CollectBody = Callable[["Scope"], Awaitable[bytes] | None]
"""Returns an awaitable of the complete body; None when the body is complete and to be received by ASGI messages."""
_NO_STATE: dict[str, Any] = {}


class BodyRejectedError(Exception):
    """A body was rejected; `reason` is the label of the rejection."""

    reason = "body"


class BodyTooLargeError(BodyRejectedError):
    """A body exceeds the size limit."""

    reason = "too_large"


class BodyTooSlowError(BodyRejectedError):
    """A body exceeds the upload timeout."""

    reason = "too_slow"


class BodyIncompleteError(BodyRejectedError):
    """The sender disconnected before the end of a body."""

    reason = "broken_off"


class TooManyUploadsError(BodyRejectedError):
    """A body was evicted because unfinished bodies exceed the memory limit."""

    reason = "too_many_uploads"


class BodyReader:
    """A reader of request bodies that enforces the limits."""

    def __init__(self, *, limit: int, timeout: float, uploads: Uploads, peers: Peers) -> None:
        """Set the limits.

        Args:
            limit: The largest body, in bytes.
            timeout: Seconds that a body may take.
            uploads: Accounts for the memory of all unfinished bodies.
            peers: Identifies the peer of a connection.
        """
        self.limit = limit
        self._timeout = timeout
        self._uploads = uploads
        self._peers = peers
        self._now = time.monotonic
        self._reading: dict[asyncio.Task[object] | None, float] = {}
        self._ended: dict[asyncio.Task[object] | None, type[BodyRejectedError]] = {}

    def read_buffered(self, scope: "Scope") -> bytes | None:
        """Return the complete body when the server has buffered it; None when it has to be read.

        Raises:
            BodyTooLargeError: It exceeds the size limit.
        """
        state: dict[str, TakeBufferedBody] = scope.get("state", _NO_STATE)
        take = state.get(BUFFERED_BODY)
        body = None if take is None else take()
        return None if body is None else self._within_limit(body)

    async def read(self, scope: "Scope", receive: "Receive", declared: bytes | None) -> bytes:
        """Return the complete body.

        Args:
            scope: The ASGI connection scope.
            receive: The ASGI receive function.
            declared: The value of `Content-Length`, by which a body that is too large is rejected early.

        Raises:
            BodyRejectedError: A limit was exceeded or the sender disconnected; see its subclasses.
        """
        if declared is not None and declared.isdigit() and int(declared[:20]) > self.limit:
            raise BodyTooLargeError
        task = asyncio.current_task()
        self._reading[task] = self._now() + self._timeout
        try:
            state: dict[str, CollectBody] = scope.get("state", _NO_STATE)
            collect = state.get(COLLECT_BODY)
            collected = None if collect is None else collect(scope)
            return self._within_limit(await (self._receive(scope, receive) if collected is None else collected))
        except asyncio.CancelledError:
            if task not in self._ended:
                raise
            raise self._ended[task] from None
        finally:
            del self._reading[task]
            self._ended.pop(task, None)

    async def reject_late_bodies(self) -> None:
        """Reject bodies that exceed the upload timeout, until cancelled.

        It polls: a timer for each body costs as much as verifying its signature.
        """
        while True:
            await asyncio.sleep(min(1.0, self._timeout / 4))
            now = self._now()
            for task, deadline in list(self._reading.items()):
                if now > deadline:
                    self._end(task, BodyTooSlowError)

    def _end(self, task: "asyncio.Task[object] | None", error: type[BodyRejectedError]) -> None:
        if task is not None and task not in self._ended:
            self._ended[task] = error
            task.cancel()

    def _within_limit(self, body: bytes) -> bytes:
        if len(body) > self.limit:
            raise BodyTooLargeError
        return body

    async def _receive(self, scope: "Scope", receive: "Receive") -> bytes:
        """Read by ASGI messages, under a server that does not enforce the limits."""
        body = bytearray()
        task = asyncio.current_task()

        def reject() -> None:
            body.clear()
            self._end(task, TooManyUploadsError)

        client: tuple[str, int] | None = scope.get("client")
        upload = self._uploads.begin(self._peers.identify(client[0] if client else None), reject)
        try:
            more = True
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise BodyIncompleteError
                chunk: bytes = message.get("body", b"")
                more = message.get("more_body", False)
                if len(body) + len(chunk) > self.limit:
                    raise BodyTooLargeError
                body += chunk
                self._uploads.grow(upload, len(chunk))
                if task in self._ended:
                    raise self._ended[task]
            return bytes(body)
        finally:
            self._uploads.end(upload)
