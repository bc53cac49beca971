"""What a handler remembers between its runs, over all workers: what it has claimed for a time, and counters."""

from vedette.store.server.access_keys import claim_key, counters_key
from vedette.store.server.client import RedisClient

_REMEMBERED = 30 * 86_400_000
"""Milliseconds for which a turn is remembered."""


class HandlerState:
    """A handler's memory in Redis; the argument `state`. Every step is atomic, and names are the handler's own."""

    def __init__(self, client: RedisClient, handler: str, delivery: str) -> None:
        """Prepare.

        Args:
            client: Where it is.
            handler: Whose.
            delivery: The delivery that is worked on: what claims.
        """
        self._client = client
        self._handler = handler
        self._delivery = delivery

    async def claim(self, name: str, seconds: float) -> bool:
        """Claim a name for a time; False where another delivery has it.

        A repeated attempt on the same delivery is answered as the first one was.
        """
        key = claim_key(self._handler, name)
        if await self._client.set(key, self._delivery, px=max(1, round(seconds * 1000)), nx=True):
            return True
        return await self._client.get(key) == self._delivery.encode()

    async def turn(self, name: str, about: str) -> int:
        """Whose turn it is: a number that counts up with each thing it is about, and stays for the same thing."""
        key = claim_key(self._handler, f"{name}:{about}")
        kept = await self._client.get(key)
        if kept is not None:
            return int(kept)
        number = await self.next(name)
        await self._client.set(key, number, px=_REMEMBERED)
        return number

    async def next(self, name: str) -> int:
        """Count, and return the number before: 0 at first."""
        return await self._client.hincrby(counters_key(self._handler), name, 1) - 1
