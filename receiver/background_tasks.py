"""Tasks that run beside the answers and must not end: one that fails is told and started again."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

_PAUSE = 1.0


class BackgroundTasks:
    """The tasks of one receiver."""

    def __init__(self) -> None:
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """Run `work` until `stop`, again after a pause whenever it fails."""
        self._tasks.append(asyncio.create_task(_keep(name, work), name=name))

    async def stop(self) -> None:
        """End all of them, the last one first."""
        for task in reversed(self._tasks):
            task.cancel()
            await asyncio.wait([task])
        self._tasks.clear()


async def _keep(name: str, work: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await work()
        except Exception:  # noqa: BLE001 - a boundary of the process: its work must outlive whatever went wrong
            structlog.stdlib.get_logger(__name__).exception("background task failed", task=name)
        await asyncio.sleep(_PAUSE)
