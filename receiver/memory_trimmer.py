"""Returns memory to the system after a burst of uploads.

The C library retains freed memory, also in the middle of its heap, so after one burst a process would permanently
report high usage, to operators and to memory limits. Buffers of large bodies are allocated outside that heap: within
it they leave holes, and enlarging one copies it.
"""

import asyncio
import ctypes
import os
from collections.abc import Callable
from pathlib import Path

_INTERVAL = 1.0
_CALM = 16 * 1024 * 1024
"""Bytes of unfinished requests above which a burst is not over."""
_WORTH_IT = 32 * 1024 * 1024
"""Growth of the process that justifies trimming, which takes milliseconds, in bytes."""
_MMAP_THRESHOLD = -3
"""The number of `M_MMAP_THRESHOLD` for the C library's `mallopt`."""
_LARGE = 512 * 1024
"""Bytes from which a buffer is mapped separately; setting it turns off the library's dynamic threshold."""
_STATM = Path("/proc/self/statm")


class MemoryTrimmer:
    """A periodic `malloc_trim` after bursts; without effect where the C library has none (musl, macOS)."""

    def __init__(self, held: Callable[[], int]) -> None:
        """Set the allocator's options.

        Args:
            held: Returns the number of bytes that unfinished requests hold now.
        """
        self._held = held
        library = ctypes.CDLL(None)
        self._trim: Callable[[int], int] | None = getattr(library, "malloc_trim", None)
        if self._trim is not None:
            library.mallopt(_MMAP_THRESHOLD, _LARGE)
        self._usual = _resident()

    async def run(self) -> None:
        """Check once a second, until cancelled."""
        while True:
            await asyncio.sleep(_INTERVAL)
            self.trim()

    def trim(self) -> None:
        """Trim the heap when the process has grown beyond the memory of unfinished requests."""
        if self._trim is None or self._held() > _CALM or _resident() - self._usual < _WORTH_IT:
            return
        self._trim(0)
        self._usual = _resident()


def _resident() -> int:
    """Return the process's resident memory in bytes; 0 if not available."""
    try:
        return int(_STATM.read_bytes().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0
