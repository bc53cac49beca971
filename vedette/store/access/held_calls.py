"""Lists the calls to Sentry that are held back at the moment, after a 429."""

from dataclasses import dataclass

from vedette.api.rate_limits.limiter import HOLDS
from vedette.store.server.client import RedisClient
from vedette.store.server.clock import server_time


@dataclass(frozen=True)
class HeldCalls:
    """Calls that no process sends for the time being."""

    account: str
    """Host and organization."""
    bucket: str
    """A method, or an operation that has a limit of its own."""
    seconds: float
    """For how long still."""


async def held_calls(client: RedisClient) -> list[HeldCalls]:
    """Return the calls that are held back, the longest first.

    Raises:
        redis.exceptions.RedisError: The server gives no answer.
    """
    now = await server_time(client)
    found: list[HeldCalls] = []
    for name, until in (await client.hgetall(HOLDS)).items():
        account, _, bucket = _text(name).rpartition(":")
        seconds = float(until) / 1_000_000 - now
        if seconds > 0:
            found.append(HeldCalls(account, bucket, seconds))
    return sorted(found, key=lambda held: -held.seconds)


def _text(name: str | bytes) -> str:
    return name.decode() if isinstance(name, bytes) else name
