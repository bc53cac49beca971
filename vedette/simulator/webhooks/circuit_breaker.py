"""Sentry's circuit breaker for the webhooks of one integration.

It opens when, within 10 minutes, at least half of the requests and at least 500 of them ran into the hard timeout of 5
seconds; for 5 minutes nothing is sent then and nothing logged (getsentry/sentry#111723).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

WINDOW = timedelta(minutes=10)
BLOCKED = timedelta(minutes=5)
ERRORS = 500
SHARE = 0.5


@dataclass(slots=True)
class CircuitBreaker:
    """The counts of the last 10 minutes. Timeouts of 1 second, refused connections and error answers do not count."""

    open_until: datetime | None = None
    _attempts: deque[tuple[datetime, bool]] = field(default_factory=deque[tuple[datetime, bool]])
    _errors: int = 0

    def is_open(self, now: datetime) -> bool:
        """Return whether webhooks are dropped now."""
        return self.open_until is not None and now < self.open_until

    def open(self, now: datetime, seconds: float = BLOCKED.total_seconds()) -> None:
        """Drop webhooks for so many seconds, and restart the count afterwards."""
        self.open_until = now + timedelta(seconds=seconds)
        self._attempts.clear()
        self._errors = 0

    def record(self, now: datetime, *, hard_timeout: bool) -> None:
        """Count an attempt."""
        self._attempts.append((now, hard_timeout))
        self._errors += hard_timeout
        while self._attempts[0][0] <= now - WINDOW:
            self._errors -= self._attempts.popleft()[1]
        if self._errors >= max(ERRORS, SHARE * len(self._attempts)):
            self.open(now)
