"""Schedules the reading of large uploads, so that an iteration of the event loop stays short.

An iteration reads a quarter of a megabyte from every connection with pending data: with a thousand large uploads it
would last longer than Sentry waits for a response. So a connection with a large body pauses after each read, and each
iteration resumes a few of them, the youngest first: a real upload ends soon, and a stalled one waits.
"""

import asyncio
import heapq
import itertools
from collections.abc import Callable

_READS_PER_ITERATION = 2
"""Large uploads that are read in one iteration: some 2 MB, which takes a millisecond or two."""


class ReadScheduler:
    """A priority queue of connections with paused reading."""

    def __init__(self) -> None:
        self._waiting: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = itertools.count()
        self._is_scheduled = False

    def schedule(self, began: float, resume: Callable[[], None]) -> None:
        """Call `resume` in one of the next iterations; uploads that began later are resumed first."""
        heapq.heappush(self._waiting, (-began, next(self._numbers), resume))
        if not self._is_scheduled:
            self._is_scheduled = True
            asyncio.get_running_loop().call_soon(self._resume)

    def _resume(self) -> None:
        for _ in range(min(_READS_PER_ITERATION, len(self._waiting))):
            heapq.heappop(self._waiting)[2]()
        self._is_scheduled = bool(self._waiting)
        if self._is_scheduled:
            asyncio.get_running_loop().call_soon(self._resume)
