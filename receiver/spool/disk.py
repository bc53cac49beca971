"""The one thread that touches the disk, so that writes keep their order and a slow disk never stops the loop."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

_Result = TypeVar("_Result")


class DiskThread:
    """Does one thing after the other, and knows how long the present one has taken."""

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="spool")
        self._began: float | None = None

    async def run(self, function: Callable[[], _Result]) -> _Result:
        """Return what `function` returns when it is its turn."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, self._do, function)

    def busy_for(self) -> float:
        """Return for how many seconds the disk has been at the same thing; 0 when it waits for us."""
        began = self._began
        return 0.0 if began is None else time.monotonic() - began

    def close(self) -> None:
        """Take no more."""
        self._executor.shutdown(wait=False)

    def _do(self, function: Callable[[], _Result]) -> _Result:
        self._began = time.monotonic()
        try:
            return function()
        finally:
            self._began = None
