"""Keeps tasks that nobody waits for: the event loop itself holds them weakly, so they could be lost half-way."""

import asyncio
from collections.abc import Coroutine
from contextvars import Context
from typing import Any


class DetachedTasks:
    """Tasks that run beside their callers; each handles its own errors."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` soon."""
        # In a context of its own: in that of an author's code, it would count as a task that the code left running.
        task = asyncio.get_running_loop().create_task(work, context=Context())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def let_begin(self) -> None:
        """Let the tasks that were started come to their first command, so that those of the caller follow it."""
        if self._tasks:
            await asyncio.sleep(0)

    async def drain(self) -> None:
        """Wait until all have ended."""
        while self._tasks:
            await asyncio.wait(self._tasks)
