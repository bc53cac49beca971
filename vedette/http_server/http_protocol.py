"""Extends uvicorn's HTTP protocol with limits on request heads, unfinished bodies and connections.

Open connections cost memory and file descriptors, so each reports its progress to `ClientConnections` and `Uploads`,
which may close it. For a request that arrives in one piece, as nearly all do, the overhead is negligible.

A complete response can also be written in one call: validating it header by header and writing it in two pieces costs a
tenth of the time that accepting a delivery takes.
"""

from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from vedette.http_server.body_reader import (
    BUFFERED_BODY,
    COLLECT_BODY,
    BodyIncompleteError,
    BodyRejectedError,
    BodyTooLargeError,
    TooManyUploadsError,
)
from vedette.http_server.buffered_request import HANDLE_BUFFERED, BufferedHandler
from vedette.http_server.connections import ClientConnections
from vedette.http_server.direct_response import WRITE_RESPONSE
from vedette.http_server.peers import Peers
from vedette.http_server.read_scheduler import ReadScheduler
from vedette.http_server.rejections import RejectionLog
from vedette.http_server.uploads import SMALL, Upload, Uploads

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable

    from starlette.types import Scope
    from uvicorn._types import ASGI3Application

MAX_HEADERS = 200
"""Header lines of one request; Sentry sends about 15, proxies add a few."""
_HEADER_COST = 160
"""Memory of a header besides its bytes, in bytes, as measured: a tuple and two objects."""
_TOO_LARGE = b"request head too large"
_INTERNAL_ERROR = b"content-length: 21\r\ncontent-type: text/plain; charset=utf-8\r\n", b"Internal Server Error"


class HeadTooLargeError(Exception):
    """A request head has more header lines than the limit."""


class ProtocolLimits(NamedTuple):
    """The limits of all connections, and the services that account for them."""

    head_limit: int
    """The largest request line and headers, in bytes."""
    body_limit: int
    """The largest body, in bytes."""
    connections: ClientConnections
    uploads: Uploads
    peers: Peers
    rejections: RejectionLog
    scheduler: ReadScheduler


class _CompleteRequest:
    """A request with its complete body, which no task handles."""

    __slots__ = ("_cycle", "_protocol", "scope", "size")

    def __init__(self, protocol: "BoundedHttpProtocol", cycle: RequestResponseCycle) -> None:
        self._protocol = protocol
        self._cycle = cycle
        self.scope: Scope = cycle.scope  # type: ignore[assignment] - uvicorn's is a TypedDict of the same keys
        self.size = len(cycle.body)

    def take_body(self) -> bytes:
        """Return the body, whose buffer is freed."""
        cycle = self._cycle
        body, cycle.body = bytes(cycle.body), bytearray()
        return body

    def respond(self, status: int, head: bytes, body: bytes) -> None:
        """Send the response in one call where that is possible, else as an ASGI application does."""
        self._protocol.respond(self._cycle, status, head, body)


class BoundedHttpProtocol(HttpToolsProtocol):
    """uvicorn's protocol with limits; `make_protocol_class` makes a subclass for given limits."""

    limits: ClassVar[ProtocolLimits]

    _encoded_headers: "ClassVar[tuple[list[tuple[bytes, bytes]], bytes]]" = ([], b"")
    peer = ""
    head_cost = 0
    _is_first = True
    """Return whether no request head has been complete yet."""
    _is_in_head = True
    _head_size = 0
    _head_scope: object = None
    _upload: Upload | None = None
    _rejected: type[BodyRejectedError] | None = None
    _idle_since = 0.0
    _idle_timer: "asyncio.TimerHandle | None" = None
    _is_starting = False
    _started: "tuple[RequestResponseCycle, ASGI3Application] | None" = None
    """The request whose head has just been complete, which needs a task unless its body is complete too."""

    def connection_made(self, transport: "asyncio.Transport") -> None:  # type: ignore[override]
        """Register the connection, which may evict another or itself."""
        super().connection_made(transport)
        callbacks: dict[str, Any] = {
            BUFFERED_BODY: self._take_buffered_body,
            COLLECT_BODY: self._collect_body,
            WRITE_RESPONSE: self._write_response,
        }
        self.app_state = self.app_state | callbacks
        self.peer = self.limits.peers.identify(self.client[0] if self.client else None)
        self.limits.connections.register(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Unregister the connection, and break reference cycles so that its memory is freed at once."""
        self.limits.connections.unregister(self)
        self._end_upload()
        if self._idle_timer is not None:
            self._idle_timer.cancel()
        self.app_state.clear()
        if not self._is_first:
            self.cycle.on_response = _ignore
        (self.scope or {}).get("state", {}).clear()
        super().connection_lost(exc)
        self.scope = self.headers = self._head_scope = None  # type: ignore[assignment]

    def is_idle(self) -> bool:
        """Return whether no request is in progress."""
        return not self._is_in_head and self.cycle.response_complete

    def abort(self) -> None:
        """Close the connection at once, without sending buffered data."""
        self.transport.abort()

    def data_received(self, data: bytes) -> None:
        """Parse received bytes; a head is passed on in pieces no larger than the rest of its limit."""
        if len(data) <= self.limits.head_limit - self._head_size or not self._may_be_head():
            self._parse(data)
            return
        left = memoryview(data)
        while left and not self.transport.is_closing():
            size = self.limits.head_limit - self._head_size if self._may_be_head() else len(left)
            self._parse(left[:size], is_last=size >= len(left))
            left = left[size:]

    def on_header(self, name: bytes, value: bytes) -> None:
        """Store a header unless there are too many (called by the parser)."""
        headers = self.headers
        if len(headers) >= MAX_HEADERS:
            raise HeadTooLargeError
        name = name.lower()
        if name == b"expect" and value.lower() == b"100-continue":
            self.expect_100_continue = True
        headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Begin a request (called by the parser)."""
        self._rejected = None
        self._is_first = False
        self._is_starting = True
        super().on_headers_complete()
        self._is_starting = False

    def on_body(self, body: bytes) -> None:
        """Buffer a piece of a body unless the request was answered or rejected (called by the parser)."""
        cycle = self.cycle
        if not cycle.response_started and self._rejected is None:
            cycle.body += body

    def _parse(self, data: bytes | memoryview, *, is_last: bool = True) -> None:
        self._unset_keepalive_if_required()
        try:
            try:
                self.parser.feed_data(data)  # type: ignore[union-attr] - there is one until the connection is lost
            finally:
                if self._started is not None:
                    self._handle(*self._started)
        except httptools.HttpParserUpgrade:
            # Upgrades are not supported; the request itself is handled like any other.
            pass
        except httptools.HttpParserError as error:
            if isinstance(error.__context__, HeadTooLargeError):
                self._reject_head()
            else:
                self.limits.rejections.record("malformed")
                self.send_400_response("Invalid HTTP request received.")
            return
        # uvicorn sets the method first when a head is complete; before the first head there is no scope.
        if "method" not in (self.scope or ()):
            self._account_head(len(data))
            return
        if self._is_in_head:
            self._is_in_head = False
            self._head_size = 0
            self.limits.connections.end_head(self)
        if self.cycle.more_body:
            if is_last:
                self._account_body()
        elif self._upload is not None:
            self._end_upload()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: "ASGI3Application") -> None:
        if self._is_starting:
            self._started = cycle, app
        else:
            super()._start_asgi_task(cycle, app)

    def _handle(self, cycle: RequestResponseCycle, app: "ASGI3Application") -> None:
        """Handle a request whose head is complete, without a task where possible."""
        self._started = None
        handle: BufferedHandler | None = getattr(app, HANDLE_BUFFERED, None)
        is_complete = not (cycle.more_body or self.pipeline or cycle.waiting_for_100_continue)
        if handle is None or not is_complete or not self._handle_buffered(handle, cycle):
            super()._start_asgi_task(cycle, app)

    def _handle_buffered(self, handle: BufferedHandler, cycle: RequestResponseCycle) -> bool:
        request = _CompleteRequest(self, cycle)
        try:
            return handle(request)
        except Exception:
            self.logger.exception("a request could not be handled")
            request.respond(500, *_INTERNAL_ERROR)
            return True

    def respond(self, cycle: RequestResponseCycle, status: int, head: bytes, body: bytes) -> None:
        """Respond to a request that no task handles."""
        if cycle.response_started or cycle.disconnected:
            return
        if cycle is self.cycle and self._write_response(status, head, body):
            return
        headers = [(name, value) for name, _, value in (line.partition(b": ") for line in head.splitlines())]

        async def send() -> None:
            await cycle.send({"type": "http.response.start", "status": status, "headers": headers})
            await cycle.send({"type": "http.response.body", "body": body, "more_body": False})

        task = self.loop.create_task(send())
        task.add_done_callback(self.tasks.discard)
        self.tasks.add(task)

    def _may_be_head(self) -> bool:
        cycle = self.cycle
        return self._is_in_head or not cycle.more_body or cycle.response_complete

    def _account_head(self, size: int) -> None:
        """Account for `size` more bytes of an incomplete head."""
        headers = self.headers or ()
        if self._is_first or self.scope is self._head_scope:
            self._head_size += size
        else:
            # The head began within these bytes, after pipelined requests.
            self._head_size = len(self.url) + sum(len(name) + len(value) for name, value in headers)
        self._head_scope = self.scope
        connections = self.limits.connections
        if not self._is_in_head:
            self._is_in_head = True
            self._end_upload()
            connections.begin_head(self)
        if self._head_size >= self.limits.head_limit:
            self._reject_head()
        else:
            connections.account_head(self, self._head_size + _HEADER_COST * len(headers))

    def _reject_head(self) -> None:
        self.limits.rejections.record("head_too_large")
        if self.transport.is_closing():
            return
        if self._is_first or self.cycle.response_complete:
            self.transport.write(
                b"%bcontent-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%b"
                % (STATUS_LINE[431], len(_TOO_LARGE), _TOO_LARGE)
            )
        self.transport.close()

    def _account_body(self) -> None:
        """Account for an incomplete body."""
        cycle = self.cycle
        if cycle.response_started or self._rejected is not None:
            # The rest of the body is discarded, with the lowest priority.
            self._end_upload()
            self._schedule_reading(cycle, 0.0)
            return
        size = len(cycle.body)
        if size > self.limits.body_limit:
            self._reject_body(BodyTooLargeError)
            return
        upload = self._upload
        if upload is None:
            upload = self._upload = self.limits.uploads.begin(self.peer, self._evict_body)
            self.limits.connections.begin_body(self)
        if size > SMALL:
            self._schedule_reading(cycle, upload.began)
        self.limits.uploads.grow(upload, size - upload.size)

    def _schedule_reading(self, cycle: "RequestResponseCycle", began: float) -> None:
        self.flow.pause_reading()

        def resume() -> None:
            if self.cycle is cycle and not self.transport.is_closing():
                self.flow.resume_reading()

        self.limits.scheduler.schedule(began, resume)

    def _evict_body(self) -> None:
        self._reject_body(TooManyUploadsError)

    def _reject_body(self, error: type[BodyRejectedError]) -> None:
        """Free the body, and wake the reader, which raises the error."""
        self._end_upload()
        self._rejected = error
        self.cycle.body = bytearray()
        self.cycle.message_event.set()

    def _end_upload(self) -> None:
        if self._upload is not None:
            self.limits.uploads.end(self._upload)
            self._upload = None

    def _take_buffered_body(self) -> bytes | None:
        cycle = self.cycle
        if cycle.more_body or self.pipeline or cycle.disconnected or cycle.waiting_for_100_continue:
            return None
        body, cycle.body = bytes(cycle.body), bytearray()
        return body

    def _collect_body(self, scope: "Scope") -> "Awaitable[bytes] | None":
        """Return an awaitable of the whole body; None when pipelined requests follow, so that it is complete."""
        cycle = self.cycle
        return self._collect(cycle) if cycle.scope is scope else None

    async def _collect(self, cycle: "RequestResponseCycle") -> bytes:
        if cycle.waiting_for_100_continue and not self.transport.is_closing():
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            cycle.waiting_for_100_continue = False
        self.flow.resume_reading()
        try:
            while cycle.more_body and not cycle.disconnected and self._rejected is None:
                await cycle.message_event.wait()
                cycle.message_event.clear()
            if cycle.more_body and self._rejected is not None:
                raise self._rejected
            if cycle.disconnected:
                raise BodyIncompleteError
            return bytes(cycle.body)
        finally:
            cycle.body = bytearray()
            if self.cycle is cycle:
                self._end_upload()

    def _write_response(self, status: int, head: bytes, body: bytes) -> bool:
        cycle = self.cycle
        if self.pipeline or not cycle.keep_alive or cycle.disconnected or self.flow.write_paused:
            return False
        cycle.response_started = cycle.response_complete = True
        self.transport.write(b"".join((STATUS_LINE[status], self._encode_default_headers(), head, b"\r\n", body)))
        self.server_state.total_requests += 1
        self.flow.resume_reading()
        self.limits.connections.mark_proven(self)
        self._idle_since = self.loop.time()
        if self._idle_timer is None:
            self._idle_timer = self.loop.call_later(self.timeout_keep_alive, self._close_idle)
        return True

    def _is_busy(self) -> bool:
        # A response that was not written in one call uses uvicorn's own timer.
        return not self.is_idle() or self.timeout_keep_alive_task is not None

    def _close_idle(self) -> None:
        """Close the connection after the keep-alive timeout; resetting a timer at each request would be slow."""
        if self._is_busy():
            self._idle_since = self.loop.time()
        left = self._idle_since + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self._idle_timer = self.loop.call_later(left, self._close_idle)
        else:
            self.timeout_keep_alive_handler()

    def _encode_default_headers(self) -> bytes:
        """Return the encoded default headers, such as `Date`; cached until uvicorn makes a new list of them."""
        headers = self.server_state.default_headers
        if self._encoded_headers[0] is not headers:
            lines = b"".join([b"%b: %b\r\n" % header for header in headers])
            BoundedHttpProtocol._encoded_headers = headers, lines
        return self._encoded_headers[1]


def _ignore() -> None:
    """Do nothing: a cycle's callback after its connection is lost."""


def make_protocol_class(limits: ProtocolLimits) -> type[BoundedHttpProtocol]:
    """Return the protocol class with these limits."""
    return type("ConfiguredHttp", (BoundedHttpProtocol,), {"limits": limits})
