"""Batches messages: the first is sent immediately, and those that soon follow are sent together as a digest."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from vedette.notify.message import Message, message_of
from vedette.store.access.message_batches import MessageBatch, MessageBatches

Digest = Callable[[list[Message], int], Message]
"""Makes one message of those that were kept and the number of those that were too many to keep."""


@dataclass(frozen=True)
class NotificationBatcher:
    """The operations behind `notify.gather` and `notify.release`; closures, so that no attribute leads to Redis."""

    begin_or_keep: Callable[[str, Message, float], Awaitable[bool]] = field(repr=False)
    take: Callable[[str, float], Awaitable[MessageBatch | None]] = field(repr=False)
    settle: Callable[[str, MessageBatch], Awaitable[None]] = field(repr=False)


def make_batcher(
    batches: MessageBatches, principal: str, delivery: str, check: Callable[[str, Message], Awaitable[None]]
) -> NotificationBatcher:
    """Return the batcher of one run.

    Args:
        batches: The store of messages.
        principal: The key of the principal that sends them.
        delivery: The id of the delivery that the run handles.
        check: Raises where a message may not be sent to a channel, before it is kept.
    """

    async def begin_or_keep(channel: str, message: Message, within: float) -> bool:
        await check(channel, message)
        return await batches.begin_or_keep(principal, channel, delivery, message.to_json(), within)

    async def take(channel: str, within: float) -> MessageBatch | None:
        return await batches.take(principal, channel, within)

    async def settle(channel: str, batch: MessageBatch) -> None:
        await batches.settle(principal, channel, batch)

    return NotificationBatcher(begin_or_keep, take, settle)


def make_digest(batch: MessageBatch, digest: Digest) -> Message:
    """Return the one message of a batch."""
    return digest([message_of(values) for values in batch.messages.values()], batch.more)
