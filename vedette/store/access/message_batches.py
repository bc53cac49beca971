"""Batches of messages that came to a channel soon after another and are sent as one."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vedette.store.server.client import RedisClient
from vedette.store.server.keys import batch_key, batch_opener_key
from vedette.store.server.scripts import script

KEPT = 200
"""How many messages are kept whole; of more only the number."""
_SLACK = 600.0
"""Seconds by which the end of gathering may be late before another message opens a new batch."""
_MORE = b"more"


@dataclass(frozen=True)
class MessageBatch:
    """The messages of one batch."""

    messages: Mapping[str, Mapping[str, Any]]
    """Delivery -> message, the oldest first."""
    more: int = 0
    """How many others there were."""


class MessageBatches:
    """The waiting messages in Redis."""

    def __init__(self, client: RedisClient) -> None:
        self._client = client
        self._gather = client.register_script(script("access/batch_message"))
        self._gathered = client.register_script(script("access/take_batch"))

    async def begin_or_keep(
        self, principal: str, channel: str, delivery: str, message: Mapping[str, Any], within: float
    ) -> bool:
        """Return True where this delivery is the first for a while; else keep its message for later."""
        arguments = [delivery, json.dumps(dict(message)), _milliseconds(within), KEPT]
        return bool(await self._gather(keys=_keys(principal, channel), args=arguments))

    async def take(self, principal: str, channel: str, within: float) -> MessageBatch | None:
        """Return the batch, which is kept until it is settled; None for an empty one, which is closed."""
        found = await self._gathered(keys=_keys(principal, channel), args=[_milliseconds(within)])
        fields: dict[bytes, bytes] = dict(zip(found[::2], found[1::2], strict=True))
        if not fields:
            return None
        more = int(fields.pop(_MORE, b"0"))
        # A delivery's id begins with its time.
        return MessageBatch({name.decode(): json.loads(text) for name, text in sorted(fields.items())}, more)

    async def settle(self, principal: str, channel: str, sent: MessageBatch) -> None:
        """Remove the messages that were sent."""
        _, kept = _keys(principal, channel)
        if sent.messages:
            await self._client.hdel(kept, *sent.messages)
        if sent.more:
            await self._client.hdel(kept, _MORE.decode())


def _keys(principal: str, channel: str) -> list[str]:
    return [batch_opener_key(principal, channel), batch_key(principal, channel)]


def _milliseconds(within: float) -> int:
    return round((2 * within + _SLACK) * 1000)
