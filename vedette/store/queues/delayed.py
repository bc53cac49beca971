"""Lists and cancels the delayed messages of the schedule."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from vedette.store.queues.queue_messages import CRON_ACTOR, RUN_QUEUE
from vedette.store.runs.run import split_name
from vedette.store.search.cursor import Cursor
from vedette.store.search.page import Page
from vedette.store.server.client import RedisClient
from vedette.store.server.keys import JOURNAL_LENGTH, PREFIX, run_key
from vedette.store.server.scripts import run_script, search_script

CANCELLED = "cancelled by a person"
STEPS = 10_000
"""Messages that one call looks at."""
_encode = msgspec.msgpack.Encoder().encode


@dataclass(frozen=True)
class DelayedMessage:
    """One message that waits for its time."""

    id: str
    """What `cancel` takes."""
    queue: str
    due: int
    """Unix time in milliseconds."""
    delivery: str
    handler: str
    """Empty where the message is not for a run."""
    why: str
    """The cause of the delay: its error, or its reason."""
    run: str = ""
    """The run's name: its handler, or HANDLER@NAME for a deferred run."""


class DelayedMessages:
    """The schedule in Redis."""

    def __init__(self, client: RedisClient, tenants: Sequence[str] = ()) -> None:
        """Prepare.

        Args:
            client: Redis.
            tenants: Those of the settings, by which issues are found.
        """
        self._client, self._tenants = client, list(tenants)
        self._find = client.register_script(search_script("search/find_delayed"))
        self._cancel = client.register_script(run_script("queues/cancel"))

    async def next(self, *, limit: int = 50) -> list[DelayedMessage]:
        """Return what waits, the next one first."""
        return (await self.page(limit=limit)).rows

    async def page(
        self, *, limit: int, cursor: Cursor | None = None, handler: str = "", issue: str = ""
    ) -> Page[DelayedMessage]:
        """Return one page of what waits, the next one first, in two round trips.

        Args:
            limit: At most so many.
            cursor: Where the page before ended.
            handler: Only messages for this handler.
            issue: Only messages for deliveries about this issue, by its id or short id.
        """
        place = [] if cursor is None else [cursor.time, cursor.member]
        query = _encode([limit, STEPS, place, issue, self._tenants, handler])
        found, following = await self._find(keys=[PREFIX], args=[query])
        entries = [_entry(found[at].decode(), int(float(found[at + 1]))) for at in range(0, len(found), 2)]
        cursor = Cursor(int(following[0]), following[1].decode()) if following else None
        return Page(await self._with_reasons(entries), str(cursor) if cursor else None)

    async def _with_reasons(self, entries: Sequence[DelayedMessage]) -> list[DelayedMessage]:
        pipeline = self._client.pipeline(transaction=False)
        for entry in entries:
            pipeline.hmget(run_key(entry.delivery, entry.run), ("state", "error", "reason"))
        rows: list[Sequence[bytes | None]] = await pipeline.execute() if entries else []
        return [_with_reason(entry, row) for entry, row in zip(entries, rows, strict=True)]

    async def cancel(self, entry: str) -> bool:
        """Take an entry out; a run that it asked for is dropped. Return whether it was there.

        Args:
            entry: Its id, or its run as `DELIVERY:HANDLER`.
        """
        answer: Any = await self._cancel(keys=[PREFIX], args=[entry, CANCELLED, JOURNAL_LENGTH])
        return int(answer) == 1


def _entry(member: str, due: int) -> DelayedMessage:
    queue, _, identifier = member.partition(" ")
    kind, _, job = identifier.partition(":")
    if kind == CRON_ACTOR:
        handler, _, cron = job.rpartition(":")[0].split(":", 2)
        return DelayedMessage(member, queue, due, "", handler, f"every {cron.replace(':', ' ', 1)}", handler)
    parts = identifier.split(":")
    run = parts[1] if queue == RUN_QUEUE and len(parts) > 1 else ""
    return DelayedMessage(member, queue, due, parts[0], split_name(run)[0], "", run)


def _with_reason(entry: DelayedMessage, row: Sequence[bytes | None]) -> DelayedMessage:
    state, error, reason = ((value or b"").decode(errors="replace") for value in row)
    why = error if state == "retrying" else reason
    return replace(entry, why=why or entry.why)
