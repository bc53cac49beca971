"""Telling a flood as one message: the first is told at once, those that follow soon are told together."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from vedette.notify.message import Message, message_of
from vedette.store.access.message_batches import MessageBatch, MessageBatches

Digest = Callable[[list[Message], int], Message]
"""Makes one message of those that were gathered and the number of those that were too many to keep."""


@dataclass(frozen=True)
class NotificationBatcher:
    """What `notify.gather` and `notify.release` do; made of closures, so that nothing leads from it to Redis."""

    begin_or_keep: Callable[[str, Message, float], Awaitable[bool]] = field(repr=False)
    take: Callable[[str, float], Awaitable[MessageBatch | None]] = field(repr=False)
    settle: Callable[[str, MessageBatch], Awaitable[None]] = field(repr=False)


def flood_of(
    gathering: MessageBatches, handler: str, delivery: str, allow: Callable[[str, Message], Awaitable[None]]
) -> NotificationBatcher:
    """The flood of one handler, as one of its runs sees it.

    Args:
        gathering: Where messages are kept.
        handler: Whose.
        delivery: What the run works on.
        allow: Raises where a message may not be sent to a channel, before anything is kept for it.
    """

    async def begin_or_keep(channel: str, message: Message, within: float) -> bool:
        await allow(channel, message)
        return await gathering.begin_or_keep(handler, channel, delivery, message.to_json(), within)

    async def take(channel: str, within: float) -> MessageBatch | None:
        return await gathering.take(handler, channel, within)

    async def settle(channel: str, told: MessageBatch) -> None:
        await gathering.settle(handler, channel, told)

    return NotificationBatcher(begin_or_keep, take, settle)


def digested(gathered: MessageBatch, digest: Digest) -> Message:
    """The one message."""
    return digest([message_of(values) for values in gathered.messages.values()], gathered.more)
