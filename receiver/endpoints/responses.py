"""Builds and sends the receiver's HTTP responses.

None is a redirect, which Sentry takes for success, and no webhook is answered 503 or 504, which Sentry does not retry
(it attributes them to the host, not to the delivery).
"""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from vedette.http_server.buffered_request import BufferedRequest
from vedette.http_server.direct_response import WRITE_RESPONSE, WriteResponse

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send

Header = tuple[bytes, bytes]
JSON_TYPE: Header = (b"content-type", b"application/json")
_CLOSE: Header = (b"connection", b"close")
_ACCEPTED = b'{"delivery":"%b"}'
_DUPLICATE = b'{"delivery":"%b","duplicate":true}'
_READY_HEAD = b"content-length: %d\r\ncontent-type: application/json\r\n"


def make_start_message(status: int, length: int, *headers: Header) -> "Message":
    """Return the ASGI message that starts a response."""
    return {
        "type": "http.response.start",
        "status": status,
        "headers": [(b"content-length", b"%d" % length), *headers],
    }


async def send_stored(scope: "Scope", send: "Send", delivery: str, *, is_duplicate: bool) -> None:
    """Respond that a delivery is stored, or that it repeats an earlier one, with the id of either."""
    status, head, body = _encode_stored(delivery, is_duplicate=is_duplicate)
    state: dict[str, WriteResponse] = scope.get("state", {})
    write = state.get(WRITE_RESPONSE)
    if write is None or not write(status, head, body):
        await send_bytes(send, status, body)


async def send_bytes(send: "Send", status: int, body: bytes, *headers: Header) -> None:
    """Send a complete response, of JSON unless `headers` has a content type."""
    await send(make_start_message(status, len(body), *(headers or (JSON_TYPE,))))
    await send({"type": "http.response.body", "body": body})


async def send_json(send: "Send", status: int, value: object, *headers: Header) -> None:
    """Send a complete response with a value as JSON."""
    await send_bytes(send, status, msgspec.json.encode(value), JSON_TYPE, *headers)


def respond_stored(request: BufferedRequest, delivery: str, *, is_duplicate: bool) -> None:
    """Respond to a buffered request as `send_stored` does."""
    request.respond(*_encode_stored(delivery, is_duplicate=is_duplicate))


def _encode_stored(delivery: str, *, is_duplicate: bool) -> tuple[int, bytes, bytes]:
    status, body = (200, _DUPLICATE) if is_duplicate else (202, _ACCEPTED)
    body %= delivery.encode()
    return status, _READY_HEAD % len(body), body


class ErrorResponse:
    """An error response, as an ASGI application.

    The rest of an unread body is received and discarded for a moment: closing at once would reset the connection, and
    the sender would see the reset instead of the response.
    """

    def __init__(self, status: int, error: str, *, headers: Sequence[Header] = (), linger: float = 0.0) -> None:
        """Build the response.

        Args:
            status: The HTTP status.
            error: The error in a word or two; nothing that helps to guess a secret.
            headers: Further headers.
            linger: Seconds for which the rest of the body is discarded.
        """
        self.status = status
        self._body = msgspec.json.encode({"error": error})
        self._headers = (JSON_TYPE, *headers)
        self._linger = linger

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Send the response, and close the connection when the request has an unread body."""
        if not _may_have_body(scope):
            await self.send_now(send)
            return
        await send(make_start_message(self.status, len(self._body), *self._headers, _CLOSE))
        await send({"type": "http.response.body", "body": self._body, "more_body": True})
        await self._drain(receive)
        await send({"type": "http.response.body", "body": b""})

    async def send_now(self, send: "Send") -> None:
        """Send the response after the body was read; the connection stays open."""
        await send_bytes(send, self.status, self._body, *self._headers)

    def respond_to(self, request: BufferedRequest) -> None:
        """Respond to a buffered request."""
        headers = b"".join([b"%b: %b\r\n" % header for header in self._headers])
        request.respond(self.status, b"content-length: %d\r\n%b" % (len(self._body), headers), self._body)

    async def _drain(self, receive: "Receive") -> None:
        try:
            async with asyncio.timeout(self._linger):
                more = True
                while more:
                    more = (await receive()).get("more_body", False)
        except TimeoutError:
            pass


def _may_have_body(scope: "Scope") -> bool:
    return any(
        name == b"transfer-encoding" or (name == b"content-length" and value != b"0")
        for name, value in scope["headers"]
    )
