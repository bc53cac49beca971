"""The route of the peers: it checks the HMAC, and queues the id of the issue. Needs Starlette alone."""

import hmac
import json
import os
from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

SECRET = os.environ.get("BENCH_SECRET", "").encode()


def make_app(
    enqueue: Callable[[str], Awaitable[object]], start: Callable[[], Awaitable[object]] | None = None
) -> Starlette:
    """Return the application.

    Args:
        enqueue: Queues the work on an issue.
        start: Called once before the first request.
    """
    started: list[bool] = []

    async def hook(request: Request) -> Response:
        body = await request.body()
        expected = hmac.digest(SECRET, body, "sha256").hex()
        if not hmac.compare_digest(expected, request.headers.get("sentry-hook-signature", "")):
            return JSONResponse({"error": "unauthorized"}, 401)
        if start is not None and not started:
            started.append(True)
            await start()
        await enqueue(str(json.loads(body)["data"]["issue"]["id"]))
        return JSONResponse({"status": "accepted"}, 202)

    return Starlette(routes=[Route("/hooks", hook, methods=["POST"])])
