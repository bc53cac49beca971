"""The rate-limiting layer: delays calls as the limiter decides, and learns the limit from the answers."""

import math
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from cachetools import TTLCache
from redis.exceptions import RedisError

from vedette._core.detached_tasks import DetachedTasks
from vedette.api.call import Answer, Call, Transport
from vedette.api.errors import CallsHeld, RateLimited, SentryError
from vedette.api.errors.times import bounded, date_number
from vedette.api.log import client_log
from vedette.api.rate_limits.headers import RateLimit, read_rate_limit
from vedette.api.rate_limits.limiter import Lease, Limiter
from vedette.api.rate_limits.priority_queue import PriorityQueue, RetryLater

_TRUSTED_SKEW: Final = 1.5
"""Seconds by which our clock may differ from Sentry's Date (whole seconds) and still be the better one to go by."""
_WORTH_SAYING: Final = 5.0
"""Seconds: a shorter hold is Sentry's ordinary window, which is not worth a log line."""


class LimitedTransport:
    """A layer that sends calls as the common limiter allows, and directly for operations without a limit."""

    def __init__(
        self,
        inner: Transport,
        limiter: Limiter,
        *,
        now: Callable[[], float] = time.time,
        longest_wait: float = math.inf,
    ) -> None:
        """Prepare; nothing is sent yet.

        Args:
            inner: Takes the calls that may go out.
            limiter: Shared by all processes of the organization.
            now: The clock.
            longest_wait: Seconds that a call waits for the limit at most; past that it ends with `CallsHeld`.
        """
        self._inner = inner
        self._limiter = limiter
        self._now = now
        self._longest_wait = longest_wait
        self._turns = PriorityQueue[Lease | None]()
        self._unlimited = TTLCache[str, bool](1000, ttl=60.0)
        self._said: dict[str, float] = {}
        self._returned = DetachedTasks()

    async def send(self, call: Call) -> Answer:
        """Answer the call once it may go out.

        Raises:
            CallsHeld: it would have to wait longer than its timeout; nothing was sent.
        """
        name = call.operation.name
        if self._unlimited.get(name):
            return await self._send_unlimited(call)
        lease = await self._lease(call)
        said, pause, is_answered = RateLimit(), 0.0, False
        try:
            answer = await self._inner.send(call)
            is_answered = True
        except SentryError as error:
            said = read_rate_limit(error.headers)
            pause = self._pause(error)
            self._say_held(call, pause)
            raise
        else:
            said = read_rate_limit(answer.headers)
            if answer.sent and not said.stated:
                self._unlimited[name] = True
            return answer
        finally:
            if lease is not None and is_answered:
                # Nobody has to wait for Redis with an answer.
                self._returned.start(self._give_back(lease, said, pause))
            elif lease is not None:
                # A hold is in force before the caller can send again.
                await self._give_back(lease, said, pause)

    async def aclose(self) -> None:
        """Wait until all leases are returned."""
        await self._returned.drain()

    async def _send_unlimited(self, call: Call) -> Answer:
        try:
            return await self._inner.send(call)
        except RateLimited:
            self._unlimited.pop(call.operation.name, None)
            raise

    async def _lease(self, call: Call) -> Lease | None:
        found = await self._turns.take(call.operation.bucket, call.lane, lambda: self._ask(call), self._longest_wait)
        if not isinstance(found, RetryLater):
            return found
        if found.held:
            self._say_held(call, found.seconds)
        raise CallsHeld(call, seconds=found.seconds, after_limit=found.held)

    def _say_held(self, call: Call, seconds: float) -> None:
        """Say once that calls are held, and until when."""
        bucket, until = call.operation.bucket, self._now() + seconds
        if seconds < _WORTH_SAYING or until < self._said.get(bucket, 0.0) + _WORTH_SAYING:
            return
        self._said[bucket] = until
        client_log().warning(
            "calls to sentry are held back",
            calls=bucket,
            until=datetime.fromtimestamp(until, UTC).isoformat(timespec="seconds"),
            because="Sentry, or a proxy in front of it, answered 429",
        )

    async def _ask(self, call: Call) -> Lease | RetryLater | None:
        """Return a lease, the time after which to ask again, or None if Redis does not answer."""
        await self._returned.let_begin()
        try:
            return await self._limiter.acquire(call.operation, call.lane)
        except RedisError as error:
            client_log().warning("limiter cannot be asked, calls go out unlimited", error=type(error).__name__)
            return None

    async def _give_back(self, lease: Lease, said: RateLimit, pause: float) -> None:
        try:
            await self._limiter.release(lease, said, pause=pause)
        except RedisError as error:
            client_log().warning("answer cannot be reported to the limiter", error=type(error).__name__)

    def _pause(self, error: SentryError) -> float:
        """Return the seconds for which no process should send after this error."""
        if not isinstance(error, RateLimited):
            return 0.0
        if error.kind == "concurrency":
            return 0.1
        if error.kind != "window":
            return 0.0
        exactly = self._exactly(error)
        return bounded((error.retry_after or 1.0) if exactly is None else exactly)

    def _exactly(self, error: RateLimited) -> float | None:
        """Return the seconds until the reset, by our clock if it agrees with Sentry's Date, which has whole seconds."""
        now, date = self._now(), date_number(error.headers.get("date"))
        if error.reset is None or (date is not None and abs(now - date) > _TRUSTED_SKEW):
            return None
        return error.reset - now
