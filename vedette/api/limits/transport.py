"""The layer that makes each call wait for its turn at Sentry's limit, and learns the limit from the answers."""

import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Final

import structlog
from redis.exceptions import RedisError

from vedette.api.calls import Answer, Call, Transport
from vedette.api.errors import RateLimited, SentryError
from vedette.api.limits.headers import RateLimit, read_rate_limit
from vedette.api.limits.limiter import Lease, Limiter
from vedette.api.limits.turns import Later, Turns
from vedette.api.memory import Remembered

_TRUSTED_SKEW: Final = 1.5
"""Seconds by which our clock may differ from Sentry's Date (whole seconds) and still be the better one to go by."""


class LimitedTransport:
    """Sends calls as the common limiter lets them; where an operation turns out to have no limit, straight on."""

    def __init__(self, inner: Transport, limiter: Limiter, *, now: Callable[[], float] = time.time) -> None:
        self._inner = inner
        self._limiter = limiter
        self._now = now
        self._turns = Turns[Lease | None]()
        self._unlimited = Remembered[bool](most=1000, seconds=60.0)
        self._log = structlog.stdlib.get_logger("vedette.api")

    async def send(self, call: Call) -> Answer:
        """Answer the call once it may go out."""
        name = call.operation.name
        if self._unlimited.get(name):
            return await self._inner.send(call)
        lease = await self._turns.take(call.operation.bucket, call.lane, lambda: self._ask(call))
        said, pause = RateLimit(), 0.0
        try:
            answer = await self._inner.send(call)
        except SentryError as error:
            said = read_rate_limit(error.headers)
            pause = self._pause(error)
            raise
        else:
            said = read_rate_limit(answer.headers)
            if answer.sent and not said.stated:
                self._unlimited.put(name, value=True)
            return answer
        finally:
            if lease is not None:
                await self._give_back(lease, said, pause)

    async def _ask(self, call: Call) -> Lease | Later | None:
        """A lease, when to ask again, or None where nobody can be asked."""
        try:
            return await self._limiter.acquire(call.operation, call.lane)
        except RedisError as error:
            self._log.warning("limiter cannot be asked, calls go out unlimited", error=type(error).__name__)
            return None

    async def _give_back(self, lease: Lease, said: RateLimit, pause: float) -> None:
        try:
            await self._limiter.release(lease, said, pause=pause)
        except RedisError as error:
            self._log.warning("limiter cannot be told of an answer", error=type(error).__name__)

    def _pause(self, error: SentryError) -> float:
        """For how long no process should send after this error."""
        if not isinstance(error, RateLimited):
            return 0.0
        if error.kind == "concurrency":
            return 0.1
        if error.kind != "window":
            return 0.0
        return self._exactly(error) if error.reset is not None else error.retry_after or 1.0

    def _exactly(self, error: RateLimited) -> float:
        """Until the reset, by our clock where it agrees with Sentry's Date, which has whole seconds only."""
        reset, now = error.reset or 0.0, self._now()
        try:
            date = parsedate_to_datetime(error.headers.get("date", "")).timestamp()
        except ValueError:
            date = now
        if abs(now - date) > _TRUSTED_SKEW:
            return error.retry_after or 0.0
        return min(max(reset - now, 0.0), 60.0)
