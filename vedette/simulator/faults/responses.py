"""Faulty responses: Sentry's own refusals, a proxy's page, a connection that ends."""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from vedette.simulator.web.call import EndpointResponse
from vedette.simulator.web.rate_limits import refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.types import ASGIApp, Receive, Scope, Send

    from vedette.simulator.faults.faults import Fault
    from vedette.simulator.world.world import World

DROP = "vedette.simulator.drop"
"""Where the server leaves, in a request's scope, the function that ends its connection."""

_PAGE = "<html><head><title>{status}</title></head><body><h1>{status} Bad Gateway</h1><hr>nginx</body></html>"
_NOT_GIVEN = 500
_GZIP = 31
"""zlib's number for a stream with the head and tail of gzip."""
_CONCURRENCY = "You are attempting to go above the allowed concurrency for this endpoint. Concurrency limit is 25"
_DEPRECATED = {
    "X-Sentry-Deprecation-Date": "2026-05-15T00:00:00+00:00",
    "X-Sentry-Replacement-Endpoint": "sentry-api-0-organization-group-details",
}
_UNAVAILABLE = {"error": "apigateway", "detail": "Downstream service temporarily unavailable"}


def answer_of_fault(fault: Fault, world: World) -> EndpointResponse | None:
    """Return the answer that a fault gives instead of the right one; None when it only disturbs that."""
    table: dict[str, Callable[[], EndpointResponse]] = {
        "rate_limit": lambda: _window_limit(int(world.clock().timestamp() + fault.seconds)),
        "concurrency_limit": lambda: refusal(_CONCURRENCY),
        "event_store_limit": _event_store_limit,
        "status": lambda: _status(fault.status),
        "html": lambda: _html(fault.status),
        "expire": lambda: EndpointResponse({"detail": "Token expired"}, 401),
        "lag": lambda: EndpointResponse({"detail": "The requested resource does not exist"}, 404),
        "brownout": lambda: EndpointResponse({"message": "This API no longer exists."}, 410, dict(_DEPRECATED)),
        "answer": lambda: EndpointResponse(fault.body or None, fault.status, content_type="text/plain"),
    }
    if fault.kind not in table:
        return None
    answer = table[fault.kind]()
    answer.headers |= fault.headers
    return answer


def bomb(megabytes: float) -> Response:
    """Return so many megabytes of blanks in a gzip stream, which is a thousandth of that."""
    packer = zlib.compressobj(9, wbits=_GZIP)
    blanks = b" " * 1_000_000
    packed = b"".join(packer.compress(blanks) for _ in range(max(1, round(megabytes))))
    content = packed + packer.compress(b"null") + packer.flush()
    return Response(content, 200, {"Content-Encoding": "gzip"}, media_type="application/json")


def _window_limit(reset: int) -> EndpointResponse:
    answer = refusal("You are attempting to use this endpoint too frequently. Limit is 40 requests in 1 seconds")
    answer.headers = {"X-Sentry-Rate-Limit-Remaining": "0", "X-Sentry-Rate-Limit-Reset": str(reset)}
    return answer


def _html(status: int) -> EndpointResponse:
    status = 502 if status == _NOT_GIVEN else status
    return EndpointResponse(_PAGE.format(status=status), status, content_type="text/html")


def _event_store_limit() -> EndpointResponse:
    names = ("Limit", "Remaining", "Reset", "ConcurrentLimit", "ConcurrentRemaining")
    detail = "Rate limit exceeded. Please try your query with a smaller date range or fewer projects."
    return EndpointResponse({"detail": detail}, 429, {f"X-Sentry-Rate-Limit-{name}": "None" for name in names})


def _status(status: int) -> EndpointResponse:
    bodies: dict[int, Any] = {
        400: {"detail": "Invalid request."},
        401: {"detail": "Invalid token"},
        403: {"detail": "You do not have permission to perform this action."},
        404: {"detail": "The requested resource does not exist"},
        409: {"detail": "Conflict."},
        500: {"detail": "Internal Error", "errorId": "7d0f4b1e2c8a4f6f9a3b5c2d1e0f8a97"},
        503: _UNAVAILABLE,
    }
    return EndpointResponse(bodies.get(status), status)


def drop(request: Request) -> Response:
    """End the connection without an answer; if the server does not support that, cut an answer short."""
    end: Callable[[], None] | None = request.scope.get(DROP)
    if end is None:
        return Cut(Response(json.dumps({"detail": "never read"})))
    end()
    return _Nothing()


class _Nothing(Response):
    """No answer: the connection is gone already."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send nothing."""


class Cut(Response):
    """An answer of which half the body arrives before the connection ends."""

    def __init__(self, whole: Response) -> None:
        super().__init__(whole.body, whole.status_code, dict(whole.headers))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Promise the whole body, send half."""
        del receive
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        half = bytes(self.body)[: len(self.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
        end: Callable[[], None] | None = scope.get(DROP)
        if end is not None:
            end()


class Droppable:
    """The outermost layer under uvicorn: gives the app a function that ends a request's connection.

    ASGI has no message for it; uvicorn's `send` is a method of the object that holds the transport.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, with the means to drop in the scope."""
        transport = getattr(getattr(send, "__self__", None), "transport", None)
        if scope["type"] == "http" and transport is not None:
            scope[DROP] = transport.close
        await self.app(scope, receive, send)
