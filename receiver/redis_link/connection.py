"""One raw connection to Redis: commands out as bytes, answers back in order.

It never repeats anything and never waits: what was sent may have been done even when its answer is lost, and only the
caller knows what that means.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, cast

import hiredis


class ConnectionLostError(Exception):
    """The connection ended; whether the commands that were waiting took effect is unknown."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"the connection to Redis ended: {reason}")


class RedisRefusedError(Exception):
    """Redis answered with an error; `code` is its first word, such as `OOM` or `READONLY`."""

    def __init__(self, message: str) -> None:
        self.code = message.partition(" ")[0]
        self.message = message
        super().__init__(f"Redis refused: {message}")


Settle = Callable[[Any], None]
"""Takes the answer, or `RedisRefusedError` or `ConnectionLostError` as a value.

Called at once, so that no turn of the loop is lost.
"""


class RedisConnection(asyncio.Protocol):
    """A connection that pipelines: each answer goes to the oldest command that has none yet."""

    def __init__(self, on_lost: Callable[[], None]) -> None:
        self._reader = hiredis.Reader()
        self._waiting: deque[Settle] = deque()
        self._transport: asyncio.Transport | None = None
        self._on_lost = on_lost
        self._reason = "closed by the server"

    def send(self, data: Sequence[bytes], settle: Settle) -> None:
        """Send one command, given in pieces, and hand its answer to `settle`."""
        if self._transport is None:
            settle(ConnectionLostError(self._reason))
            return
        self._waiting.append(settle)
        self._transport.writelines(data)

    async def ask(self, data: bytes) -> Any:
        """Send one command and return its answer.

        Raises:
            RedisRefusedError: When Redis answers with an error.
            ConnectionLostError: When it does not answer.
        """
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

        def settle(result: object) -> None:
            if not answer.done():
                answer.set_result(result)

        self.send((data,), settle)
        result = await answer
        if isinstance(result, RedisRefusedError | ConnectionLostError):
            raise result
        return result

    def abort(self, reason: str) -> None:
        """End the connection at once, and with it all that wait for an answer."""
        self._reason = reason
        if self._transport is not None:
            self._transport.abort()
            self._lose()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin (called by the loop)."""
        self._transport = cast("asyncio.Transport", transport)
        # Write at once: uvloop otherwise waits for the end of its turn, and Redis could have been at work meanwhile.
        self._transport.set_write_buffer_limits(0)

    def data_received(self, data: bytes) -> None:
        """Hand out the answers in `data` (called by the loop)."""
        self._reader.feed(data)
        try:
            while (answer := self._reader.gets()) is not False:
                self._hand_out(answer)
        except (hiredis.ProtocolError, IndexError):
            self.abort("it does not speak Redis's protocol")

    def connection_lost(self, exc: Exception | None) -> None:
        """End (called by the loop)."""
        if exc is not None:
            self._reason = str(exc) or type(exc).__name__
        self._lose()

    def _hand_out(self, result: object) -> None:
        settle = self._waiting.popleft()
        settle(RedisRefusedError(str(result)) if isinstance(result, hiredis.ReplyError) else result)

    def _lose(self) -> None:
        if self._transport is None:
            return
        self._transport = None
        self._on_lost()
        waiting, self._waiting = self._waiting, deque()
        for settle in waiting:
            settle(ConnectionLostError(self._reason))


def encode_command(*arguments: bytes) -> bytes:
    """Return a command in Redis's protocol; the generic path of a client library costs more than storing a delivery."""
    return b"*%d\r\n" % len(arguments) + encode_bulk_strings(arguments)


def encode_bulk_strings(arguments: Sequence[bytes]) -> bytes:
    """Return arguments in Redis's protocol, to be sent after an array's header."""
    return b"".join([b"$%d\r\n%b\r\n" % (len(argument), argument) for argument in arguments])
