"""Retries of failed calls, decided by small pure objects: (error, attempt) -> wait, stop, or no opinion.

Sentry has no idempotency keys, so a write that may have been done is repeated only where its end state is the same, and
its 429 names the moment at which the window ends, so that the wait need not be guessed.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

from vedette._core.backoff import Backoff
from vedette.api.call import Answer, Call, Transport
from vedette.api.errors import Gone, NotFound, RateLimited, RouteMissing, SentryError, SentryTimeout, UnreadableAnswer
from vedette.api.log import client_log

_INDEXING = Backoff(first=1.0, longest=8.0)
_BACKOFF = Backoff(first=0.25, longest=8.0)


@dataclass(frozen=True, slots=True)
class Wait:
    """Send it again after so many seconds, and up to `spread` more so that not all come back at once."""

    seconds: float
    spread: float = 0.0


@dataclass(frozen=True, slots=True)
class Stop:
    """Do not send it again here."""

    because: str


Verdict = Wait | Stop | None


class RetryStep(Protocol):
    """A step of the retry decision on a failed attempt, with or without an opinion. Attempts count from 1."""

    def __call__(self, error: SentryError, attempt: int) -> Verdict:
        """Wait, stop, or leave it to the next decision."""
        ...


@dataclass(frozen=True, slots=True)
class UntilIndexed:
    """Retries of a 404 for an object that a webhook just named: the webhook can overtake Sentry's stores by seconds."""

    attempts: int = 5

    def __call__(self, error: SentryError, attempt: int) -> Verdict:
        """Wait 1, 2, 4, 8 seconds, then stop."""
        if not isinstance(error, NotFound) or isinstance(error, RouteMissing) or not error.call.fresh:
            return None
        return Wait(_INDEXING.after(attempt)) if attempt < self.attempts else Stop("it did not appear")


@dataclass(frozen=True, slots=True)
class NeverTwice:
    """No retry of a write that may have been done, and would do more if sent again."""

    def __call__(self, error: SentryError, attempt: int) -> Verdict:  # noqa: ARG002  # the shape of a decision
        """Stop, or no opinion."""
        if error.outcome_unknown and not error.call.repeatable:
            return Stop("it may have been done, and doing it twice would do more")
        return None


@dataclass(frozen=True, slots=True)
class UntilReset:
    """Retries of a 429 at the moment that Sentry named."""

    def __call__(self, error: SentryError, attempt: int) -> Verdict:
        """Wait until the window's end, or with backoff if it was not stated."""
        if not isinstance(error, RateLimited):
            return None
        if error.kind in {"query", "invitations"}:
            return Stop("asking again soon does not help")
        if error.retry_after is not None:
            return Wait(error.retry_after, spread=0.5)
        return Wait(_BACKOFF.after(attempt), spread=0.25)


@dataclass(frozen=True, slots=True)
class Transient:
    """Retries of failures of servers and networks, with backoff."""

    attempts: int = 4

    def __call__(self, error: SentryError, attempt: int) -> Verdict:
        """Wait with backoff from a quarter of a second, and jitter as long as the wait."""
        if not error.retryable:
            return Stop("sending it again would fail again")
        if isinstance(error, Gone):
            return Stop("a brownout is longer than a call may take")
        if isinstance(error, UnreadableAnswer):
            return Stop("a proxy or login page that answers for Sentry does not go away within a call")
        if attempt >= self.attempts:
            return Stop(f"{attempt} attempts failed")
        if error.retry_after is not None:
            return Wait(error.retry_after, spread=0.5)
        wait = _BACKOFF.after(attempt)
        return Wait(wait, spread=wait)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Decisions in order; the first with an opinion counts, within bounds."""

    decisions: tuple[RetryStep, ...] = (UntilIndexed(), NeverTwice(), UntilReset(), Transient())
    attempts: int = 10
    patience: float = 30.0
    """Seconds of waiting in all; after longer waits the caller should try again."""
    total: float = 45.0
    """Seconds for all attempts and the waiting between them. Below the time limit of a handler's attempt (60), so that
    a Sentry that hangs is no answer from Sentry and not a handler that took too long."""

    def decide(self, error: SentryError, attempt: int, waited: float) -> Wait | Stop:
        """Wait or stop, after an attempt (from 1) that failed and so many seconds waited before it."""
        if attempt >= self.attempts:
            return Stop(f"{attempt} attempts failed")
        for decision in self.decisions:
            verdict = decision(error, attempt)
            if isinstance(verdict, Wait) and waited + verdict.seconds + verdict.spread > self.patience:
                return Stop(f"it would wait longer than {self.patience:g} s")
            if verdict is not None:
                return verdict
        return Stop("no decision knows this error")


@dataclass(frozen=True, slots=True)
class RetryingTransport:
    """A layer that sends calls again as its policy decides."""

    inner: Transport
    policy: RetryPolicy = field(default_factory=RetryPolicy)
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    chance: Callable[[], float] = random.random
    """Between 0 and 1, for the spread."""

    async def send(self, call: Call) -> Answer:
        """Answer the call, or raise the last `SentryError`; after the policy's total time, a `SentryTimeout`."""
        attempt, waited, end = 1, 0.0, time.monotonic() + self.policy.total
        while True:
            left = end - time.monotonic()
            try:
                return await self._attempt(call, left)
            except SentryError as error:
                verdict = self.policy.decide(error, attempt, waited)
                if isinstance(verdict, Wait) and time.monotonic() + verdict.seconds >= end:
                    verdict = Stop(f"a call may take {self.policy.total:g} s in all")
                self._say(error, attempt, verdict)
                if isinstance(verdict, Stop):
                    raise
            seconds = verdict.seconds + verdict.spread * self.chance()
            await self.sleep(seconds)
            attempt, waited = attempt + 1, waited + seconds

    async def _attempt(self, call: Call, seconds: float) -> Answer:
        try:
            async with asyncio.timeout(seconds):
                return await self.inner.send(call)
        except TimeoutError as error:
            raise SentryTimeout(call, cause="Timeout") from error

    def _say(self, error: SentryError, attempt: int, verdict: Wait | Stop) -> None:
        if not error.retryable and not error.call.fresh:
            return
        log = client_log().bind(
            operation=error.operation, error=type(error).__name__, status=error.status, attempt=attempt
        )
        if isinstance(verdict, Wait):
            log.info("sentry call is sent again", seconds=round(verdict.seconds, 3))
        else:
            log.warning("sentry call failed", because=verdict.because)
