"""Delayed messages: listed and cancelled."""

from vedette.admin.orders import carry_out
from vedette.admin.session import AdminSession, known_tenants
from vedette.store.queues.delayed import DelayedMessage, DelayedMessages
from vedette.store.queues.queue_messages import CRON_ACTOR, RUN_QUEUE
from vedette.store.runs.run import split_name
from vedette.store.search.cursor import Cursor
from vedette.store.search.page import MOST_ROWS, Page

_LONGEST = 200
"""Characters of an entry's id that the audit repeats."""


async def list_schedule(session: AdminSession, limit: int = 50) -> list[DelayedMessage]:
    """Return the delayed messages, in the order of their due times."""
    return await DelayedMessages(session.redis).next(limit=limit)


async def page_schedule(
    session: AdminSession, *, handler: str = "", issue: str = "", limit: int = 50, cursor: str = ""
) -> Page[DelayedMessage]:
    """Return one page of the delayed messages, in the order of their due times.

    Args:
        session: The caller.
        handler: Only those for this handler.
        issue: Only those about this issue, by its id or short id.
        limit: The size of the page.
        cursor: The cursor of the page before; empty for the first.

    Raises:
        InvalidCursorError: The text is no cursor.
    """
    messages = DelayedMessages(session.redis, known_tenants(session))
    begin = Cursor.read(cursor) if cursor else None
    return await messages.page(limit=min(limit, MOST_ROWS), cursor=begin, handler=handler, issue=issue)


async def cancel_message(session: AdminSession, entry: str) -> bool:
    """Remove a delayed message and drop the run that it is for: an order in the audit; return whether there was one.

    Args:
        session: The caller.
        entry: Id of the message, or `DELIVERY:HANDLER` of its run.
    """

    async def cancel() -> bool:
        return await DelayedMessages(session.redis).cancel(entry)

    delivery, handler = _about(entry)
    return await carry_out(session, f"cancelled {entry[:_LONGEST]}", cancel, delivery=delivery, handler=handler)


def _about(entry: str) -> tuple[str, str]:
    """Return the delivery and the handler that a delayed message is for; empty if it is for none."""
    queue, separator, name = entry.partition(" ")
    first, _, rest = (name if separator else entry).partition(":")
    if first == CRON_ACTOR:
        return "", rest.partition(":")[0]
    if queue == RUN_QUEUE or not separator:
        return first, split_name(rest.partition(":")[0])[0]
    return first, ""
