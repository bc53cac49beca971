"""Defines how a request is handled without an ASGI task where its whole body was read together with its head.

A task with its context and coroutines costs more than verifying a signature. Sentry sends head and body in two pieces,
so a busy server, for which the cost matters, nearly always reads both at once.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from starlette.types import Scope


class BufferedRequest(Protocol):
    """A request with its complete body."""

    @property
    def scope(self) -> "Scope":
        """The ASGI connection scope."""
        ...

    @property
    def size(self) -> int:
        """The length of the body in bytes."""
        ...

    def take_body(self) -> bytes:
        """Return the body, whose buffer is freed."""
        ...

    def respond(self, status: int, head: bytes, body: bytes) -> None:
        """Send the response, once, now or later; without effect when the client has disconnected.

        Args:
            status: The HTTP status.
            head: The encoded headers, each line with its end.
            body: The body.
        """
        ...


HANDLE_BUFFERED = "handle_buffered"
"""The name of an ASGI application's method that is a `BufferedHandler`, where it has one."""
BufferedHandler = Callable[[BufferedRequest], bool]
"""Takes a request, to respond to it now or later, and returns True; or returns False to leave it to the ASGI
application, and has then taken no body."""
