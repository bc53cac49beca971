"""Who of one process's callers asks the limiter next.

Were all of them to ask, a hundred waiting calls would ask Redis a hundred times for one slot; so the first in line
asks, and the line is ordered by lane.
"""

import asyncio
import heapq
import itertools
import math
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Granted = TypeVar("Granted")

_NEXT = 1.0
"""Seconds after which one whose patience ended in the middle of the line may come again."""


@dataclass(frozen=True, slots=True)
class RetryLater:
    """Not now; it is worth asking again after so many seconds."""

    seconds: float
    held: bool = False
    """Whether everybody is held back, after a 429; else the caller only waits for its turn."""


@dataclass(order=True, slots=True)
class _Place:
    lane: int
    number: int
    changed: asyncio.Event = field(default_factory=asyncio.Event, compare=False, repr=False)


class PriorityQueue(Generic[Granted]):
    """Lines of callers, one for each bucket."""

    def __init__(self) -> None:
        self._lines: dict[str, list[_Place]] = defaultdict(list)
        self._numbers: Iterator[int] = itertools.count()

    async def take(
        self, bucket: str, lane: int, ask: Callable[[], Awaitable[Granted | RetryLater]], patience: float = math.inf
    ) -> Granted | RetryLater:
        """Wait for the turn, ask until something is granted, and let the next one ask.

        Args:
            bucket: Which line.
            lane: Lower goes first.
            ask: Answers what was granted, or when to ask again.
            patience: Seconds to wait at most.

        Returns:
            What was granted; or when to come again, where that is past the caller's patience.
        """
        line = self._lines[bucket]
        place = _Place(lane, next(self._numbers))
        first = line[0] if line else None
        heapq.heappush(line, place)
        if first is not None and line[0] is place:
            first.changed.set()
        try:
            return await self._ask_in_turn(line, place, ask, patience)
        finally:
            line.remove(place)
            heapq.heapify(line)
            if line:
                line[0].changed.set()
            else:
                self._lines.pop(bucket, None)

    async def _ask_in_turn(
        self, line: list[_Place], place: _Place, ask: Callable[[], Awaitable[Granted | RetryLater]], patience: float
    ) -> Granted | RetryLater:
        end = time.monotonic() + patience
        while True:
            place.changed.clear()
            left = end - time.monotonic()
            if line[0] is not place:
                if not await _changes(place, left):
                    return RetryLater(_NEXT)
                continue
            answer = await ask()
            if not isinstance(answer, RetryLater) or answer.seconds > left:
                return answer
            await _changes(place, answer.seconds)


async def _changes(place: _Place, seconds: float) -> bool:
    """Wait for a change of the place in the line; False where none came in so many seconds."""
    try:
        async with asyncio.timeout(None if seconds == math.inf else seconds):
            await place.changed.wait()
    except TimeoutError:
        return False
    return True
