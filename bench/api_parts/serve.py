"""The servers that the benchmark of the client calls, each in a process of its own; prints its URL when it listens.

| variant | what it does |
|---|---|
| plain | answers every request with the same issue: as little work as a server can do |
| limited | the simulated Sentry, with 40 calls a second and 25 at once |
"""

import asyncio
import json
import socket
import sys
from pathlib import Path
from typing import Any

import uvicorn

from vedette.simulator import RateLimits, create_app
from vedette.simulator.options import SimulatorOptions
from vedette.simulator.process import build_world

TOKEN = "sntryi_benchmark"  # noqa: S105  # of a world that lives for seconds
ORGANIZATION = "acme"
LATENCY = 0.1
"""Seconds that the simulated Sentry takes for an answer, so that calls overlap."""

ISSUE = {
    "id": "42",
    "shortId": "SHOP-4K",
    "title": "TypeError: cart is undefined",
    "culprit": "checkout.pay",
    "level": "error",
    "status": "unresolved",
    "substatus": "ongoing",
    "statusDetails": {},
    "priority": "medium",
    "platform": "javascript",
    "project": {"id": "7", "name": "Shop", "slug": "shop", "platform": "javascript"},
    "metadata": {"type": "TypeError", "value": "cart is undefined"},
    "assignedTo": {"type": "team", "id": "9", "name": "payments"},
    "count": "1204",
    "userCount": 93,
    "firstSeen": "2026-08-01T10:00:00Z",
    "lastSeen": "2026-08-02T10:00:00Z",
    "tags": [{"key": f"tag{number}", "name": f"tag{number}", "totalValues": number} for number in range(12)],
    "activity": [{"id": str(number), "type": "note", "data": {"text": "looking at it"}} for number in range(20)],
    "stats": {"24h": [[1786000000 + 3600 * hour, hour % 7] for hour in range(24)]},
}


def plain() -> Any:
    """An ASGI application that only answers."""
    body = json.dumps(ISSUE).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await receive()
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": body})

    return app


def limited(url: str) -> Any:
    """The simulated Sentry."""
    world = build_world(SimulatorOptions(organization=ORGANIZATION, token=TOKEN), url)
    return create_app(world, limits=RateLimits(requests=40, concurrent=25), latency=LATENCY)


async def main(variant: str) -> None:
    """Serve until killed."""
    # With its protocol named, so that asyncio sends answers at once instead of waiting for acknowledgements.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as bound:
        bound.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{bound.getsockname()[1]}"
        app = plain() if variant == "plain" else limited(url)
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", access_log=False))
        serving = asyncio.create_task(server.serve(sockets=[bound]))
        while not server.started:  # noqa: ASYNC110  # uvicorn sets a flag, no event
            await asyncio.sleep(0.01)
        print(url, flush=True)
        await serving


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    asyncio.run(main(sys.argv[1]))
