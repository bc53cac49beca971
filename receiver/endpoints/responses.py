"""What the door says, made once and sent as it is.

Never a redirect, which Sentry takes for success, and never 503 or 504, which it does not try again (its sender treats
them as the host's fault, not the delivery's).
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send

Header = tuple[bytes, bytes]
JSON_TYPE: Header = (b"content-type", b"application/json")
_CLOSE: Header = (b"connection", b"close")
_ACCEPTED = b'{"delivery":"%b"}'
_DUPLICATE = b'{"delivery":"%b","duplicate":true}'
_READY_HEAD = b"content-length: %d\r\ncontent-type: application/json\r\n"

ANSWER_AT_ONCE = "vedette.answer_at_once"
"""Under this name a request's state may hold an `AnswerAtOnce`; only our own server has one (`protocol.py`)."""
AnswerAtOnce = Callable[[int, bytes, bytes], bool]
"""Sends a whole answer: its status, the lines of its headers, its body; returns whether it did."""


def start(status: int, length: int, *headers: Header) -> "Message":
    """Return the first message of an answer."""
    return {
        "type": "http.response.start",
        "status": status,
        "headers": [(b"content-length", b"%d" % length), *headers],
    }


async def send_stored(scope: "Scope", send: "Send", delivery: str, *, is_duplicate: bool) -> None:
    """Say that a delivery is stored, or that it had come before, and as which."""
    status, body = (200, _DUPLICATE) if is_duplicate else (202, _ACCEPTED)
    body %= delivery.encode()
    state: dict[str, AnswerAtOnce] = scope.get("state", {})
    at_once = state.get(ANSWER_AT_ONCE)
    if at_once is None or not at_once(status, _READY_HEAD % len(body), body):
        await send_bytes(send, status, body)


async def send_bytes(send: "Send", status: int, body: bytes, *headers: Header) -> None:
    """Send a whole answer, JSON unless `headers` say otherwise."""
    await send(start(status, len(body), *(headers or (JSON_TYPE,))))
    await send({"type": "http.response.body", "body": body})


async def send_json(send: "Send", status: int, value: object, *headers: Header) -> None:
    """Send a value as JSON."""
    await send_bytes(send, status, msgspec.json.encode(value), JSON_TYPE, *headers)


class ErrorResponse:
    """An answer that says no, as an ASGI application.

    A sender that is still writing is listened to for a moment and its bytes thrown away: closing at once would reset
    the connection, and the sender would see that instead of the answer.
    """

    def __init__(self, status: int, error: str, *, headers: Sequence[Header] = (), linger: float = 0.0) -> None:
        """Describe it.

        Args:
            status: The HTTP status.
            error: What was wrong, in a word or two; nothing that helps to guess a secret.
            headers: Further headers.
            linger: How long to go on reading, in seconds.
        """
        self.status = status
        self._body = msgspec.json.encode({"error": error})
        self._headers = (JSON_TYPE, *headers)
        self._linger = linger

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Send it; the connection ends when the request's body was not read."""
        if not _may_have_body(scope):
            await self.send_now(send)
            return
        await send(start(self.status, len(self._body), *self._headers, _CLOSE))
        await send({"type": "http.response.body", "body": self._body, "more_body": True})
        await self._drain(receive)
        await send({"type": "http.response.body", "body": b""})

    async def send_now(self, send: "Send") -> None:
        """Send it to a sender whose body was read; the connection stays."""
        await send_bytes(send, self.status, self._body, *self._headers)

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
