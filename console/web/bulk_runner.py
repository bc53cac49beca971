"""Runs orders on many things in the background of the console's process, where their pages only follow them."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

import structlog
from redis.exceptions import RedisError

from vedette._core.user_error import UserError


class BulkRunner:
    """The orders on many things that this process carries out."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, Any]) -> None:
        """Carry an order out; its progress is in Redis."""
        task = asyncio.create_task(_carry_out(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def wait(self) -> None:
        """Wait until all have ended."""
        await asyncio.gather(*self._tasks)

    async def stop(self) -> None:
        """End all, each after its present step; their pages say that they were interrupted."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task


async def _carry_out(work: Coroutine[Any, Any, Any]) -> None:
    try:
        await work
    except (RedisError, OSError, UserError) as error:
        structlog.get_logger().warning("an order on many things was interrupted", problem=str(error))
