"""A Sentry that does as little as a server can: it answers any issue, and notes when a write arrives.

    python bench/delivery_parts/thin_sentry.py

It prints its URL. `GET /_effects` returns the number of writes, and issue -> monotonic time of its first write.
"""

import asyncio
import json
import re
import signal
import sys
import time
from pathlib import Path
from typing import cast

import uvloop

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from bench.api_parts.serve import ISSUE  # noqa: E402 - found through the line above when run as a script

_ISSUE = re.compile(rb"^/api/0/(?:organizations/[^/]+/)?issues/(\d+)/(comments/|notes/)?(?:\?|$)")
_LISTING = re.compile(rb"^/api/0/(?:organizations/[^/]+/)?issues/(?:\d+/(?:comments|notes)/)?(?:\?|$)")
SCOPES = ["event:admin", "event:read", "event:write", "member:read", "org:read", "project:read", "team:read"]
_WHOAMI = json.dumps({"version": "0", "auth": {"scopes": SCOPES}, "user": {"id": "1"}}).encode()
_COMMENT = b'{"id":"1","type":"note","data":{"text":"x"},"dateCreated":"2026-08-01T10:00:00Z"}'


class Effects:
    """The writes that have arrived."""

    def __init__(self) -> None:
        self.count = 0
        self.first: dict[str, float] = {}

    def add(self, issue: str) -> None:
        """Note a write."""
        self.count += 1
        self.first.setdefault(issue, time.monotonic())


class ThinSentry(asyncio.Protocol):
    """One connection."""

    def __init__(self, effects: Effects) -> None:
        self._effects = effects
        self._left = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the connection (called by the loop)."""
        # uvloop's transports are of no common class with asyncio's.
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Answer each complete request (called by the loop)."""
        self._left += data
        while (end := self._left.find(b"\r\n\r\n")) >= 0:
            head = self._left[:end]
            found = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
            length = int(found[1]) if found else 0
            if len(self._left) < end + 4 + length:
                return
            body, self._left = self._left[end + 4 : end + 4 + length], self._left[end + 4 + length :]
            method, target, _ = head.split(b" ", 2)
            self._answer(*self._respond(method, target, body))

    def _respond(self, method: bytes, target: bytes, body: bytes) -> tuple[bytes, bytes]:
        if target == b"/_effects":
            return b"200 OK", json.dumps({"count": self._effects.count, "first": self._effects.first}).encode()
        if method == b"GET" and (_LISTING.match(target) or target == b"/api/0/"):
            return b"200 OK", _WHOAMI if target == b"/api/0/" else b"[]"
        found = _ISSUE.match(target)
        if found is None:
            return b"404 Not Found", b'{"detail":"The requested resource does not exist"}'
        number = found[1].decode()
        if method == b"GET":
            return b"200 OK", json.dumps({**ISSUE, "id": number, "shortId": f"SHOP-{number}"}).encode()
        self._effects.add(number)
        if found[2]:
            return b"201 Created", _COMMENT
        return b"200 OK", json.dumps({**ISSUE, "id": number, "shortId": f"SHOP-{number}", **json.loads(body)}).encode()

    def _answer(self, status: bytes, body: bytes) -> None:
        limits = (
            b"X-Sentry-Rate-Limit-Limit: 100000\r\nX-Sentry-Rate-Limit-Remaining: 99999\r\n"
            b"X-Sentry-Rate-Limit-Reset: %d\r\nX-Sentry-Rate-Limit-ConcurrentLimit: 5000\r\n"
            b"X-Sentry-Rate-Limit-ConcurrentRemaining: 4999\r\n" % (int(time.time()) + 1)
        )
        head = b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n%b\r\n"
        self._transport.write(head % (status, len(body), limits) + body)


async def main() -> None:
    """Serve until SIGTERM."""
    effects, loop, end = Effects(), asyncio.get_running_loop(), asyncio.Event()
    server = await loop.create_server(lambda: ThinSentry(effects), "127.0.0.1", 0)
    loop.add_signal_handler(signal.SIGTERM, end.set)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await end.wait()
    server.close()


if __name__ == "__main__":
    uvloop.run(main())
