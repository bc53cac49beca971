"""Counts what is refused, and logs it without letting a flood of it fill the disk."""

import time

import structlog

from receiver.observability.receiver_metrics import Metrics

_INTERVAL = 1.0


class RejectionLog:
    """At most one line a second for each reason; the line says how many it stands for."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._log = structlog.stdlib.get_logger(__name__)
        self._next: dict[str, float] = {}
        self._unsaid: dict[str, int] = {}

    def note(self, reason: str, **facts: object) -> None:
        """Count a refusal, and log it when it is time to.

        Args:
            reason: One of a fixed set of words; it becomes a label.
            facts: What helps an operator; nothing that came from outside unchecked, and no secret.
        """
        self._metrics.refused(reason)
        self._unsaid[reason] = self._unsaid.get(reason, 0) + 1
        now = time.monotonic()
        if now >= self._next.get(reason, 0.0):
            self._next[reason] = now + _INTERVAL
            self._log.warning("request refused", reason=reason, count=self._unsaid.pop(reason), **facts)
