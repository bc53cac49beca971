"""HTTP as uvicorn speaks it, with the bounds it lacks: how large a request's head may be, and how slow.

Without them one client that never ends its headers holds a connection, or memory, for as long as it likes. It also
answers in one write where uvicorn takes two.
"""

from typing import TYPE_CHECKING, ClassVar, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if TYPE_CHECKING:
    import asyncio


class WriteOnce:
    """A transport that sends what is written in one turn of the loop at once.

    An answer is written in two pieces, its head and its body, and each would be a system call of its own: that is a
    tenth of what taking a delivery costs.
    """

    def __init__(self, transport: "asyncio.Transport", loop: "asyncio.AbstractEventLoop") -> None:
        self._transport = transport
        self._loop = loop
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> None:
        """Send `data` when this turn of the loop ends."""
        if not self._parts:
            self._loop.call_soon(self._flush)
        self._parts.append(data)

    def close(self) -> None:
        """Send what was written, and close."""
        self._flush()
        self._transport.close()

    def is_closing(self) -> bool:
        """Return whether it is closed or about to be."""
        return self._transport.is_closing()

    def _flush(self) -> None:
        if self._parts:
            parts, self._parts = self._parts, []
            self._transport.write(b"".join(parts))


class BoundedHttp(HttpToolsProtocol):
    """uvicorn's protocol with bounds on the head; `bounded` makes one with other values."""

    head_limit: ClassVar[int] = 64 * 1024
    head_timeout: ClassVar[float] = 10.0

    _head_size = 0
    _in_head = True
    _head_timer: "asyncio.TimerHandle | None" = None

    def connection_made(self, transport: "asyncio.Transport") -> None:  # type: ignore[override]
        """Begin, and give the first head its time."""
        super().connection_made(transport)
        self.transport = cast("asyncio.Transport", WriteOnce(transport, self.loop))
        self._head_timer = self.loop.call_later(self.head_timeout, self._end)

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes, as long as the head is within its bounds; nearly always it comes whole, and costs nothing."""
        super().data_received(data)
        if not self._in_head:
            if self._head_timer is not None:
                self._stop_timer()
            return
        self._head_size += len(data)
        if self._head_size > self.head_limit:
            self._end()
        elif self._head_timer is None:
            self._head_timer = self.loop.call_later(self.head_timeout, self._end)

    def on_message_begin(self) -> None:
        """Note that a head begins."""
        super().on_message_begin()
        self._in_head = True
        self._head_size = 0

    def on_headers_complete(self) -> None:
        """Note that the head is whole."""
        self._in_head = False
        super().on_headers_complete()

    def _end(self) -> None:
        self._head_timer = None
        if self._in_head and not self.transport.is_closing():
            self.transport.close()

    def _stop_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None


def bounded(*, head_limit: int, head_timeout: float) -> type[BoundedHttp]:
    """Return the protocol with these bounds.

    Args:
        head_limit: The largest request line and headers, in bytes.
        head_timeout: How long they may take, in seconds.
    """
    return type("ConfiguredHttp", (BoundedHttp,), {"head_limit": head_limit, "head_timeout": head_timeout})
