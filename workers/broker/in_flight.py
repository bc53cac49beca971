"""Limits how many messages a worker process has in flight, over all of its queues."""

import asyncio

_GATHERING = 0.005
"""Seconds to wait for a quarter of the places: a trip to Redis for each message would cost more than the messages."""


class InFlightLimit:
    """The places for messages in flight; the consumers reserve some before they fetch."""

    def __init__(self, limit: int) -> None:
        """Prepare.

        Args:
            limit: How many messages may be in flight at once.
        """
        self._free = limit
        self._enough = max(1, limit // 4)
        self._changed = asyncio.Event()
        self.sharers = 1
        """The number of consumers that share the places."""

    async def reserve(self, longest: float) -> int:
        """Reserve places and return their number: a part of the free ones, so that each queue gets some.

        Waits up to `longest` seconds for one, and returns 0 when none became free.
        """
        if not self._free and not await self._wait_for(1, longest):
            return 0
        if self._free < self._enough:
            await self._wait_for(self._enough, _GATHERING)
        # Another consumer may have reserved them meanwhile.
        count = min(self._free, max(1, self._free // self.sharers))
        self._free -= count
        return count

    def release(self, count: int = 1) -> None:
        """Give places back."""
        self._free += count
        self._changed.set()

    async def _wait_for(self, free: int, longest: float) -> bool:
        try:
            async with asyncio.timeout(longest):
                while self._free < free:
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            return False
        return True
