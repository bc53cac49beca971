"""Sentry's log of the webhooks it sent: the only place where an operator can see what became of one.

Per event type the last 100 requests and the last 100 errors, for 30 days, of which an answer shows the newest 100;
bodies only with errors, cut at 1024 characters. Status 0 is a timeout, -1 a connection that failed.
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

KEPT = 100
KEPT_FOR = timedelta(days=30)
CUT = 1024
_FIRST_ERROR = 400
_FAILED_CONNECTION = -1
_TIMED_OUT = 1000
"""Milliseconds that the log gives for a request that ran into the time limit."""


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """One request that was sent, and its response."""

    when: datetime
    event_type: str
    status: int
    url: str
    request_id: str
    subject: str
    subject_type: str
    duration: float
    app: str
    headers: dict[str, str] = field(default_factory=dict[str, str], repr=False)
    body: str = ""
    answer: str = ""
    error_id: str | None = None

    @property
    def failed(self) -> bool:
        """True if Sentry counts it among the errors."""
        return self.status <= 0 or self.status >= _FIRST_ERROR

    def as_json(self, *, brief: bool = False) -> dict[str, Any]:
        """Return the log's line in Sentry's spelling: snake_case where a request failed, dates with a space.

        Args:
            brief: As older servers write it, which keep of a good request only kind, time and answer.
        """
        line: dict[str, Any] = {
            "webhookUrl": self.url,
            "sentryAppSlug": self.app,
            "eventType": self.event_type,
            "date": self.when.astimezone(UTC).isoformat(sep=" "),
            "responseCode": self.status,
        }
        if not brief:
            line |= {
                "requestId": self.request_id,
                "idempotencyKey": self.headers.get("Idempotency-Key"),
                "subjectId": self.subject,
                "subjectType": self.subject_type,
                "durationMs": self._milliseconds,
            }
        if self.failed:
            line |= {
                "project_id": None,
                "error_id": self.error_id,
                "request_headers": self.headers,
                "request_body": self.body[:CUT],
                "response_body": self.answer[:CUT],
            }
        return line

    @property
    def _milliseconds(self) -> int | None:
        if self.status == _FAILED_CONNECTION:
            return None
        return _TIMED_OUT if self.status == 0 else round(self.duration * 1000)


class DeliveryLog:
    """The log of one integration."""

    def __init__(self) -> None:
        self._requests: dict[str, deque[LoggedRequest]] = defaultdict(lambda: deque(maxlen=KEPT))
        self._errors: dict[str, deque[LoggedRequest]] = defaultdict(lambda: deque(maxlen=KEPT))

    def add(self, attempt: LoggedRequest) -> None:
        """Write down an attempt."""
        self._requests[attempt.event_type].append(attempt)
        if attempt.failed:
            self._errors[attempt.event_type].append(attempt)

    def read(self, now: datetime, *, event_type: str | None = None, errors_only: bool = False) -> list[LoggedRequest]:
        """Return the newest attempts, at most a hundred over all kinds, newest first."""
        log = self._errors if errors_only else self._requests
        lines = log.get(event_type, ()) if event_type else [a for kept in log.values() for a in kept]
        return sorted((a for a in lines if a.when > now - KEPT_FOR), key=lambda a: a.when, reverse=True)[:KEPT]
