"""Delayed messages: listed and cancelled."""

from vedette.admin.session import AdminSession
from vedette.store.queues.delayed import DelayedMessage, DelayedMessages


async def list_schedule(session: AdminSession, limit: int = 50) -> list[DelayedMessage]:
    """Return the delayed messages, in the order of their due times."""
    return await DelayedMessages(session.redis).next(limit=limit)


async def cancel_message(session: AdminSession, entry: str) -> bool:
    """Remove a delayed message and drop the run that it is for; return whether there was one.

    Args:
        session: The caller.
        entry: Id of the message, or `DELIVERY:HANDLER` of its run.
    """
    return await DelayedMessages(session.redis).cancel(entry)
