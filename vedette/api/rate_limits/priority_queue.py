"""The order in which the callers of one process ask the limiter.

If all of them asked, a hundred waiting calls would ask Redis a hundred times for one slot; so only the first in the
queue asks, and the queue is ordered by priority.
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
"""Seconds after which a caller may come again that reached its timeout in the middle of the queue."""


@dataclass(frozen=True, slots=True)
class RetryLater:
    """A refusal for now, with the seconds after which to ask again."""

    seconds: float
    held: bool = False
    """True if all callers are held back, after a 429; else other callers are before this one."""


@dataclass(order=True, slots=True)
class _Place:
    lane: int
    number: int
    changed: asyncio.Event = field(default_factory=asyncio.Event, compare=False, repr=False)


class PriorityQueue(Generic[Granted]):
    """Queues of callers, one for each bucket."""

    def __init__(self) -> None:
        self._queues: dict[str, list[_Place]] = defaultdict(list)
        self._numbers: Iterator[int] = itertools.count()

    async def take(
        self, bucket: str, lane: int, ask: Callable[[], Awaitable[Granted | RetryLater]], longest_wait: float = math.inf
    ) -> Granted | RetryLater:
        """Wait to be first in the queue, ask until something is granted, and let the next caller ask.

        Args:
            bucket: The queue.
            lane: The priority; lower goes first.
            ask: Returns the grant, or when to ask again.
            longest_wait: Seconds to wait at most.

        Returns:
            The grant; or the time after which to come again, if that is past the timeout.
        """
        line = self._queues[bucket]
        place = _Place(lane, next(self._numbers))
        first = line[0] if line else None
        heapq.heappush(line, place)
        if first is not None and line[0] is place:
            first.changed.set()
        try:
            return await self._ask_in_turn(line, place, ask, longest_wait)
        finally:
            line.remove(place)
            heapq.heapify(line)
            if line:
                line[0].changed.set()
            else:
                self._queues.pop(bucket, None)

    async def _ask_in_turn(
        self, line: list[_Place], place: _Place, ask: Callable[[], Awaitable[Granted | RetryLater]], longest_wait: float
    ) -> Granted | RetryLater:
        end = time.monotonic() + longest_wait
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
    """Wait for a change of the place in the queue; return False if none came in so many seconds."""
    try:
        async with asyncio.timeout(None if seconds == math.inf else seconds):
            await place.changed.wait()
    except TimeoutError:
        return False
    return True
