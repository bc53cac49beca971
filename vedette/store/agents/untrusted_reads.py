"""Remembers which agents have lately read text from events, which anyone may write who can send events."""

import time
from typing import Final

from vedette.store.server.client import RedisClient
from vedette.store.server.keys import untrusted_read_key

REMEMBERED: Final = 600.0
"""Seconds for which the writes of an agent are under the rule after it has read such text."""
_RENEWED: Final = 5.0
"""Seconds within which reads of one agent are noted once."""


class UntrustedReads:
    """The agents that have lately read text from events, in Redis: one agent may call through several gateways."""

    def __init__(self, client: RedisClient) -> None:
        self._client = client
        self._noted: dict[str, float] = {}

    async def note_untrusted_text(self, agent: str) -> None:
        """Note that an agent is about to read text from events; to be awaited before it gets the text.

        Raises:
            redis.exceptions.RedisError: It could not be noted.
        """
        now = time.monotonic()
        if now < self._noted.get(agent, -_RENEWED) + _RENEWED:
            return
        await self._client.set(untrusted_read_key(agent), "1", px=round((REMEMBERED + _RENEWED) * 1000))
        self._noted[agent] = now

    async def has_read_untrusted_text(self, agent: str) -> bool:
        """Return whether an agent has read such text within the last ten minutes, by the server's clock.

        Raises:
            redis.exceptions.RedisError: The server gives no answer.
        """
        return bool(await self._client.exists(untrusted_read_key(agent)))
