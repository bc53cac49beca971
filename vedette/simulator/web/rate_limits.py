"""Rate limits as Sentry keeps them: a fixed window and a cap on requests in flight, per caller.

Three modes: `sentry.io` limits and says so in headers; `no-cap` has the window only and sends the text `None` for the
cap; `self-hosted` neither limits nor sends headers.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from vedette.simulator.web.call import EndpointResponse

if TYPE_CHECKING:
    from vedette.api.operations import Operation
    from vedette.simulator.world.integrations import Token

Manner = Literal["sentry.io", "no-cap", "self-hosted"]


@dataclass(frozen=True, slots=True)
class RateLimits:
    """The limits of calls. The numbers are those that us.sentry.io sent in August 2026.

    Attributes:
        manner: the mode, see the module.
        requests: calls per window, for endpoints that share the default group.
        window: length of the window in seconds.
        concurrent: calls in flight; answers 429 beyond it.
        per_endpoint: whether endpoints with limits of their own (5 per second on one issue) have them.
    """

    manner: Manner = "sentry.io"
    requests: int = 40
    window: int = 1
    concurrent: int = 25
    per_endpoint: bool = True


@dataclass(slots=True)
class Bucket:
    """The use of one limit by one caller."""

    window: int = -1
    used: int = 0
    in_flight: int = 0


@dataclass(slots=True)
class CountedCall:
    """A call that was counted: the headers of its answer, and the refusal if there is one."""

    headers: dict[str, str] = field(default_factory=dict[str, str])
    refusal: EndpointResponse | None = None
    bucket: Bucket | None = None

    def leave(self) -> None:
        """End a call."""
        if self.bucket is not None:
            self.bucket.in_flight -= 1
            self.bucket = None


class SimulatedLimiter:
    """Counts calls per caller, method and, where an endpoint has its own limit, endpoint."""

    def __init__(self, limits: RateLimits) -> None:
        self.limits = limits
        self.refused = 0
        self.allowed = 0
        self._buckets: dict[tuple[str, str], Bucket] = defaultdict(Bucket)

    def enter(self, operation: Operation, token: Token | None, now: float) -> CountedCall:
        """Count a call. `now` is the time in seconds since the epoch."""
        limits = self.limits
        if limits.manner == "self-hosted":
            return CountedCall()
        own = operation.limit if limits.per_endpoint else None
        requests, window = (own.requests, own.per_seconds) if own else (limits.requests, limits.window)
        cap = (own.concurrent if own and own.concurrent else limits.concurrent) if limits.manner != "no-cap" else None
        bucket = self._buckets[token.limit_key if token else "ip", operation.bucket if own else operation.method]
        current = int(now // window)
        if bucket.window != current:
            bucket.window, bucket.used = current, 0
        bucket.used += 1
        ticket = CountedCall()
        if bucket.used > requests:
            sentence = "You are attempting to use this endpoint too frequently."
            ticket.refusal = refusal(f"{sentence} Limit is {requests} requests in {window} seconds")
        elif cap is not None and bucket.in_flight >= cap:
            sentence = "You are attempting to go above the allowed concurrency for this endpoint."
            ticket.refusal = refusal(f"{sentence} Concurrency limit is {cap}")
        else:
            bucket.in_flight += 1
            ticket.bucket = bucket
        self.refused += ticket.refusal is not None
        self.allowed += ticket.refusal is None
        ticket.headers = {
            "X-Sentry-Rate-Limit-Remaining": str(max(requests - bucket.used, 0)),
            "X-Sentry-Rate-Limit-Limit": str(requests),
            "X-Sentry-Rate-Limit-Reset": str((current + 1) * window),
            "X-Sentry-Rate-Limit-ConcurrentRemaining": str(None if cap is None else max(cap - bucket.in_flight, 0)),
            "X-Sentry-Rate-Limit-ConcurrentLimit": str(cap),
        }
        return ticket


def refusal(detail: str) -> EndpointResponse:
    """Return the 429: JSON in a body that says it is HTML, and no Retry-After."""
    return EndpointResponse(json.dumps({"detail": detail}), 429, content_type="text/html; charset=utf-8")
