"""Counts rejected requests, and logs them at a bounded rate."""

import time
from collections.abc import Callable, Mapping

import structlog

_INTERVAL = 1.0


class RejectionLog:
    """A log of rejected requests: at most one line a second for each reason, with the count since the last one."""

    def __init__(self, count: Callable[[str], None]) -> None:
        """Log rejections.

        Args:
            count: Counts a rejection by its reason.
        """
        self._count = count
        self._log = structlog.stdlib.get_logger(__name__)
        self._next: dict[str, float] = {}
        self._unlogged: dict[str, int] = {}
        self._totals: dict[tuple[str, str], tuple[int, float]] = {}

    def record(self, reason: str, **facts: object) -> None:
        """Count a rejection, and log it unless the reason was logged within the last second.

        Args:
            reason: One of a fixed set of labels.
            facts: Details for the operator; no unchecked foreign text and no secret.
        """
        self._count(reason)
        # Only integrations of the settings are given, so that nobody outside can make this grow.
        key = reason, str(facts.get("integration", ""))
        self._totals[key] = self._totals.get(key, (0, 0.0))[0] + 1, time.time()
        self._unlogged[reason] = self._unlogged.get(reason, 0) + 1
        now = time.monotonic()
        if now >= self._next.get(reason, 0.0):
            self._next[reason] = now + _INTERVAL
            self._log.warning("request refused", reason=reason, count=self._unlogged.pop(reason), **facts)

    def totals(self) -> Mapping[tuple[str, str], tuple[int, float]]:
        """Return reason and integration (empty for none) -> count, and the Unix time of the latest in seconds."""
        return self._totals
