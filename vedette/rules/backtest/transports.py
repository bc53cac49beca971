"""Layers around a client: one counts calls, since what a trial costs is part of its result, one keeps a slow pace."""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field

from vedette.api import Answer, Call, Transport


@dataclass(slots=True)
class CountingTransport:
    """A layer that counts the calls of each operation that went through it."""

    inner: Transport
    calls: Counter[str] = field(default_factory=Counter[str])

    async def send(self, call: Call) -> Answer:
        """Pass the call on."""
        self.calls[call.operation.name] += 1
        return await self.inner.send(call)


@dataclass(slots=True)
class PacedTransport:
    """A layer that lets so many calls a second pass: for a machine where no Redis tells what others send.

    Half of what sentry.io was seen to allow; endpoints with a limit of their own are not asked here.
    """

    inner: Transport
    per_second: float = 20.0
    _next: float = 0.0

    async def send(self, call: Call) -> Answer:
        """Pass the call on when it is its turn."""
        now = time.monotonic()
        turn = max(now, self._next)
        self._next = turn + 1 / self.per_second
        if turn > now:
            await asyncio.sleep(turn - now)
        return await self.inner.send(call)
