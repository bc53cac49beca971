"""One process that calls as fast as it may: `python flood.py SENTRY REDIS START SECONDS PERSON`, prints what it saw.

A dozen tasks work in the lane of webhooks; where PERSON is 1, a person calls every third of a second besides.
"""

import asyncio
import json
import logging
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from redis.asyncio import Redis

from bench.api_parts.serve import ORGANIZATION, TOKEN
from vedette._core.logging_setup import configure_logging
from vedette.api import Answer, Call, HttpTransport, Lane, Sentry, credential
from vedette.api.errors import RateLimited, SentryError
from vedette.api.rate_limits import LimitedTransport, Limiter

TASKS = 12


@dataclass
class Seen:
    """The results of the calls."""

    answered: int = 0
    limited: int = 0
    failed: int = 0
    waits: list[float] = field(default_factory=list[float])
    """Seconds for which a person's call waited for its turn."""


@dataclass
class Departures:
    """Below the limiter: counts the calls that leave it in time, and notes when a person's does."""

    inner: HttpTransport
    end: float
    sent: int = 0
    left: float = 0.0

    async def send(self, call: Call) -> Answer:
        """Pass it on."""
        self.sent += time.time() < self.end
        if call.lane is Lane.PERSON:
            self.left = time.monotonic()
        return await self.inner.send(call)


async def flood(sentry: Sentry, seen: Seen, end: float) -> None:
    """Call and call again."""
    while time.time() < end:
        try:
            await sentry.organizations.get()
        except RateLimited:
            seen.limited += 1
        except SentryError:
            seen.failed += 1
        else:
            seen.answered += 1


async def click(sentry: Sentry, departures: Departures, seen: Seen, end: float) -> None:
    """A person, who calls rarely."""
    while time.time() < end:
        await asyncio.sleep(0.33)
        asked = time.monotonic()
        try:
            await sentry.organizations.get()
        except RateLimited:
            seen.limited += 1
        else:
            seen.answered += 1
            seen.waits.append(departures.left - asked)


async def main(url: str, redis_url: str, start: float, seconds: float, person: bool) -> None:
    """Call from start on, and print the counts."""
    configure_logging(level=logging.ERROR)
    redis = cast("Any", Redis).from_url(redis_url)
    seen, end = Seen(), start + seconds
    async with HttpTransport(url, credential(TOKEN)) as http:
        departures = Departures(http, end)
        sentry = Sentry(
            organization=ORGANIZATION,
            transport=LimitedTransport(departures, Limiter(redis, f"{url}/{ORGANIZATION}/integration")),
        )
        await asyncio.sleep(max(0.0, start - time.time()))
        tasks = [asyncio.create_task(flood(sentry, seen, end)) for _ in range(TASKS)]
        if person:
            tasks.append(asyncio.create_task(click(sentry.view(lane=Lane.PERSON), departures, seen, end)))
        # Those that still wait for their turn at the end get it, and are not counted.
        await asyncio.gather(*tasks)
    await redis.aclose()
    print(json.dumps({**vars(seen), "sent": departures.sent}), flush=True)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    asyncio.run(main(sys.argv[1], sys.argv[2], float(sys.argv[3]), float(sys.argv[4]), sys.argv[5] == "1"))
