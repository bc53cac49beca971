"""Reads the operations that agents have used, from which follow the permissions that they do not need."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from vedette.store.server.client import RedisClient
from vedette.store.server.keys import agent_usage_key

_LAST: Final = b"last"


@dataclass(frozen=True)
class AgentUsage:
    """The use that an agent has made of its permissions."""

    operations: Mapping[str, int] = field(default_factory=dict[str, int])
    """Operation -> how often it was called and granted."""
    last: int | None = None
    """The time of its last call that was granted, as Unix time in milliseconds, to about a second."""


async def read_usage(client: RedisClient, agent: str) -> AgentUsage:
    """Return the use that an agent has made; values that were altered by hand are left out."""
    stored = await client.hgetall(agent_usage_key(agent))
    last = stored.pop(_LAST, b"")
    counted = {name.decode(errors="replace"): int(count) for name, count in stored.items() if count.isdigit()}
    return AgentUsage(counted, int(last) if last.isdigit() else None)
