"""Runs the spool's disk operations in one thread, and probes whether the disk takes writes.

One thread keeps writes in order, and a slow disk never blocks the event loop.
"""

import asyncio
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from vedette._core.ids import new_identifier

_Result = TypeVar("_Result")
_PROBE_SIZE = 64 * 1024
"""Bytes; more than most deliveries, so that a disk with room for a few bytes alone counts as full."""


class DiskThread:
    """A single-threaded executor that measures the running operation."""

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="spool")
        self._began: float | None = None

    async def run(self, function: Callable[[], _Result]) -> _Result:
        """Run `function` in the thread, after those submitted before, and return its result."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, self._do, function)

    def busy_seconds(self) -> float:
        """Return the seconds that the running operation has taken; 0 when there is none."""
        began = self._began
        return 0.0 if began is None else time.monotonic() - began

    def close(self) -> None:
        """Accept no more operations."""
        self._executor.shutdown(wait=False)

    def _do(self, function: Callable[[], _Result]) -> _Result:
        self._began = time.monotonic()
        try:
            return function()
        finally:
            self._began = None


def probe_disk(folder: Path) -> None:
    """Write 64 KiB to a temporary file in the folder, which is created if it is missing.

    Raises:
        OSError: When the folder cannot be written, or the disk is full or broken.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f".{new_identifier()}.probe"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        # Unlinked at once, so that no file is left after a crash.
        path.unlink()
        rest = bytes(_PROBE_SIZE)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
