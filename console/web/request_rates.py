"""Limits how many requests of the JSON API one account may send in a minute."""

import time
from collections.abc import Callable
from typing import Final

PER_MINUTE: Final = 600
_MINUTE: Final = 60.0
_MOST_ACCOUNTS: Final = 1000


class RequestRates:
    """A token bucket for each account, in the memory of this process."""

    def __init__(self, per_minute: int = PER_MINUTE, now: Callable[[], float] = time.monotonic) -> None:
        """Begin with full buckets.

        Args:
            per_minute: Requests in a minute, and at once.
            now: The clock, in seconds.
        """
        self._most = per_minute
        self._now = now
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, account: str) -> float:
        """Count a request of an account; return 0, or the seconds after which the next one is allowed."""
        now = self._now()
        left, at = self._buckets.pop(account, (float(self._most), now))
        left = min(float(self._most), left + (now - at) * self._most / _MINUTE)
        is_allowed = left >= 1
        self._buckets[account] = left - is_allowed, now
        while len(self._buckets) > _MOST_ACCOUNTS:
            del self._buckets[next(iter(self._buckets))]
        return 0.0 if is_allowed else (1 - left) * _MINUTE / self._most
