"""Bodies are kept compressed: JSON shrinks to a quarter, and Redis keeps everything in memory.

Compressing is the dearest step of taking a delivery, though: about a quarter of it all. When requests pile up,
answering in time counts for more than memory, and bodies are kept as they came until the rush is over.
"""

from typing import Literal

import zstandard

_SMALLEST = 512
"""Below so many bytes compressing costs more than it saves."""


class Compressor:
    """Compresses bodies one at a time, with one context for all of them."""

    def __init__(self, level: int) -> None:
        self._compress = zstandard.ZstdCompressor(level=level, write_content_size=True).compress

    def __call__(self, body: bytes) -> tuple[Literal["", "zstd"], bytes]:
        """Return the encoding and the bytes to store: the body itself where compressing does not pay."""
        if len(body) < _SMALLEST:
            return "", body
        compressed = self._compress(body)
        return ("zstd", compressed) if len(compressed) < len(body) else ("", body)
