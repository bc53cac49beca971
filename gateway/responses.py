"""Builds and sends the gateway's HTTP responses; every header and every byte of the body is Vedette's decision."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from gateway.rejections import Headers, RequestRejected
from vedette.http_server.direct_response import WRITE_RESPONSE, WriteResponse

if TYPE_CHECKING:
    from starlette.types import Scope, Send

JSON: Final = "application/json"
WITHOUT_BODY: Final = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.RESET_CONTENT, HTTPStatus.NOT_MODIFIED})
"""Statuses after which a body would be read as the beginning of the next response."""
_NO_STATE: Final[Mapping[str, WriteResponse]] = {}
_UNSAFE: Final = re.compile(r"[^\x20-\x7e]")
"""Characters that no header value may have, so that no value can begin another header."""


@dataclass(frozen=True, slots=True)
class Response:
    """One complete response."""

    status: int
    body: bytes = field(default=b"", repr=False)
    headers: Headers = ()
    content_type: str = JSON

    def with_headers(self, headers: Headers) -> "Response":
        """Return the response with further headers."""
        return Response(self.status, self.body, (*self.headers, *headers), self.content_type)

    def encoded_headers(self) -> list[tuple[bytes, bytes]]:
        """Return all headers as bytes, with the length and type of the body."""
        common = [("x-content-type-options", "nosniff")]
        common += [("content-length", str(len(self.body)))] if self.status not in WITHOUT_BODY else []
        common += [("content-type", self.content_type)] if self.body else []
        return [
            (name.lower().encode("ascii"), _UNSAFE.sub("?", value).encode("ascii"))
            for name, value in (*common, ("cache-control", "no-store"), *self.headers)
        ]

    async def send(self, scope: "Scope", send: "Send", *, is_proven: bool = False) -> None:
        """Send the response.

        Args:
            scope: The ASGI connection scope.
            send: The ASGI send function.
            is_proven: Whether the request was authenticated, so that its connection is among the last to be closed.
        """
        headers = self.encoded_headers()
        state: Mapping[str, WriteResponse] = scope.get("state", _NO_STATE)
        # The answer to HEAD has the headers of a body and none behind them, which uvicorn sees to.
        write = state.get(WRITE_RESPONSE) if is_proven and scope["method"] != "HEAD" else None
        if write is not None and write(self.status, b"".join([b"%b: %b\r\n" % each for each in headers]), self.body):
            return
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})


def json_response(status: int, value: object, headers: Headers = ()) -> Response:
    """Return a response with a value as JSON."""
    return Response(status, json.dumps(value, ensure_ascii=False).encode(), headers)


def detail_response(
    status: int, sentence: str, decision: str, facts: Mapping[str, Any] | None = None, headers: Headers = ()
) -> Response:
    """Return a response of Vedette's own, in the form of Sentry's errors: `detail` is what clients show.

    Args:
        status: The status.
        sentence: The sentence for the agent.
        decision: The decision in one word.
        facts: Further values for programs.
        headers: Further headers.
    """
    body = {"detail": sentence, "vedette": {"decision": decision, **(facts or {})}}
    return json_response(status, body, (("X-Vedette-Decision", decision), *headers))


def rejection_response(rejection: RequestRejected) -> Response:
    """Return the response to a request that is not passed on."""
    return detail_response(
        rejection.status, str(rejection), rejection.decision, rejection.facts, tuple(rejection.headers)
    )


def first_header(headers: Sequence[tuple[bytes, bytes]], name: bytes) -> str | None:
    """Return the value of a request's header; None without it.

    Args:
        headers: As ASGI has them, names in small letters.
        name: In small letters.
    """
    for each, value in headers:
        if each == name:
            return value.decode("latin-1")
    return None


def count_header(headers: Sequence[tuple[bytes, bytes]], name: bytes) -> int:
    """Return the number of headers with a name."""
    return sum(each == name for each, _ in headers)
