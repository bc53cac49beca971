"""Supervises background tasks: a task that fails is logged and restarted."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

_PAUSE = 1.0


class BackgroundTasks:
    """The background tasks of one process."""

    def __init__(self) -> None:
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """Run `work` until `stop` is called; restart it after a pause when it fails."""
        self._tasks.append(asyncio.create_task(_run_forever(name, work), name=name))

    async def stop(self) -> None:
        """Cancel all tasks, in reverse order of their start."""
        for task in reversed(self._tasks):
            task.cancel()
            await asyncio.wait([task])
        self._tasks.clear()


async def _run_forever(name: str, work: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await work()
        except Exception:  # noqa: BLE001 - a boundary of the process: no error may end a background task
            structlog.stdlib.get_logger(__name__).exception("background task failed", task=name)
        await asyncio.sleep(_PAUSE)
