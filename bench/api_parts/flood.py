"""One process that calls in one lane: `python flood.py SENTRY REDIS SECONDS LANE TASKS PAUSE`.

It prints `ready`, reads the time at which to begin from standard input, and prints what it saw, with the seconds for
which each call waited for its turn. Each task calls, and calls again PAUSE seconds after the answer.
"""

import asyncio
import json
import logging
import math
import sys
import time
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from redis.asyncio import Redis

from bench.api_parts.serve import ORGANIZATION, TOKEN
from vedette._core.logging_setup import configure_logging
from vedette.api import Answer, Call, HttpTransport, Lane, Sentry, credential
from vedette.api.errors import RateLimited, SentryError
from vedette.api.rate_limits import LimitedTransport, Limiter

asked: ContextVar[float] = ContextVar("asked")


@dataclass
class Waits:
    """Below the limiter: notes how long each call has waited, and its result."""

    inner: HttpTransport
    end: float
    sent: int = 0
    """Calls that were sent before the end."""
    waits: list[float] = field(default_factory=list[float])
    answered: int = 0
    limited: int = 0
    failed: int = 0

    async def send(self, call: Call) -> Answer:
        """Pass it on."""
        self.sent += time.time() < self.end
        self.waits.append(time.monotonic() - asked.get())
        return await self.inner.send(call)


async def work(sentry: Sentry, seen: Waits, pause: float) -> None:
    """Call and call again."""
    while time.time() < seen.end:
        asked.set(time.monotonic())
        try:
            await sentry.organizations.get()
        except RateLimited:
            seen.limited += 1
        except SentryError:
            seen.failed += 1
        else:
            seen.answered += 1
        await asyncio.sleep(pause)


_REST = 1.5
"""Seconds after the end for calls that still wait: those of a lane that gets no turn would wait for minutes."""


async def main(url: str, redis_url: str, seconds: float, lane: str, tasks: int, pause: float) -> None:
    """Call from the given time on, and print the counts."""
    configure_logging(level=logging.ERROR)
    redis = cast("Any", Redis).from_url(redis_url)
    async with HttpTransport(url, credential(TOKEN)) as http:
        seen = Waits(http, math.inf)
        limiter = Limiter(redis, f"{url}/{ORGANIZATION}/integration")
        sentry = Sentry(organization=ORGANIZATION, transport=LimitedTransport(seen, limiter)).view(lane=Lane[lane])
        await redis.ping()
        print("ready", flush=True)
        start = float(await asyncio.to_thread(sys.stdin.readline))
        await asyncio.sleep(max(0.0, start - time.time()))
        seen.end = start + seconds
        calling = [asyncio.create_task(work(sentry, seen, pause)) for _ in range(tasks)]
        _, waiting = await asyncio.wait(calling, timeout=seen.end + _REST - time.time())
        for task in waiting:
            task.cancel()
        await asyncio.wait(calling)
    await redis.aclose()
    told = {name: getattr(seen, name) for name in ("answered", "limited", "failed", "sent", "waits")}
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    sentry_url, redis_address, length, which, count, rest = sys.argv[1:]
    asyncio.run(main(sentry_url, redis_address, float(length), which, int(count), float(rest)))
