"""Counts the reads of agents against their budgets, which all processes share."""

from dataclasses import dataclass
from typing import Final

from vedette.store.server.client import RedisClient
from vedette.store.server.keys import agent_reads_key
from vedette.store.server.scripts import script

_LARGEST_BATCH: Final = 20
_PARTS: Final = 100
"""A process takes at most one part in so many of a budget at a time, so that little is lost if it ends."""


@dataclass(frozen=True, slots=True)
class ReadsExhausted:
    """A budget that is used up."""

    seconds: float
    """The time until the next read may be possible."""


class ReadBudgets:
    """The budgets of reads, in Redis; a process takes some reads at a time, so that few of them ask Redis."""

    def __init__(self, client: RedisClient) -> None:
        self._take = client.register_script(script("agents/take_reads"))
        self._left: dict[str, int] = {}

    async def take(self, agent: str, per_hour: int) -> ReadsExhausted | None:
        """Take one read out of an agent's budget; return the reason against it, or None.

        Args:
            agent: The name of the agent.
            per_hour: Reads within an hour of the server's clock.

        Raises:
            redis.exceptions.RedisError: The server gives no answer, so that the read may not be made.
        """
        left = self._left.get(agent, 0)
        if left > 0:
            self._left[agent] = left - 1
            return None
        wanted = max(1, min(_LARGEST_BATCH, per_hour // _PARTS))
        granted, wait = await self._take(keys=[agent_reads_key(agent)], args=[per_hour, wanted])
        if int(granted) == 0:
            return ReadsExhausted(int(wait) / 1000)
        self._left[agent] = self._left.get(agent, 0) + int(granted) - 1
        return None
