"""Implements a pipelined connection with futures for replies, one write for each iteration of the loop, and a timeout.

Replies come in the order of the commands. So one timer is enough for all commands of a connection: it looks at the
oldest write of which a command is unanswered.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

from redis.asyncio.connection import DefaultParser
from redis.exceptions import AskError, ClusterDownError, MovedError, ReadOnlyError
from redis.exceptions import ConnectionError as LostConnectionError
from redis.exceptions import TimeoutError as SlowServerError

from vedette.store.server.pipelined_connection import ConnectionLostError, RedisConnection, RedisReplyError

NOT_HERE = (MovedError, ReadOnlyError)
UNSETTLED = (AskError, ClusterDownError)
"""The keys are moving to another node, or no node has them at the moment; the server is discovered again."""
_SOCKET_READ = 0.001
"""Seconds; the event loop reads its sockets between two timers, so a reply that came in time is seen."""


class ServerMovedError(LostConnectionError):
    """The server is not the master, or no longer; the command was not executed."""


class CommandConnection(RedisConnection):
    """One connection to the server that has the keys."""

    def __init__(self, timeout: float, on_lost: Callable[[], None], on_moved: Callable[[], None]) -> None:
        """Prepare; to be made in a running event loop.

        Args:
            timeout: Seconds to wait for a reply; then the connection is ended.
            on_lost: Called when the connection has ended.
            on_moved: Called when the server says that another one has the keys; the commands that follow belong there.
        """
        super().__init__(on_lost)
        self._loop = asyncio.get_running_loop()
        self._timeout = timeout
        self._on_moved = on_moved
        self._outgoing: list[bytes] = []
        self._accepted = 0
        self._writes: deque[tuple[int, float]] = deque()
        """How many commands were accepted by the time of each write whose replies are not known to be complete."""
        self._timer: asyncio.TimerHandle | None = None
        self._is_silent = False
        self._is_retired = False

    def request(self, data: bytes) -> "asyncio.Future[Any]":
        """Send one encoded command with the others of this iteration of the loop; return its reply as a future.

        The future ends with an error of `redis.exceptions` for an error reply, `ConnectionError` when the connection
        ended before, and `TimeoutError` when the reply was late.
        """
        answer: asyncio.Future[Any] = self._loop.create_future()
        if self._transport is None:
            self._settle(answer, ConnectionLostError(self._reason))
            return answer
        self._pending.append(partial(self._settle, answer))
        self._accepted += 1
        if not self._outgoing:
            self._loop.call_soon(self._flush)
        self._outgoing.append(data)
        return answer

    def retire(self) -> None:
        """End the connection when all pending commands are answered; no more may be sent."""
        self._is_retired = True
        self._close_if_retired()

    def data_received(self, data: bytes) -> None:
        """Parse replies and settle their futures (called by the event loop)."""
        super().data_received(data)
        self._close_if_retired()

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail all pending commands (called by the event loop)."""
        super().connection_lost(exc)
        if self._timer is not None:
            self._timer.cancel()

    def _flush(self) -> None:
        outgoing, self._outgoing = self._outgoing, []
        if self._transport is None:
            return
        self._transport.write(outgoing[0] if len(outgoing) == 1 else b"".join(outgoing))
        self._forget_answered()
        self._writes.append((self._accepted, self._loop.time()))
        if self._timer is None:
            self._timer = self._loop.call_later(self._timeout, self._look)

    def _forget_answered(self) -> None:
        answered = self._accepted - len(self._pending)
        while self._writes and self._writes[0][0] <= answered:
            self._writes.popleft()

    def _look(self) -> None:
        """Let the loop read the socket once more when a reply is late: this process may be late itself."""
        self._timer = None
        self._forget_answered()
        if not self._writes:
            return
        left = self._writes[0][1] + self._timeout - self._loop.time()
        if left > 0:
            self._timer = self._loop.call_later(left, self._look)
        else:
            self._timer = self._loop.call_later(_SOCKET_READ, self._expire)

    def _expire(self) -> None:
        self._timer = None
        self._forget_answered()
        if self._writes and self._writes[0][1] + self._timeout <= self._loop.time():
            self._is_silent = True
            self.abort(f"no answer within {self._timeout:g} s")
        else:
            self._look()

    def _close_if_retired(self) -> None:
        if self._is_retired and not self._pending and self._transport is not None:
            self._transport.close()

    def _settle(self, answer: "asyncio.Future[Any]", reply: object) -> None:
        if isinstance(reply, RedisReplyError):
            error = self._note_refusal(redis_error(reply))
            if not answer.done():
                answer.set_exception(error)
        elif answer.done():
            # The task that waited was cancelled.
            return
        elif isinstance(reply, ConnectionLostError):
            answer.set_exception((SlowServerError if self._is_silent else LostConnectionError)(reply.reason))
        else:
            answer.set_result(reply)

    def _note_refusal(self, error: Exception) -> Exception:
        if not isinstance(error, (*NOT_HERE, *UNSETTLED)):
            return error
        if not self._is_retired:
            self._on_moved()
            self.retire()
        return ServerMovedError(str(error)) if isinstance(error, NOT_HERE) else error


def redis_error(reply: RedisReplyError) -> Exception:
    """Return the error of `redis.exceptions` for an error reply."""
    return DefaultParser.parse_error(reply.message)
