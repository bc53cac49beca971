"""Reads lines of standard input so that a process can end while it waits for one.

The SDK reads in a thread of its pool, which a signal does not interrupt and the event loop waits for. This thread is a
daemon, reads the descriptor itself (a buffered reader would hold a lock that the interpreter needs at its end), and
bounds the length of a line.
"""

import asyncio
import os
import threading
from collections.abc import Callable
from typing import Final, Self

_CHUNK: Final = 65_536


class StdinLines:
    """The lines of a descriptor, as an asynchronous iterator; it ends with the input."""

    def __init__(self, descriptor: int, longest: int) -> None:
        """Prepare; nothing is read before the first line is asked for.

        Args:
            descriptor: The file descriptor.
            longest: Bytes of a line at most; a longer one ends the input.
        """
        self._descriptor = descriptor
        self._longest = longest
        self._lines: asyncio.Queue[str | None] = asyncio.Queue()
        self._is_started = False

    def __aiter__(self) -> Self:
        """Return itself."""
        return self

    async def __anext__(self) -> str:
        """Return the next line."""
        if not self._is_started:
            self._is_started = True
            loop = asyncio.get_running_loop()

            def put(line: str | None) -> None:
                loop.call_soon_threadsafe(self._lines.put_nowait, line)

            threading.Thread(target=self._read, args=(put,), name="standard input", daemon=True).start()
        line = await self._lines.get()
        if line is None:
            raise StopAsyncIteration
        return line

    def _read(self, put: Callable[[str | None], None]) -> None:
        rest = b""
        try:
            while chunk := os.read(self._descriptor, _CHUNK):
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    put(line.decode("utf-8", "replace"))
                if len(rest) > self._longest:
                    break
            put(None)
        except (OSError, RuntimeError):
            # The descriptor, or the event loop, was closed: no reader is left.
            return
