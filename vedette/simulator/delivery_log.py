"""Sentry's log of the webhooks it sent: the only place where an operator can see what became of one.

Per event type the last 100 requests and the last 100 errors, for 30 days; bodies only with errors, cut at 1024
characters. Status 0 is a timeout, -1 a connection that failed.
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from vedette.simulator.dates import zulu

KEPT = 100
KEPT_FOR = timedelta(days=30)
CUT = 1024
_FIRST_ERROR = 400


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request that was sent, and what came back."""

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
        """Whether Sentry counts it among the errors."""
        return self.status <= 0 or self.status >= _FIRST_ERROR

    def as_json(self) -> dict[str, Any]:
        """Return the log's line; `duration` is in milliseconds. Names beyond the first six are not documented."""
        line: dict[str, Any] = {
            "date": zulu(self.when),
            "eventType": self.event_type,
            "responseCode": self.status,
            "webhookUrl": self.url,
            "sentryAppSlug": self.app,
            "requestId": self.request_id,
            "subjectId": self.subject,
            "subjectType": self.subject_type,
            "durationMs": round(self.duration * 1000, 3),
        }
        if self.failed:
            line |= {
                "requestHeaders": self.headers,
                "requestBody": self.body[:CUT],
                "responseBody": self.answer[:CUT],
            }
        if self.error_id:
            line["errorId"] = self.error_id
        return line


class DeliveryLog:
    """The log of one integration."""

    def __init__(self) -> None:
        self._requests: dict[str, deque[Attempt]] = defaultdict(lambda: deque(maxlen=KEPT))
        self._errors: dict[str, deque[Attempt]] = defaultdict(lambda: deque(maxlen=KEPT))

    def add(self, attempt: Attempt) -> None:
        """Write down an attempt."""
        self._requests[attempt.event_type].append(attempt)
        if attempt.failed:
            self._errors[attempt.event_type].append(attempt)

    def read(self, now: datetime, *, event_type: str | None = None, errors_only: bool = False) -> list[Attempt]:
        """Return attempts, newest first."""
        log = self._errors if errors_only else self._requests
        lines = log.get(event_type, ()) if event_type else [a for kept in log.values() for a in kept]
        return sorted((a for a in lines if a.when > now - KEPT_FOR), key=lambda a: a.when, reverse=True)
