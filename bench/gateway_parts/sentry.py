"""A Sentry whose answers were captured from the simulated one, served as fast as Python can.

The simulated Sentry needs longer for an answer than the gateway adds to it; with its answers kept, a difference of
milliseconds can be measured. It sends the headers of sentry.io's rate limit, so that the limiter does its full work.

    python bench/gateway_parts/sentry.py
"""

import asyncio
import json
import signal
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

import httpx2  # noqa: E402  # found through the line above when run as a script

from tests.gateway.gateways import add_issue, make_world, serving  # noqa: E402
from vedette.simulator import RateLimits, create_app  # noqa: E402

LISTED = 100


async def capture() -> tuple[str, dict[str, bytes]]:
    """Return the path of an issue, and the bodies of the answers by their path."""
    world, token = make_world()
    issues = [
        add_issue(world, "shop", f"Error{number}: {'in the checkout of a basket ' * 3}") for number in range(LISTED)
    ]
    one = f"/api/0/organizations/acme/issues/{issues[0].id}/"
    listing = f"/api/0/organizations/acme/issues/?limit={LISTED}"
    headers = {"Authorization": f"Bearer {token}"}
    app = create_app(world, limits=RateLimits(manner="self-hosted"))
    async with serving(app) as url, httpx2.AsyncClient(base_url=url, headers=headers) as http:
        found = {path: (await http.get(path)).content for path in ("/api/0/", one, listing)}
    return one, found


class Canned(asyncio.Protocol):
    """Answers each request of a connection by its path; bodies of requests are left out, as they are short."""

    def __init__(self, answers: dict[bytes, bytes]) -> None:
        self._answers = answers
        self._left = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the connection (called by the loop)."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer each complete request (called by the loop)."""
        self._left += data
        while (end := self._left.find(b"\r\n\r\n")) >= 0:
            head = self._left[:end]
            length = 0
            for line in head.split(b"\r\n"):
                if line.lower().startswith(b"content-length:"):
                    length = int(line.partition(b":")[2])
            if len(self._left) < end + 4 + length:
                return
            self._left = self._left[end + 4 + length :]
            self._answer(head.split(b" ", 2)[1])

    def _answer(self, target: bytes) -> None:
        body = self._answers.get(target)
        status = b"200 OK" if body is not None else b"404 Not Found"
        body = body or b'{"detail":"The requested resource does not exist"}'
        limits = (
            b"X-Sentry-Rate-Limit-Limit: 5000\r\nX-Sentry-Rate-Limit-Remaining: 4999\r\n"
            b"X-Sentry-Rate-Limit-Reset: %d\r\nX-Sentry-Rate-Limit-ConcurrentLimit: 500\r\n"
            b"X-Sentry-Rate-Limit-ConcurrentRemaining: 499\r\n" % (int(time.time()) + 1)
        )
        head = b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n%b\r\n"
        self._transport.write(head % (status, len(body), limits) + body)


async def main() -> None:
    """Serve until SIGTERM, after a line with the address and the path of the issue."""
    one, answers = await capture()
    encoded = {path.encode(): body for path, body in answers.items()}
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Canned(encoded), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    end = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, end.set)
    sizes = {"one": len(answers[one]), "list": len(answers[f"/api/0/organizations/acme/issues/?limit={LISTED}"])}
    print(json.dumps({"url": f"http://127.0.0.1:{port}", "one": one, "sizes": sizes}), flush=True)
    await end.wait()
    server.close()


if __name__ == "__main__":
    asyncio.run(main())
