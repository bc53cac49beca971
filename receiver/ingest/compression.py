"""Bodies are kept compressed: JSON shrinks to a fifth, and Redis keeps everything in memory.

Compressing is the dearest step of taking a delivery, though: a fifth of it all. So it is done in time to spare: while
this process is busy, answering soon counts for more than memory, and bodies are kept as they came.
"""

import time
from collections.abc import Callable
from typing import Literal

import zstandard

_SMALLEST = 512
"""Below so many bytes compressing costs more than it saves."""
_LOOK = 0.02
"""How often the process looks how busy it is, in seconds: a flood begins at once."""
_BUSY = 0.6
"""The share of one core that leaves no time to spare: above it answers begin to wait for one another."""


class Compressor:
    """Compresses bodies one at a time, with one context for all of them, while there is time for it."""

    def __init__(
        self,
        level: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        used: Callable[[], float] = time.process_time,
    ) -> None:
        """Describe it.

        Args:
            level: Zstandard's.
            clock: Returns the time, in seconds.
            used: Returns the processor time that this process has used, in seconds.
        """
        self._compress = zstandard.ZstdCompressor(level=level, write_content_size=True).compress
        self._clock = clock
        self._used = used
        self._looked_at = clock()
        self._used_then = used()
        self._is_busy = False

    def __call__(self, body: bytes) -> tuple[Literal["", "zstd"], bytes]:
        """Return the encoding and the bytes to store: the body itself where compressing does not pay."""
        if len(body) < _SMALLEST or self._has_no_time():
            return "", body
        compressed = self._compress(body)
        return ("zstd", compressed) if len(compressed) < len(body) else ("", body)

    def _has_no_time(self) -> bool:
        passed = self._clock() - self._looked_at
        if passed >= _LOOK:
            used = self._used()
            self._is_busy = used - self._used_then > passed * _BUSY
            self._looked_at += passed
            self._used_then = used
        return self._is_busy
