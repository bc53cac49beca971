"""Gives memory that a burst of uploads needed back to the system.

The C library keeps freed memory for later, in the middle of its heap too, so a process that was flooded once would look
for ever as if it still were: to people, and to whatever limits its memory. Buffers of large bodies are kept out of that
heap altogether: there each of them leaves a hole, and growing one by an eighth copies it.
"""

import asyncio
import ctypes
import os
from collections.abc import Callable
from pathlib import Path

_INTERVAL = 1.0
_CALM = 16 * 1024 * 1024
"""With more held than this, the burst is not over, in bytes."""
_WORTH_IT = 32 * 1024 * 1024
"""Growth that is worth the milliseconds that giving back takes, in bytes."""
_MMAP_THRESHOLD = -3
"""The number of this option of the C library's `mallopt`."""
_LARGE = 512 * 1024
"""Buffers from this size on are pages of their own, in bytes; the library would raise its threshold as it goes."""
_STATM = Path("/proc/self/statm")


class MemoryReturn:
    """Asks the C library for memory back after a burst; does nothing where it cannot be asked (musl, macOS)."""

    def __init__(self, held: Callable[[], int]) -> None:
        """Describe it.

        Args:
            held: Returns how many bytes unfinished requests hold now.
        """
        self._held = held
        library = ctypes.CDLL(None)
        self._trim: Callable[[int], int] | None = getattr(library, "malloc_trim", None)
        if self._trim is not None:
            library.mallopt(_MMAP_THRESHOLD, _LARGE)
        self._usual = _resident()

    async def run(self) -> None:
        """Look each second; ends only when it is cancelled."""
        while True:
            await asyncio.sleep(_INTERVAL)
            self.look()

    def look(self) -> None:
        """Give memory back when the process has grown and nothing explains it any longer."""
        if self._trim is None or self._held() > _CALM or _resident() - self._usual < _WORTH_IT:
            return
        self._trim(0)
        self._usual = _resident()


def _resident() -> int:
    """Return the process's resident memory in bytes; 0 where the system does not say."""
    try:
        return int(_STATM.read_bytes().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0
