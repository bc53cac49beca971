"""Stores the handlers that an operator has disabled: their runs wait, in every worker from the next attempt on."""

import json
from dataclasses import dataclass

from vedette._core.json_values import json_object
from vedette.store.access.refused_tokens import RefusedTokens
from vedette.store.server.client import RedisClient
from vedette.store.server.clock import server_time
from vedette.store.server.keys import DISABLED


@dataclass(frozen=True)
class DisabledHandler:
    """A handler whose runs wait."""

    handler: str
    by: str
    at: int
    """Unix time in milliseconds; 0 if that is not known."""


class DisabledHandlers:
    """The disabled handlers in Redis."""

    def __init__(self, client: RedisClient) -> None:
        self._client = client
        self._waiters = RefusedTokens(client)

    async def disable(self, handler: str, by: str) -> None:
        """Let the runs of a handler wait; an attempt that is under way ends as usual."""
        at = round(await server_time(self._client) * 1000)
        await self._client.hset(DISABLED, mapping={handler: json.dumps({"by": by, "at": at})})

    async def enable(self, handler: str) -> tuple[bool, int]:
        """Let a handler run again, and queue the runs that waited, in the order of their deliveries.

        Returns:
            Whether it was disabled, and how many runs were queued.
        """
        was_disabled = bool(await self._client.hdel(DISABLED, handler))
        return was_disabled, await self._waiters.release(f"handler {handler}")

    async def waiting(self, handler: str) -> int:
        """Return how many runs wait until the handler is enabled."""
        return await self._waiters.waiting(f"handler {handler}")

    async def all(self) -> dict[str, DisabledHandler]:
        """Return the disabled handlers by name."""
        found = [_read(name, text) for name, text in (await self._client.hgetall(DISABLED)).items()]
        return {one.handler: one for one in found}


def _read(name: bytes, text: bytes) -> DisabledHandler:
    """Read an entry; one that was altered by hand disables the handler all the same."""
    try:
        values: object = json.loads(text)
    except ValueError:
        values = None
    known = json_object(values)
    at = known.get("at")
    return DisabledHandler(
        name.decode(errors="replace"), str(known.get("by", "somebody")), at if isinstance(at, int) else 0
    )
