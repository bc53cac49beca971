"""Finds past events without a webhook, and stores rebuilt deliveries for them, the oldest first."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from vedette._core.progress import Progress
from vedette.reconcile.arrivals import Arrivals, in_milliseconds, read_arrivals
from vedette.reconcile.delivery import DeliveryBuilder
from vedette.reconcile.past_events import ONCE, PastEvent
from vedette.reconcile.report import MissingWebhook, SweepReport
from vedette.reconcile.storage import OUTDATED, STORED_NEW, RebuiltDeliveries
from vedette.store.deliveries.stored_record import Rebuilt
from vedette.store.server.client import RedisClient

_TRIES: Final = 10
"""Webhooks of one occurrence that may arrive, one after the other, while one of them is stored."""


@dataclass(slots=True)
class Rebuilder:
    """The storing part of one sweep.

    Attributes:
        client: The Redis of receivers and workers.
        builder: Makes the deliveries.
        report: The figures of the sweep.
        progress: The display of progress.
        app: The slug of the own integration; empty if it is not known.
        late_before: The time before which a webhook is only recorded.
        most: The number of deliveries that may be stored; None for any.
        rebuild_all: Whether late and superseded ones are handled like others.
        waiting: The issues with missing webhooks that are left for the next sweep.
    """

    client: RedisClient
    builder: DeliveryBuilder
    report: SweepReport
    progress: Progress
    app: str
    late_before: datetime
    most: int | None
    rebuild_all: bool = False
    waiting: set[str] = field(default_factory=set[str])
    _groups: dict[str, list[PastEvent]] = field(init=False, default_factory=dict[str, list[PastEvent]])
    _arrivals: dict[str, Arrivals] = field(init=False, default_factory=dict[str, Arrivals])

    async def rebuild(self, past_events: Sequence[PastEvent], window: Mapping[str, datetime], until: datetime) -> None:
        """Rebuild the missing webhooks.

        Args:
            past_events: What happened in the window and shortly before and after, the oldest first.
            window: The begin of the window of each issue.
            until: The end of the window.
        """
        missing = await self._find_missing(past_events, window, until)
        most = len(missing) if self.most is None else self.most
        self.report.left = max(0, len(missing) - most)
        self.waiting = {one.issue for one in missing[most:]}
        for done, one in enumerate(missing[:most], 1):
            await self._rebuild_one(one)
            self.progress.step("webhooks rebuilt", done, min(most, len(missing)))

    async def _find_missing(
        self, past_events: Sequence[PastEvent], window: Mapping[str, datetime], until: datetime
    ) -> list[PastEvent]:
        groups: dict[str, list[PastEvent]] = defaultdict(list)
        for one in past_events:
            groups[one.occurrence].append(one)
        self._groups = groups
        self._arrivals = await read_arrivals(self.client, self.builder.integration, list(groups))
        missing: list[PastEvent] = []
        for one in past_events:
            if window[one.issue] <= one.event.at <= until:
                figures = self.report.of(one.event.name)
                figures.in_sentry += 1
                if self._is_missing(one):
                    figures.missing += 1
                    missing.append(one)
                else:
                    figures.arrived += 1
        return missing

    def _is_missing(self, one: PastEvent) -> bool:
        arrivals, group = self._arrivals[one.occurrence], self._groups[one.occurrence]
        happened = [each.milliseconds for each in group]
        return one.milliseconds in arrivals.missing(happened, recurs=one.event.name not in ONCE)

    async def _rebuild_one(self, one: PastEvent) -> None:
        """Store one delivery, or only count it in a dry run; nothing if its webhook arrives meanwhile."""
        rebuilt = one.rebuilt_as(app=self.app, late_before=self.late_before, rebuild_all=self.rebuild_all)
        delivery = "" if self.report.dry_run else await self._store(one, rebuilt)
        figures = self.report.of(one.event.name)
        if delivery is None:
            figures.missing -= 1
            figures.arrived += 1
            return
        title = str(one.body.get("title") or "")
        self.report.missing.append(
            MissingWebhook(one.event.name, one.issue, one.label, title, one.milliseconds, rebuilt, delivery)
        )
        if rebuilt == "recent":
            figures.rebuilt += 1
        else:
            figures.left_out[rebuilt] = figures.left_out.get(rebuilt, 0) + 1

    async def _store(self, one: PastEvent, rebuilt: Rebuilt) -> str | None:
        """Store the delivery of a past event; return its id, or None if its webhook or another sweep came first."""
        made = self.builder.build(one, rebuilt, in_milliseconds(datetime.now(UTC)))
        deliveries, occurrence = RebuiltDeliveries(self.client), one.occurrence
        for _ in range(_TRIES):
            answer = await deliveries.submit(made.record, made.body, self._arrivals[occurrence].count)
            if answer != OUTDATED:
                if answer == STORED_NEW:
                    self._note(one, made.record.id)
                return made.record.id if answer == STORED_NEW else None
            self._arrivals |= await read_arrivals(self.client, self.builder.integration, [occurrence])
            if not self._is_missing(one):
                return None
        # The next sweep looks at it again.
        self.waiting.add(one.issue)
        return None

    def _note(self, one: PastEvent, delivery: str) -> None:
        known = self._arrivals[one.occurrence]
        rebuilt = {**known.rebuilt, one.milliseconds: delivery}
        self._arrivals[one.occurrence] = Arrivals(known.webhooks, rebuilt, known.count + 1)
