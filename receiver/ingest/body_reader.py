"""Reading a request's body within bounds: its size, its time, and what all unfinished bodies hold together.

A `Content-Length` may lie or be missing, so bytes are counted as they come.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from receiver.admission.peers import Peers
from receiver.admission.uploads import Uploads

if TYPE_CHECKING:
    from starlette.types import Receive, Scope


BODY_AT_ONCE = "vedette.body_at_once"
"""Under this name a request's state may hold a `BodyAtOnce`; only our own server has one (`protocol.py`)."""
BodyAtOnce = Callable[[], bytes | None]
"""Returns the whole body when it has come; None when it has not."""
COLLECT_BODY = "vedette.collect_body"
"""Under this name a request's state may hold a `CollectBody`: its server holds the body to all bounds itself."""
CollectBody = Callable[["Scope"], Awaitable[bytes] | None]
"""Returns what waits for the whole body of a request; None when the body has come and is to be received."""
_NO_STATE: dict[str, Any] = {}


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


class BodyReader:
    """Reads bodies within bounds."""

    def __init__(self, *, limit: int, timeout: float, uploads: Uploads, peers: Peers) -> None:
        """Set the bounds.

        Args:
            limit: The largest body, in bytes.
            timeout: How long one may take, in seconds.
            uploads: What all unfinished bodies are counted in.
            peers: Names the peer that a body counts for.
        """
        self._limit = limit
        self._timeout = timeout
        self._uploads = uploads
        self._peers = peers
        self._now = time.monotonic
        self._reading: dict[asyncio.Task[object] | None, float] = {}
        self._ended: dict[asyncio.Task[object] | None, type[BodyRefusedError]] = {}

    def read_at_once(self, scope: "Scope") -> bytes | None:
        """Return the whole body when it is there already and the server can tell; None when it has to be read.

        Raises:
            BodyTooLargeError: When it is larger than one may be.
        """
        state: dict[str, BodyAtOnce] = scope.get("state", _NO_STATE)
        at_once = state.get(BODY_AT_ONCE)
        body = None if at_once is None else at_once()
        return None if body is None else self._within_limit(body)

    async def read(self, scope: "Scope", receive: "Receive", declared: bytes | None) -> bytes:
        """Return the whole body.

        Args:
            scope: The ASGI request.
            receive: Its way to receive.
            declared: The `Content-Length` header's value, so that an honest sender is refused at once.

        Raises:
            BodyRefusedError: One of its kinds, when a bound is passed or the sender went away.
        """
        if declared is not None and declared.isdigit() and int(declared[:20]) > self._limit:
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

    async def end_late_ones(self) -> None:
        """End reading whatever takes too long; ends only when it is cancelled.

        One look at all of them now and then: a timer for each body costs as much as checking its signature.
        """
        while True:
            await asyncio.sleep(min(1.0, self._timeout / 4))
            now = self._now()
            for task, deadline in list(self._reading.items()):
                if now > deadline:
                    self._end(task, BodyTooSlowError)

    def _end(self, task: "asyncio.Task[object] | None", error: type[BodyRefusedError]) -> None:
        if task is not None and task not in self._ended:
            self._ended[task] = error
            task.cancel()

    def _within_limit(self, body: bytes) -> bytes:
        if len(body) > self._limit:
            raise BodyTooLargeError
        return body

    async def _receive(self, scope: "Scope", receive: "Receive") -> bytes:
        """Read piece by piece, under a server that knows nothing of these bounds."""
        body = bytearray()
        task = asyncio.current_task()

        def refuse() -> None:
            body.clear()
            self._end(task, TooManyUploadsError)

        client: tuple[str, int] | None = scope.get("client")
        upload = self._uploads.begin(self._peers.name_of(client[0] if client else None), refuse)
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
                body += chunk
                self._uploads.grow(upload, len(chunk))
                if task in self._ended:
                    raise self._ended[task]
            return bytes(body)
        finally:
            self._uploads.end(upload)
