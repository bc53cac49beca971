"""Signed webhooks, each about an issue of its own, and their sending on plain sockets."""

import asyncio
import hashlib
import hmac
import json
import time
from pathlib import Path
from typing import Any

SECRET = "secret-of-the-benchmark"  # noqa: S105 - opens nothing but the benchmark's own receivers
_SAMPLES = Path(__file__).parents[2] / "vedette" / "events" / "samples"
_PORTION = 32
"""Connections on which a backlog is sent."""


class Webhooks:
    """An endless supply of requests."""

    def __init__(self, resource: str, first: int) -> None:
        """Prepare.

        Args:
            resource: `issue` or `error`.
            first: The id of the first issue; each request is about the next one.
        """
        self._resource = resource
        self._sample: Any = json.loads((_SAMPLES / f"{resource}.created.json").read_text(encoding="utf-8"))
        self._next = first

    def next(self) -> tuple[str, bytes]:
        """Return the id of an issue, and the request about it."""
        number, self._next = str(self._next), self._next + 1
        body = self._body(number)
        signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        lines = (
            "POST /hooks HTTP/1.1",
            "Host: 127.0.0.1",
            "Content-Type: application/json",
            f"Request-ID: {hashlib.md5(number.encode(), usedforsecurity=False).hexdigest()}",
            f"Sentry-Hook-Resource: {self._resource}",
            f"Sentry-Hook-Timestamp: {int(time.time())}",
            f"Sentry-Hook-Signature: {signature}",
            f"Content-Length: {len(body)}",
        )
        return number, "\r\n".join([*lines, "", ""]).encode() + body

    def _body(self, number: str) -> bytes:
        sample = json.loads(json.dumps(self._sample))
        if self._resource == "issue":
            sample["data"]["issue"] |= {"id": number, "shortId": f"SHOP-{number}"}
        else:
            sample["data"]["error"] |= {
                "issue_id": number,
                "event_id": hashlib.sha256(number.encode()).hexdigest()[:32],
            }
        return json.dumps(sample, separators=(",", ":")).encode()


async def send_many(port: int, webhooks: Webhooks, count: int) -> None:
    """Send a backlog as fast as the answers come."""
    left = [webhooks.next()[1] for _ in range(count)]

    async def work() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while left:
            await _post(reader, writer, left.pop())
        writer.close()

    await asyncio.gather(*(work() for _ in range(min(_PORTION, count))))


async def send_spread(port: int, webhooks: Webhooks, gaps: list[float]) -> dict[str, float]:
    """Send one request after each gap, in seconds; return issue -> the monotonic time of sending."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    sent: dict[str, float] = {}
    for gap in gaps:
        await asyncio.sleep(gap)
        number, request = webhooks.next()
        sent[number] = time.monotonic()
        await _post(reader, writer, request)
    writer.close()
    return sent


async def _post(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> None:
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 20"):
        raise RuntimeError(f"a delivery was answered {head.splitlines()[0].decode()}")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            await reader.readexactly(int(line.partition(b":")[2]))
