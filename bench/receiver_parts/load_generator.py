"""Generates load on plain sockets: closed (as fast as responses arrive) and open (at a fixed rate).

It runs on one core, so it does the least it can: requests are put together from parts made before, and of an answer
only its status and end are read.
"""

import asyncio
import gc
import hashlib
import hmac
import itertools
import json
import random
import time
from dataclasses import dataclass, field
from typing import cast

SECRET = "secret-of-the-benchmark"  # noqa: S105 - opens nothing but the benchmark's own server
_POOL = 64
_END = b',"event_id":"%b%012d"}}}'
_LONGEST_IDLE = 1.0
"""Seconds after which a connection is not used again; the servers close theirs after five."""


@dataclass
class Result:
    """The result of one run."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list[float])
    statuses: dict[int, int] = field(default_factory=dict[int, int])
    accepted: list[bytes] = field(default_factory=list[bytes])
    """Ids of deliveries that were answered 2xx."""
    refusals: dict[bytes, int] = field(default_factory=dict[bytes, int])
    """Bodies of answers that were not 2xx."""
    broken: int = 0
    """Requests on connections that ended without a response."""

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds if self.seconds else 0.0

    def percentile(self, share: float) -> float:
        """Return the latency below which `share` of the answers came, in milliseconds."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000 if ordered else float("nan")


class Requests:
    """An endless supply of signed requests, each a delivery of its own.

    They differ in their last bytes, the event's id, so that a signature takes no more than those.
    """

    def __init__(self, size: int, *, run: str) -> None:
        self._run = hashlib.sha256(run.encode()).hexdigest()[:20].encode()
        self._numbers = itertools.count()
        self._bodies = [body_of(size, number) for number in range(_POOL)]
        self._signing = [hmac.new(SECRET.encode(), body, hashlib.sha256) for body in self._bodies]
        end = len(_END % (self._run, 0))
        self._heads = [
            "\r\n".join(
                [
                    "POST /hooks HTTP/1.1",
                    "Host: 127.0.0.1",
                    "User-Agent: sentry/26.10.0 (https://sentry.io)",
                    "Accept-Encoding: gzip, deflate",
                    "Accept: */*",
                    "Content-Type: application/json",
                    "Request-ID: b45c203c03d84c8099beb727730f7fd7",
                    "Sentry-Hook-Resource: error",
                    f"Sentry-Hook-Timestamp: {int(time.time())}",
                    f"Content-Length: {len(body) + end}",
                    "Idempotency-Key: ",
                ]
            ).encode()
            for body in self._bodies
        ]

    def next(self) -> bytes:
        """Return one request."""
        number = next(self._numbers)
        which = number % _POOL
        end = _END % (self._run, number)
        signing = self._signing[which].copy()
        signing.update(end)
        return b"%b%b%012d\r\nSentry-Hook-Signature: %b\r\n\r\n%b%b" % (
            *(self._heads[which], self._run, number, signing.hexdigest().encode()),
            *(self._bodies[which], end),
        )


def body_of(size: int, seed: int) -> bytes:
    """Return an error webhook of about `size` bytes, as compressible as real ones, but for its end: the event's id."""
    chance = random.Random(seed)
    words = [
        chance.choice(("request", "user", "order", "cart", "payment", "index", "cache", "worker")) for _ in range(64)
    ]
    frames: list[object] = []
    error: dict[str, object] = {
        "project": 42,
        "issue_id": str(seed + 1),
        "title": "KeyError: 'total'",
    }
    body = {
        "action": "created",
        "installation": {"uuid": "5f0c7f3e-9a41-4d7e-8a55-3c8e0d1b6a92"},
        "data": {"error": error},
    }
    error["frames"] = frames
    length = len(json.dumps(body, separators=(",", ":")))
    while length < size:
        frame = {
            "filename": f"shop/{chance.choice(words)}/{chance.choice(words)}.py",
            "function": f"{chance.choice(words)}_{chance.choice(words)}",
            "lineno": chance.randrange(2000),
            "context_line": f"    {chance.choice(words)} = {chance.choice(words)}[{chance.randrange(10**6)}]",
            "in_app": chance.random() < 0.5,
        }
        frames.append(frame)
        length += len(json.dumps(frame, separators=(",", ":"))) + 1
    return json.dumps(body, separators=(",", ":")).encode().removesuffix(b"}}}")


class Connection(asyncio.Protocol):
    """One connection with at most one request in flight."""

    def __init__(self, run: "Run") -> None:
        self._run = run
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._due = 0.0
        self.is_busy = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)

    def send(self, request: bytes, due: float) -> None:
        """Send a request that was due at `due`."""
        assert self._transport is not None
        self._due = due
        self.is_busy = True
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        """Read an answer."""
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        start = self._buffer.find(b"content-length: ") + 16
        length = int(self._buffer[start : self._buffer.find(b"\r", start)])
        if len(self._buffer) < end + 4 + length:
            return
        status, body = int(self._buffer[9:12]), self._buffer[end + 4 :]
        self._buffer = b""
        self.is_busy = False
        self._run.on_answer(self, status, body, time.perf_counter() - self._due)

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        del exc
        self._run.on_lost(self)

    def close(self) -> None:
        """End it."""
        if self._transport is not None:
            self._transport.abort()


class Run:
    """What closed and open runs have in common."""

    def __init__(self, requests: Requests) -> None:
        self.requests = requests
        self.result = Result()

    def on_answer(self, connection: Connection, status: int, body: bytes, latency: float) -> None:
        """Note an answer."""
        result = self.result
        result.latencies.append(latency)
        result.statuses[status] = result.statuses.get(status, 0) + 1
        if status in (200, 202):
            result.accepted.append(body[13:39])
        else:
            result.refusals[body] = result.refusals.get(body, 0) + 1
        self.on_free(connection)

    def on_lost(self, connection: Connection) -> None:
        """Note a broken connection."""
        self.result.broken += connection.is_busy
        connection.is_busy = False

    def on_free(self, connection: Connection) -> None:
        """Use the connection again."""


def _keep_still() -> None:
    """Freeze existing objects for the garbage collector: its pauses would look like the server's."""
    gc.collect()
    gc.freeze()


class ClosedRun(Run):
    """As many requests in flight as there are connections."""

    stopped = False

    def on_free(self, connection: Connection) -> None:
        """Send the next request at once."""
        if not self.stopped:
            connection.send(self.requests.next(), time.perf_counter())


async def closed(port: int, requests: Requests, *, connections: int, seconds: float) -> Result:
    """Send as fast as answers come."""
    _keep_still()
    run = ClosedRun(requests)
    loop = asyncio.get_running_loop()
    opened = [(await loop.create_connection(lambda: Connection(run), "127.0.0.1", port))[1] for _ in range(connections)]
    began = time.perf_counter()
    for connection in opened:
        run.on_free(connection)
    await asyncio.sleep(seconds)
    run.stopped = True
    run.result.seconds = time.perf_counter() - began
    for connection in opened:
        connection.close()
    run.result.broken = 0
    return run.result


class OpenRun(Run):
    """Requests leave when they are due."""

    def __init__(self, requests: Requests) -> None:
        super().__init__(requests)
        self.free: dict[Connection, float] = {}
        """Connections that wait, the one that was used last at the end, and since when they do."""

    def take(self) -> Connection | None:
        """Return a connection to use again: none that has waited so long that the server may just be closing it."""
        if not self.free:
            return None
        connection, since = self.free.popitem()
        if time.perf_counter() - since < _LONGEST_IDLE:
            return connection
        connection.close()
        return None

    def on_free(self, connection: Connection) -> None:
        """Keep the connection for the next request that is due."""
        self.free[connection] = time.perf_counter()

    def on_lost(self, connection: Connection) -> None:
        """Forget it."""
        super().on_lost(connection)
        self.free.pop(connection, None)


async def opened(port: int, requests: Requests, *, rate: float, seconds: float) -> Result:
    """Send `rate` requests a second whatever the answers do; latency counts from when a request was due."""
    _keep_still()
    run = OpenRun(requests)
    loop = asyncio.get_running_loop()
    pending: set[asyncio.Task[None]] = set()

    async def send(due: float) -> None:
        try:
            connection = run.take() or (await loop.create_connection(lambda: Connection(run), "127.0.0.1", port))[1]
        except OSError:
            run.result.broken += 1
            return
        connection.send(requests.next(), due)

    began = time.perf_counter()
    for number in range(int(rate * seconds)):
        due = began + number / rate
        wait = due - time.perf_counter()
        if wait > 0:
            await asyncio.sleep(wait)
        task = asyncio.create_task(send(due))
        pending.add(task)
        task.add_done_callback(pending.discard)
    await asyncio.sleep(1.5)
    run.result.seconds = seconds
    for connection in list(run.free):
        connection.close()
    return run.result
