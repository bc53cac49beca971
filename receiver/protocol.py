"""HTTP as uvicorn speaks it, with the bounds it lacks: how large a request's head may be, and how slow.

Without them one client that never ends its headers holds a connection, or memory, for as long as it likes. It also
has a way to send in one piece an answer that is ready: checking it header by header and writing it in two would be a
tenth of what taking a delivery costs.
"""

from typing import TYPE_CHECKING, Any, ClassVar

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from receiver.answers import ANSWER_AT_ONCE
from receiver.bodies import BODY_AT_ONCE

if TYPE_CHECKING:
    import asyncio


class BoundedHttp(HttpToolsProtocol):
    """uvicorn's protocol with bounds on the head; `bounded` makes one with other values."""

    head_limit: ClassVar[int] = 64 * 1024
    head_timeout: ClassVar[float] = 10.0

    _written_headers: "ClassVar[tuple[list[tuple[bytes, bytes]], bytes]]" = ([], b"")
    _head_size = 0
    _head_timer: "asyncio.TimerHandle | None" = None
    _idle_since = 0.0
    _idle_timer: "asyncio.TimerHandle | None" = None

    def connection_made(self, transport: "asyncio.Transport") -> None:  # type: ignore[override]
        """Begin, and give the first head its time."""
        super().connection_made(transport)
        at_once: dict[str, Any] = {BODY_AT_ONCE: self._body_at_once, ANSWER_AT_ONCE: self._answer_at_once}
        self.app_state = self.app_state | at_once
        self._head_timer = self.loop.call_later(self.head_timeout, self._end)

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._stop_timer()
        if self._idle_timer is not None:
            self._idle_timer.cancel()
        self.app_state.clear()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes, as long as the head is within its bounds; nearly always it comes whole, and costs nothing."""
        super().data_received(data)
        if self._is_in_head():
            self._head_size += len(data)
            if self._head_size > self.head_limit:
                self._end()
            elif self._head_timer is None:
                self._head_timer = self.loop.call_later(self.head_timeout, self._end)
        elif self._head_timer is not None or self._head_size:
            self._head_size = 0
            self._stop_timer()

    def _is_in_head(self) -> bool:
        # The method is the first thing that uvicorn notes when a head is whole; before the first one it has no scope.
        return "method" not in (self.scope or ())

    def _is_busy(self) -> bool:
        # An answer that was not sent at once has uvicorn's own timer.
        return self._head_size > 0 or not self.cycle.response_complete or self.timeout_keep_alive_task is not None

    def _end(self) -> None:
        self._head_timer = None
        if self._is_in_head() and not self.transport.is_closing():
            self.transport.close()

    def _stop_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _body_at_once(self) -> bytes | None:
        cycle = self.cycle
        if cycle.more_body or self.pipeline or cycle.disconnected or cycle.waiting_for_100_continue:
            return None
        body, cycle.body = bytes(cycle.body), bytearray()
        return body

    def _answer_at_once(self, status: int, head: bytes, body: bytes) -> bool:
        cycle = self.cycle
        if self.pipeline or not cycle.keep_alive or cycle.disconnected or self.flow.write_paused:
            return False
        cycle.response_started = cycle.response_complete = True
        self.transport.write(b"".join((STATUS_LINE[status], self._standing_headers(), head, b"\r\n", body)))
        self.server_state.total_requests += 1
        self.flow.resume_reading()
        self._idle_since = self.loop.time()
        if self._idle_timer is None:
            self._idle_timer = self.loop.call_later(self.timeout_keep_alive, self._end_idle)
        return True

    def _end_idle(self) -> None:
        """Close a connection that had nothing to do for long enough; a timer set anew by each request is costly."""
        if self._is_busy():
            self._idle_since = self.loop.time()
        left = self._idle_since + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self._idle_timer = self.loop.call_later(left, self._end_idle)
        else:
            self.timeout_keep_alive_handler()

    def _standing_headers(self) -> bytes:
        """Return the lines every answer has, such as `Date`; the server makes a new list whenever they change."""
        headers = self.server_state.default_headers
        if self._written_headers[0] is not headers:
            lines = b"".join([b"%b: %b\r\n" % header for header in headers])
            BoundedHttp._written_headers = headers, lines
        return self._written_headers[1]


def bounded(*, head_limit: int, head_timeout: float) -> type[BoundedHttp]:
    """Return the protocol with these bounds.

    Args:
        head_limit: The largest request line and headers, in bytes.
        head_timeout: How long they may take, in seconds.
    """
    return type("ConfiguredHttp", (BoundedHttp,), {"head_limit": head_limit, "head_timeout": head_timeout})
