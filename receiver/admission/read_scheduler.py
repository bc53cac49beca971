"""Lets large uploads be read a few at a time, so that a turn of the loop stays short whoever sends.

A turn reads from every connection that has something, a quarter of a megabyte each: with a thousand large uploads it
would last longer than Sentry waits for an answer. So a connection with a large body pauses after each read, and a few
of those that wait go on in each turn, the youngest first: a real upload is done soon, and whoever keeps one open waits.
"""

import asyncio
import heapq
import itertools
from collections.abc import Callable

_IN_ONE_TURN = 2
"""Large uploads that are read in one turn: some 2 MB, which takes a millisecond or two."""


class CpuTurns:
    """The connections that wait for their turn to be read."""

    def __init__(self) -> None:
        self._waiting: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = itertools.count()
        self._is_due = False

    def wait(self, began: float, resume: Callable[[], None]) -> None:
        """Call `resume` in one of the next turns; those that began later go first."""
        heapq.heappush(self._waiting, (-began, next(self._numbers), resume))
        if not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_soon(self._resume)

    def _resume(self) -> None:
        for _ in range(min(_IN_ONE_TURN, len(self._waiting))):
            heapq.heappop(self._waiting)[2]()
        self._is_due = bool(self._waiting)
        if self._is_due:
            asyncio.get_running_loop().call_soon(self._resume)
