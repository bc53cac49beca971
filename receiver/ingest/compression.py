"""Compresses bodies: JSON shrinks to a fifth, and Redis keeps everything in memory.

Compression is the most expensive step of accepting a delivery, a fifth of the total. While the process is busy, short
response times are more important than memory, and bodies are stored uncompressed.
"""

import time
from collections.abc import Callable
from typing import Literal

import zstandard

_SMALLEST = 512
"""Bytes below which compression costs more than it saves."""
_LOOK = 0.02
"""Seconds between two measurements of the load; short, since a burst begins suddenly."""
_BUSY = 0.6
"""The share of one core above which the process is busy and requests begin to queue."""


class Compressor:
    """A Zstandard compressor with one context, which passes bodies through while the process is busy."""

    def __init__(
        self,
        level: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        used: Callable[[], float] = time.process_time,
    ) -> None:
        """Set the level and the clocks.

        Args:
            level: The compression level of Zstandard.
            clock: Returns the time in seconds.
            used: Returns the processor time that this process has used, in seconds.
        """
        self._compress = zstandard.ZstdCompressor(level=level, write_content_size=True).compress
        self._clock = clock
        self._used = used
        self._looked_at = clock()
        self._used_then = used()
        self._is_busy = False

    def __call__(self, body: bytes) -> tuple[Literal["", "zstd"], bytes]:
        """Return the encoding and the bytes to store; the encoding is empty for an uncompressed body."""
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
