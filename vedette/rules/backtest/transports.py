"""Provides a transport that limits the rate of calls."""

import asyncio
import time
from dataclasses import dataclass

from vedette.api import Answer, Call, Transport


@dataclass(slots=True)
class PacedTransport:
    """A transport with a rate limit of its own, for a machine without the Redis that holds the shared one.

    The rate is half of the one that was observed on sentry.io; no endpoint with a separate limit is called.
    """

    inner: Transport
    per_second: float = 20.0
    _next: float = 0.0

    async def send(self, call: Call) -> Answer:
        """Pass the call on after the time that the rate requires."""
        now = time.monotonic()
        start = max(now, self._next)
        self._next = start + 1 / self.per_second
        if start > now:
            await asyncio.sleep(start - now)
        return await self.inner.send(call)
