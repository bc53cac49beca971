"""One limiter for all processes of an organization: Sentry counts all of an organization's integrations together.

A process on its own cannot know what others send; without a common count each 429 comes too late, and the backfill of
one process makes the click of a person in another wait.
"""

import uuid
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from importlib import resources
from typing import Any, Final, Protocol

from vedette.api.call import Lane
from vedette.api.errors.times import bounded
from vedette.api.operations import Operation
from vedette.api.rate_limits.headers import RateLimit
from vedette.api.rate_limits.priority_queue import RetryLater

_MICROSECONDS: Final = 1_000_000
_PREFIX: Final = "{vedette}:limit:"
HOLDS: Final = f"{_PREFIX}holds"
"""A hash: account and bucket -> microseconds since the epoch until which Sentry's 429 holds all calls back."""


class LimiterScript(Protocol):
    """A Lua script, ready to run."""

    def __call__(self, keys: Sequence[str] = ..., args: Sequence[str | int | float] = ...) -> Awaitable[Any]:
        """Run it."""
        ...


class LimiterRedis(Protocol):
    """The part of an asynchronous Redis client that the limiter needs."""

    def register_script(self, script: str, /) -> LimiterScript:
        """Make a script callable."""
        ...


@dataclass(frozen=True, slots=True)
class AssumedLimits:
    """The limits until Sentry has stated its own: those of sentry.io in August 2026."""

    requests: int = 40
    concurrent: int = 25
    window: float = 1.0
    """Seconds. Sentry's headers do not say how long a window is."""
    share: float = 0.975
    """The part of the allowance to use; the rest keeps jitter of the network from making a 429."""
    lease: float = 30.0
    """Seconds after which a call without an answer is forgotten, as Sentry forgets it."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to make one call."""

    name: str
    keys: tuple[str, str, str, str]


@dataclass(slots=True)
class Limiter:
    """The rate limiter of an account, with a limit for each bucket."""

    redis: LimiterRedis
    account: str
    """The account that Sentry counts: host and organization of an integration."""
    assumed: AssumedLimits = field(default_factory=AssumedLimits)
    process: str = field(default_factory=lambda: uuid.uuid4().hex)
    _acquire: LimiterScript = field(init=False, repr=False)
    _release: LimiterScript = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Register the scripts; nothing is sent yet."""
        self._acquire = self.redis.register_script(_script("acquire"))
        self._release = self.redis.register_script(_script("release"))

    async def acquire(self, operation: Operation, lane: Lane) -> Lease | RetryLater:
        """Return a lease, or the time after which to ask again."""
        own = operation.limit
        lease = Lease(uuid.uuid4().hex, self._keys(operation))
        granted, wait, held = await self._acquire(
            lease.keys,
            (
                int(lane),
                self.process,
                lease.name,
                own.requests if own else self.assumed.requests,
                (own.concurrent if own and own.concurrent else self.assumed.concurrent),
                int((own.per_seconds if own else self.assumed.window) * _MICROSECONDS),
                self.assumed.share,
                int(self.assumed.lease * _MICROSECONDS),
            ),
        )
        return lease if granted else RetryLater(wait / _MICROSECONDS, held=bool(held))

    async def release(self, lease: Lease, said: RateLimit | None = None, *, pause: float = 0.0) -> None:
        """Return a lease.

        Args:
            lease: The lease.
            said: The limit that the answer stated.
            pause: Seconds for which no process may send, after a 429; a minute at most.
        """
        state, _, flying, _ = lease.keys
        said = said if said is not None and said.stated else RateLimit()
        await self._release(
            (state, flying, HOLDS),
            (
                lease.name,
                "" if said.limit is None else said.limit,
                "" if said.concurrent is None else said.concurrent,
                int(bounded(pause) * _MICROSECONDS),
                lease.keys[0].removeprefix(_PREFIX).removesuffix(":state"),
            ),
        )

    def _keys(self, operation: Operation) -> tuple[str, str, str, str]:
        bucket = operation.name if operation.limit else operation.method
        return bucket_keys(self.account, bucket)


def bucket_keys(account: str, bucket: str) -> tuple[str, str, str, str]:
    """Return the keys of one bucket of one account: its state, the calls sent, those under way, those that wait."""
    start = f"{_PREFIX}{account}:{bucket}"
    return f"{start}:state", f"{start}:grants", f"{start}:flying", f"{start}:waiting"


def _script(name: str) -> str:
    return resources.files("vedette.api.rate_limits").joinpath(f"{name}.lua").read_text(encoding="utf-8")
