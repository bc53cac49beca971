"""Implements a pipelined connection to Redis over asyncio, on hiredis's parser.

It never retries: a command may have taken effect although its response is lost, and only the caller knows whether
repeating it is safe.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, cast

import hiredis


class ConnectionLostError(Exception):
    """The connection ended; pending commands may or may not have taken effect."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"the connection to Redis ended: {reason}")


class RedisReplyError(Exception):
    """An error reply of Redis; `code` is its first word, such as `OOM` or `READONLY`."""

    def __init__(self, message: str) -> None:
        self.code = message.partition(" ")[0]
        self.message = message
        super().__init__(f"Redis refused: {message}")


OnReply = Callable[[Any], None]
"""A callback for the reply, or for a `RedisReplyError` or `ConnectionLostError` as a value.

Called synchronously, which saves an iteration of the event loop.
"""


class RedisConnection(asyncio.Protocol):
    """A pipelined connection: each reply belongs to the oldest pending command."""

    def __init__(self, on_lost: Callable[[], None]) -> None:
        self._reader = hiredis.Reader()
        self._pending: deque[OnReply] = deque()
        self._transport: asyncio.Transport | None = None
        self._on_lost = on_lost
        self._reason = "closed by the server"

    def send(self, data: Sequence[bytes], on_reply: OnReply) -> None:
        """Send one command, given in pieces, and call `on_reply` with its reply."""
        if self._transport is None:
            on_reply(ConnectionLostError(self._reason))
            return
        self._pending.append(on_reply)
        self._transport.writelines(data)

    async def execute(self, data: bytes) -> Any:
        """Send one command and return its reply.

        Raises:
            RedisReplyError: The reply is an error.
            ConnectionLostError: The connection ended before the reply.
        """
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

        def on_reply(result: object) -> None:
            if not answer.done():
                answer.set_result(result)

        self.send((data,), on_reply)
        result = await answer
        if isinstance(result, RedisReplyError | ConnectionLostError):
            raise result
        return result

    def abort(self, reason: str) -> None:
        """Close the connection at once; all pending commands fail."""
        self._reason = reason
        if self._transport is not None:
            self._transport.abort()
            self._fail_pending()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Store the transport (called by the event loop)."""
        self._transport = cast("asyncio.Transport", transport)
        # Write at once: uvloop otherwise buffers until the end of the iteration, in which Redis could work already.
        self._transport.set_write_buffer_limits(0)

    def data_received(self, data: bytes) -> None:
        """Parse replies and call their callbacks (called by the event loop)."""
        self._reader.feed(data)
        try:
            while (answer := self._reader.gets()) is not False:
                self._dispatch(answer)
        except (hiredis.ProtocolError, IndexError):
            self.abort("the server does not use Redis's protocol")

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail all pending commands (called by the event loop)."""
        if exc is not None:
            self._reason = str(exc) or type(exc).__name__
        self._fail_pending()

    def _dispatch(self, result: object) -> None:
        on_reply = self._pending.popleft()
        on_reply(RedisReplyError(str(result)) if isinstance(result, hiredis.ReplyError) else result)

    def _fail_pending(self) -> None:
        if self._transport is None:
            return
        self._transport = None
        self._on_lost()
        pending, self._pending = self._pending, deque()
        for on_reply in pending:
            on_reply(ConnectionLostError(self._reason))


def encode_command(*arguments: bytes) -> bytes:
    """Return a command in Redis's protocol; the generic path of a client library costs more than storing a delivery."""
    return b"*%d\r\n" % len(arguments) + encode_bulk_strings(arguments)


def encode_bulk_strings(arguments: Sequence[bytes]) -> bytes:
    """Return arguments in Redis's protocol, to be sent after an array's header."""
    return b"".join([b"$%d\r\n%b\r\n" % (len(argument), argument) for argument in arguments])
