"""HTTP as uvicorn speaks it, with the bounds it lacks: on heads, on unfinished bodies, and on connections.

Whatever clients keep open costs memory and descriptors, so each connection reports its progress to `ClientConnections`
and `Uploads`, and is closed when they say so. A request that comes in one piece, as nearly all do, pays next to nothing
for it.

It also has a way to send in one piece an answer that is ready: checking it header by header and writing it in two would
be a tenth of what taking a delivery costs.
"""

from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from receiver.admission.connections import ClientConnections
from receiver.admission.peers import Peers
from receiver.admission.read_scheduler import CpuTurns
from receiver.admission.uploads import SMALL, Upload, Uploads
from receiver.endpoints.responses import ANSWER_AT_ONCE
from receiver.ingest.body_reader import (
    BODY_AT_ONCE,
    COLLECT_BODY,
    BodyBrokenOffError,
    BodyRefusedError,
    BodyTooLargeError,
    TooManyUploadsError,
)
from receiver.observability.rejections import RejectionLog

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable

    from starlette.types import Scope

MOST_HEADERS = 200
"""Header lines of one request; Sentry sends about 15, and proxies add a few."""
_HEADER_COST = 160
"""What a header costs in memory besides its bytes, measured: a tuple and two objects."""
_TOO_LARGE = b"request head too large"


class HeadTooLargeError(Exception):
    """A head has more lines than one may have."""


class HeadLimits(NamedTuple):
    """What connections are held to."""

    head_limit: int
    """The largest request line and headers, in bytes."""
    body_limit: int
    """The largest body, in bytes."""
    connections: ClientConnections
    uploads: Uploads
    peers: Peers
    refusals: RejectionLog
    turns: CpuTurns


class BoundedHttp(HttpToolsProtocol):
    """uvicorn's protocol with bounds; `bounded` makes one that has some."""

    bounds: ClassVar[HeadLimits]

    _written_headers: "ClassVar[tuple[list[tuple[bytes, bytes]], bytes]]" = ([], b"")
    peer = ""
    head_cost = 0
    _is_first = True
    """Whether no head has been whole yet."""
    _is_in_head = True
    _head_size = 0
    _head_scope: object = None
    _upload: Upload | None = None
    _refused: type[BodyRefusedError] | None = None
    _idle_since = 0.0
    _idle_timer: "asyncio.TimerHandle | None" = None

    def connection_made(self, transport: "asyncio.Transport") -> None:  # type: ignore[override]
        """Begin, where there is room for one more."""
        super().connection_made(transport)
        at_once: dict[str, Any] = {
            BODY_AT_ONCE: self._body_at_once,
            COLLECT_BODY: self._collect_body,
            ANSWER_AT_ONCE: self._answer_at_once,
        }
        self.app_state = self.app_state | at_once
        self.peer = self.bounds.peers.name_of(self.client[0] if self.client else None)
        self.bounds.connections.opened(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """End, and leave no circle of references behind: whatever strangers held is freed now and not some time."""
        self.bounds.connections.closed(self)
        self._end_upload()
        if self._idle_timer is not None:
            self._idle_timer.cancel()
        self.app_state.clear()
        (self.scope or {}).get("state", {}).clear()
        super().connection_lost(exc)
        self.scope = self.headers = self._head_scope = None  # type: ignore[assignment]

    def is_idle(self) -> bool:
        """Return whether no request is under way."""
        return not self._is_in_head and self.cycle.response_complete

    def cut(self) -> None:
        """End the connection at once."""
        self.transport.abort()

    def data_received(self, data: bytes) -> None:
        """Take bytes; a head in no larger pieces than it may still grow."""
        if len(data) <= self.bounds.head_limit - self._head_size or not self._may_be_head():
            self._take(data)
            return
        left = memoryview(data)
        while left and not self.transport.is_closing():
            size = self.bounds.head_limit - self._head_size if self._may_be_head() else len(left)
            self._take(left[:size], is_last=size >= len(left))
            left = left[size:]

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header, as long as there are not too many (called by the parser)."""
        headers = self.headers
        if len(headers) >= MOST_HEADERS:
            raise HeadTooLargeError
        name = name.lower()
        if name == b"expect" and value.lower() == b"100-continue":
            self.expect_100_continue = True
        headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Begin a request (called by the parser)."""
        self._refused = None
        self._is_first = False
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Keep a piece of a body that somebody still wants (called by the parser)."""
        cycle = self.cycle
        if not cycle.response_started and self._refused is None:
            cycle.body += body

    def _take(self, data: bytes | memoryview, *, is_last: bool = True) -> None:
        self._unset_keepalive_if_required()
        try:
            self.parser.feed_data(data)  # type: ignore[union-attr] - there is one until the connection is lost
        except httptools.HttpParserUpgrade:
            # The other protocol is not spoken here; the request itself is answered like any other.
            pass
        except httptools.HttpParserError as error:
            if isinstance(error.__context__, HeadTooLargeError):
                self._refuse_head()
            else:
                self.bounds.refusals.note("malformed")
                self.send_400_response("Invalid HTTP request received.")
            return
        # The method is the first thing that uvicorn notes when a head is whole; before the first one it has no scope.
        if "method" not in (self.scope or ()):
            self._note_head(len(data))
            return
        if self._is_in_head:
            self._is_in_head = False
            self._head_size = 0
            self.bounds.connections.past_head(self)
        if self.cycle.more_body:
            if is_last:
                self._note_body()
        elif self._upload is not None:
            self._end_upload()

    def _may_be_head(self) -> bool:
        cycle = self.cycle
        return self._is_in_head or not cycle.more_body or cycle.response_complete

    def _note_head(self, size: int) -> None:
        """Note that a head is not complete after `size` more bytes."""
        headers = self.headers or ()
        if self._is_first or self.scope is self._head_scope:
            self._head_size += size
        else:
            # It began somewhere in these bytes, behind other requests.
            self._head_size = len(self.url) + sum(len(name) + len(value) for name, value in headers)
        self._head_scope = self.scope
        connections = self.bounds.connections
        if not self._is_in_head:
            self._is_in_head = True
            self._end_upload()
            connections.in_head(self)
        if self._head_size >= self.bounds.head_limit:
            self._refuse_head()
        else:
            connections.hold_head(self, self._head_size + _HEADER_COST * len(headers))

    def _refuse_head(self) -> None:
        self.bounds.refusals.note("head_too_large")
        if self.transport.is_closing():
            return
        if self._is_first or self.cycle.response_complete:
            self.transport.write(
                b"%bcontent-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%b"
                % (STATUS_LINE[431], len(_TOO_LARGE), _TOO_LARGE)
            )
        self.transport.close()

    def _note_body(self) -> None:
        """Note that a body is not complete."""
        cycle = self.cycle
        if cycle.response_started or self._refused is not None:
            # Read and thrown away for a moment, after everything that may still be of use.
            self._end_upload()
            self._wait_for_turn(cycle, 0.0)
            return
        size = len(cycle.body)
        if size > self.bounds.body_limit:
            self._refuse_body(BodyTooLargeError)
            return
        upload = self._upload
        if upload is None:
            upload = self._upload = self.bounds.uploads.begin(self.peer, self._evict_body)
            self.bounds.connections.in_body(self)
        if size > SMALL:
            self._wait_for_turn(cycle, upload.began)
        self.bounds.uploads.grow(upload, size - upload.size)

    def _wait_for_turn(self, cycle: "RequestResponseCycle", began: float) -> None:
        self.flow.pause_reading()

        def resume() -> None:
            if self.cycle is cycle and not self.transport.is_closing():
                self.flow.resume_reading()

        self.bounds.turns.wait(began, resume)

    def _evict_body(self) -> None:
        self._refuse_body(TooManyUploadsError)

    def _refuse_body(self, error: type[BodyRefusedError]) -> None:
        """Free the body, and let whoever waits for it say why."""
        self._end_upload()
        self._refused = error
        self.cycle.body = bytearray()
        self.cycle.message_event.set()

    def _end_upload(self) -> None:
        if self._upload is not None:
            self.bounds.uploads.end(self._upload)
            self._upload = None

    def _body_at_once(self) -> bytes | None:
        cycle = self.cycle
        if cycle.more_body or self.pipeline or cycle.disconnected or cycle.waiting_for_100_continue:
            return None
        body, cycle.body = bytes(cycle.body), bytearray()
        return body

    def _collect_body(self, scope: "Scope") -> "Awaitable[bytes] | None":
        """Return what waits for the whole body; None when later requests have come, so that it is there already."""
        cycle = self.cycle
        return self._collect(cycle) if cycle.scope is scope else None

    async def _collect(self, cycle: "RequestResponseCycle") -> bytes:
        if cycle.waiting_for_100_continue and not self.transport.is_closing():
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            cycle.waiting_for_100_continue = False
        self.flow.resume_reading()
        try:
            while cycle.more_body and not cycle.disconnected and self._refused is None:
                await cycle.message_event.wait()
                cycle.message_event.clear()
            if cycle.more_body and self._refused is not None:
                raise self._refused
            if cycle.disconnected:
                raise BodyBrokenOffError
            return bytes(cycle.body)
        finally:
            cycle.body = bytearray()
            if self.cycle is cycle:
                self._end_upload()

    def _answer_at_once(self, status: int, head: bytes, body: bytes) -> bool:
        cycle = self.cycle
        if self.pipeline or not cycle.keep_alive or cycle.disconnected or self.flow.write_paused:
            return False
        cycle.response_started = cycle.response_complete = True
        self.transport.write(b"".join((STATUS_LINE[status], self._standing_headers(), head, b"\r\n", body)))
        self.server_state.total_requests += 1
        self.flow.resume_reading()
        self.bounds.connections.proved(self)
        self._idle_since = self.loop.time()
        if self._idle_timer is None:
            self._idle_timer = self.loop.call_later(self.timeout_keep_alive, self._end_idle)
        return True

    def _is_busy(self) -> bool:
        # An answer that was not sent at once has uvicorn's own timer.
        return not self.is_idle() or self.timeout_keep_alive_task is not None

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


def bounded(bounds: HeadLimits) -> type[BoundedHttp]:
    """Return the protocol with these bounds."""
    return type("ConfiguredHttp", (BoundedHttp,), {"bounds": bounds})
