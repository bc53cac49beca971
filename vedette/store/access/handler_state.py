"""Stores what a handler remembers between its runs, across all workers: claims with an expiry, and counters."""

from vedette.store.server.client import RedisClient
from vedette.store.server.keys import claim_key, counters_key, scoped

_REMEMBERED = 30 * 86_400_000
"""Milliseconds for which a turn is remembered."""


class HandlerState:
    """A handler's memory in Redis; the argument `state`. Every step is atomic.

    Each handler has its own names, and so has each tenant: issue 42 of one Sentry is not issue 42 of another.
    """

    def __init__(self, client: RedisClient, handler: str, delivery: str, tenant: str = "") -> None:
        """Prepare.

        Args:
            client: Redis.
            handler: The handler's name.
            delivery: The delivery that is worked on: what claims.
            tenant: The tenant of that delivery.
        """
        self._client = client
        self._handler = handler
        self._delivery = delivery
        self._tenant = tenant

    async def claim(self, name: str, seconds: float) -> bool:
        """Claim a name for a time; return False when another delivery has claimed it.

        A repeated attempt on the same delivery gets the answer of the first one.
        """
        key = claim_key(self._handler, scoped(self._tenant, name))
        if await self._client.set(key, self._delivery, px=max(1, round(seconds * 1000)), nx=True):
            return True
        return await self._client.get(key) == self._delivery.encode()

    async def turn(self, name: str, about: str) -> int:
        """Return the number of a thing: the first has 0, each new one the next, and a known one keeps its own."""
        key = claim_key(self._handler, scoped(self._tenant, f"{name}:{about}"))
        kept = await self._client.get(key)
        if kept is not None:
            return int(kept)
        number = await self.next(name)
        await self._client.set(key, number, px=_REMEMBERED)
        return number

    async def next(self, name: str) -> int:
        """Count up, and return the number before; the first call returns 0."""
        return await self._client.hincrby(counters_key(self._handler), scoped(self._tenant, name), 1) - 1
