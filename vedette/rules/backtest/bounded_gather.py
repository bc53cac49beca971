"""Several waits at once, but not more than Sentry bears, and none left behind when one fails."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

_Item = TypeVar("_Item")
AT_ONCE = 12
"""Calls in flight: about half of what sentry.io was seen to allow an organization."""


async def each(items: Iterable[_Item], work: Callable[[_Item], Awaitable[None]], *, at_once: int = AT_ONCE) -> None:
    """Do the work on each item, so many at a time; the first error ends all of it."""
    waiting = iter(items)

    async def worker() -> None:
        for item in waiting:
            await work(item)

    workers = [asyncio.create_task(worker()) for _ in range(at_once)]
    try:
        await asyncio.gather(*workers)
    finally:
        for each_worker in workers:
            each_worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
