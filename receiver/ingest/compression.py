"""Compresses bodies: JSON shrinks to a fifth, and Redis keeps everything in memory.

Compression is the most expensive step of accepting a delivery, a fifth of the total. While the process is busy, short
response times are more important than memory, and small bodies are stored uncompressed. Large ones are compressed in
any case, since a flood of them is what fills a server's memory: in threads, where the event loop does not wait for it.
"""

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

import zstandard

_SMALLEST = 512
"""Bytes below which compression costs more than it saves."""
LARGE = 16 * 1024
"""Bytes from which a body is compressed in any case."""
_THREADS = 2
_LOOK = 0.02
"""Seconds between two measurements of the load; short, since a burst begins suddenly."""
_BUSY = 0.6
"""The share of one core above which the process is busy and requests begin to queue."""

Encoding = Literal["", "zstd"]
"""How a body is stored; empty for unchanged."""


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
        self._level = level
        self._compress = zstandard.ZstdCompressor(level=level, write_content_size=True).compress
        self._of_thread = threading.local()
        self._threads: ThreadPoolExecutor | None = None
        self._clock = clock
        self._used = used
        self._looked_at = clock()
        self._used_then = used()
        self._is_busy = False

    def __call__(self, body: bytes) -> tuple[Encoding, bytes]:
        """Return the encoding and the bytes to store; the encoding is empty for an uncompressed body."""
        if len(body) < _SMALLEST or self._has_no_time():
            return "", body
        compressed = self._compress(body)
        return ("zstd", compressed) if len(compressed) < len(body) else ("", body)

    def compress_large(self, body: bytes, on_compressed: "Callable[[Encoding, bytes], None]") -> None:
        """Compress a body in a thread, and call `on_compressed` with what `__call__` returns, in the event loop."""
        if self._threads is None:
            self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="compression")
        loop = asyncio.get_running_loop()
        self._threads.submit(self._compress_in_thread, loop, body, on_compressed)

    def close(self) -> None:
        """End the threads, after what they are compressing."""
        if self._threads is not None:
            self._threads.shutdown(wait=False)

    def _compress_in_thread(
        self, loop: asyncio.AbstractEventLoop, body: bytes, on_compressed: "Callable[[Encoding, bytes], None]"
    ) -> None:
        # A context of zstandard's must not be used by two threads; it releases the GIL.
        compress = getattr(self._of_thread, "compress", None)
        if compress is None:
            compress = zstandard.ZstdCompressor(level=self._level, write_content_size=True).compress
            self._of_thread.compress = compress
        result: tuple[Encoding, bytes] = ("", body)
        try:
            compressed = compress(body)
        except (zstandard.ZstdError, MemoryError):
            # A request waits for the result, and the body can be stored as it came.
            pass
        else:
            result = ("zstd", compressed) if len(compressed) < len(body) else result
        loop.call_soon_threadsafe(on_compressed, *result)

    def _has_no_time(self) -> bool:
        passed = self._clock() - self._looked_at
        if passed >= _LOOK:
            used = self._used()
            self._is_busy = used - self._used_then > passed * _BUSY
            self._looked_at += passed
            self._used_then = used
        return self._is_busy
