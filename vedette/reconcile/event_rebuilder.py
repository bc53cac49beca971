"""Finds errors and firings of alerts without a webhook, and stores rebuilt deliveries for them, the oldest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from vedette._core.progress import Progress
from vedette.history.event_payload import EventNotice
from vedette.reconcile.arrivals import in_milliseconds
from vedette.reconcile.delivery import DeliveryBuilder
from vedette.reconcile.event_polls import EventPolls
from vedette.reconcile.report import MissingWebhook, SweepReport
from vedette.reconcile.storage import STORED_NEW, RebuiltDeliveries
from vedette.store.server.client import RedisClient

if TYPE_CHECKING:
    from vedette.store.deliveries.stored_record import Rebuilt

UNREADABLE: Final = "unreadable"
"""The reason for which a missing webhook is not rebuilt: its event is gone, or the token may not read it."""


@dataclass(frozen=True, slots=True)
class EventRebuilder:
    """The storing part of one sweep for webhooks that carry an event.

    They are recognised by their deduplication key, which the receiver keeps of each: an event has an id of its own, so
    that unlike changes of an issue they need no comparison of times.

    Attributes:
        client: The Redis of receivers and workers.
        builder: Makes the deliveries.
        polls: Reads the events.
        report: The figures of the sweep.
        progress: The display of progress.
        late_before: The time before which a webhook is only recorded.
        most: The number of deliveries that may be stored; None for any.
        rebuild_all: Whether late ones are handled like others.
    """

    client: RedisClient
    builder: DeliveryBuilder
    polls: EventPolls
    report: SweepReport
    progress: Progress
    late_before: datetime
    most: int | None
    rebuild_all: bool = False

    async def rebuild(self, notices: Sequence[EventNotice]) -> datetime | None:
        """Rebuild the missing webhooks; return the time of the first that is left, or None.

        Args:
            notices: What happened, the oldest first.
        """
        missing = await self._find_missing(notices)
        most = len(missing) if self.most is None else max(0, self.most - len(self.report.missing))
        self.report.left += max(0, len(missing) - most)
        for done, one in enumerate(missing[:most], 1):
            await self._rebuild_one(one)
            self.progress.step("webhooks rebuilt", done, min(most, len(missing)))
        return missing[most].at if len(missing) > most else None

    async def _find_missing(self, notices: Sequence[EventNotice]) -> list[EventNotice]:
        known = await RebuiltDeliveries(self.client).known([self.builder.key_of(one) for one in notices])
        missing: list[EventNotice] = []
        for one, is_known in zip(notices, known, strict=True):
            figures = self.report.of(one.name)
            figures.in_sentry += 1
            if is_known:
                figures.arrived += 1
            else:
                figures.missing += 1
                missing.append(one)
        return missing

    async def _rebuild_one(self, one: EventNotice) -> None:
        """Store one delivery, or only count it in a dry run; nothing if its webhook arrives meanwhile."""
        figures = self.report.of(one.name)
        rebuilt: Rebuilt = "late" if one.at < self.late_before and not self.rebuild_all else "recent"
        delivery = ""
        if not self.report.dry_run:
            stored = await self.polls.stored_event(one)
            if stored is None:
                figures.left_out[UNREADABLE] = figures.left_out.get(UNREADABLE, 0) + 1
                return
            made = self.builder.build_notice(one, stored, rebuilt, in_milliseconds(datetime.now(UTC)))
            if await RebuiltDeliveries(self.client).submit(made.record, made.body, 0) != STORED_NEW:
                figures.missing -= 1
                figures.arrived += 1
                return
            delivery = made.record.id
        self.report.missing.append(
            MissingWebhook(one.name, one.issue, one.issue, one.title, in_milliseconds(one.at), rebuilt, delivery)
        )
        if rebuilt == "recent":
            figures.rebuilt += 1
        else:
            figures.left_out[rebuilt] = figures.left_out.get(rebuilt, 0) + 1
