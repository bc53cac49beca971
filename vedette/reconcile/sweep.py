"""Sweeps an integration: compares the history that Sentry shows with arrivals, and rebuilds missing webhooks.

A sweep may end anywhere: the watermark moves when all is stored, and the next sweep recognises stored deliveries.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from vedette._core.ids import IdGenerator
from vedette._core.progress import Progress, Silent
from vedette.api import Lane, Sentry
from vedette.api.transport.call_counter import CountingTransport
from vedette.events.deduplication import OCCURRING
from vedette.history.event_reconstruction import CREATED
from vedette.history.payload import Origin
from vedette.reconcile.arrivals import KEPT_FOR, in_milliseconds, read_arrivals
from vedette.reconcile.delivery import DeliveryBuilder
from vedette.reconcile.event_polls import EventPolls
from vedette.reconcile.event_rebuilder import EventRebuilder
from vedette.reconcile.event_sweep import EventSweep
from vedette.reconcile.examination import Examination
from vedette.reconcile.past_events import PastEvent, past_events_of
from vedette.reconcile.pictures import Picture, Pictures
from vedette.reconcile.polls import Polls
from vedette.reconcile.rebuilder import Rebuilder
from vedette.reconcile.report import SweepReport
from vedette.reconcile.scope import SweepScope, SweepTarget, enabled_events
from vedette.reconcile.state import ReconcileState, ReconcileStates
from vedette.settings.reconcile import ReconcileSettings
from vedette.store.server.client import RedisClient

_EARLIER: Final = timedelta(hours=1)
"""Time before the window: its past events are matched with arrivals too, which are then not taken for later ones."""


@dataclass(slots=True)
class Sweep:
    """One sweep of one integration.

    Attributes:
        target: The integration.
        settings: The settings of sweeps.
        sentry: The client; its calls have the lowest priority.
        client: The Redis of receivers and workers.
        now: The time of the Redis server.
        scope: The part of the past.
        progress: The display of progress.
    """

    target: SweepTarget
    settings: ReconcileSettings
    sentry: Sentry
    client: RedisClient
    now: datetime
    scope: SweepScope = SweepScope()  # noqa: RUF009 - it is frozen
    progress: Progress = Silent()  # noqa: RUF009 - it has no state

    async def run(self) -> SweepReport:
        """Sweep, and return the report.

        Raises:
            SentryError: Sentry refused a call, or failed for too long; deliveries that were stored before stay.
            redis.exceptions.RedisError: Redis gives no answer.
        """
        states = ReconcileStates(self.client, self.target.integration)
        if not self.scope.dry_run:
            await states.begin(self.now)
        state = await states.read()
        if state.first is None:
            state = replace(state, first=await states.arrivals_known_since(self.now))
        begins, until = self._window(state)
        report = SweepReport(
            self.target.integration, *map(in_milliseconds, (begins, until, self.now)), dry_run=self.scope.dry_run
        )
        looked_for = {*OCCURRING, *enabled_events(self.settings)}
        report.unwanted = sorted(looked_for - self.target.wanted) if not self.scope.names else []
        examination = await self._examine(report, state, begins)
        await self._rebuild(examination, report, state, begins, until)
        watermark = self.now if self.scope.is_whole and not report.left else None
        await self._sweep_events(report, state, begins, until)
        report.ended = in_milliseconds(datetime.now(UTC))
        if not self.scope.dry_run:
            await states.write(report, watermark=watermark, listed=examination.listed)
        return report

    def _window(self, state: ReconcileState) -> tuple[datetime, datetime]:
        """Return begin and end of the window: nothing from before the first sweep, unless people ask for it."""
        begins = (state.watermark or self.now) - self._overlap
        begins = self.scope.since or max(begins, state.started or self.now)
        until = self.now - timedelta(seconds=self.settings.grace)
        return max(begins, self._first(state)), min(self.scope.until or until, until)

    @property
    def _overlap(self) -> timedelta:
        # Events younger than `grace` were left to this sweep by the one before.
        return timedelta(seconds=max(self.settings.overlap, self.settings.grace))

    def _first(self, state: ReconcileState) -> datetime:
        """Return the time before which it is not known what arrived."""
        return max(state.first or self.now, self.now - KEPT_FOR + _EARLIER)

    async def _examine(self, report: SweepReport, state: ReconcileState, begins: datetime) -> Examination:
        counting = CountingTransport(self.sentry.transport)
        polls = Polls(self.sentry.view(lane=Lane.BACKFILL, transport=counting), self.now, self.scope.projects)
        pictures = Pictures(self.client, self.target.integration)
        examination = Examination(polls, pictures, self.settings, self.scope, self.progress)
        await examination.read(begins, self.target.app, state.listed)
        report.known = len(examination.rows.keys() | examination.old.keys())
        report.failed = dict(examination.failed)
        report.calls = dict(counting.calls)
        return examination

    async def _rebuild(
        self, examination: Examination, report: SweepReport, state: ReconcileState, begins: datetime, until: datetime
    ) -> None:
        bodies = examination.created | examination.details
        window = {issue: self._begin(begins, state, examination.old.get(issue)) for issue in bodies}
        shown = [one for body in bodies.values() for one in past_events_of(body, self.settings.kinds)]
        past_events = sorted(
            (one for one in shown if one.event.at >= window[one.issue] - _EARLIER and self._is_wanted(one)),
            key=lambda one: one.event.at,
        )
        await self._count_created(past_events, window, until, report)
        rebuilder = self._rebuilder(report)
        await rebuilder.rebuild(past_events, window, until)
        if self.scope.is_whole:
            # Changes that are too new for this sweep have to look like changes to the next.
            newer = {one.issue for one in shown if one.event.at > until}
            await examination.keep_pictures(frozenset(newer | rebuilder.waiting))

    async def _sweep_events(
        self, report: SweepReport, state: ReconcileState, begins: datetime, until: datetime
    ) -> None:
        counting = CountingTransport(self.sentry.transport)
        sentry = self.sentry.view(lane=Lane.BACKFILL, transport=counting)
        polls = EventPolls(sentry, self.target.app, self.target.installation)
        rebuilder = EventRebuilder(
            self.client,
            self._builder(),
            polls,
            report,
            self.progress,
            late_before=self.now - timedelta(seconds=self.settings.max_age),
            most=None if self.scope.rebuild_all else self.settings.most,
            rebuild_all=self.scope.rebuild_all,
        )
        sweep = EventSweep(self.target, self.settings, self.scope, self.now, polls, rebuilder)
        await sweep.run(report, state, begins, until)
        report.calls = dict(Counter(report.calls) + Counter(counting.calls))

    def _begin(self, begins: datetime, state: ReconcileState, old: Picture | None) -> datetime:
        """Return the begin of an issue's window: earlier than that of others if it was last read before."""
        if old is None or self.scope.since is not None:
            return begins
        looked = datetime.fromtimestamp(old.looked / 1000, UTC) - self._overlap
        return max(min(begins, looked), self._first(state), state.started or self.now)

    def _is_wanted(self, one: PastEvent) -> bool:
        names, projects = self.scope.names, self.scope.projects
        is_named = one.event.name in (names or self.target.wanted)
        return is_named and (not projects or one.project in projects)

    async def _count_created(
        self, past_events: Iterable[PastEvent], window: Mapping[str, datetime], until: datetime, report: SweepReport
    ) -> None:
        found = [
            one.occurrence
            for one in past_events
            if one.event.name == CREATED and window[one.issue] <= one.event.at <= until
        ]
        arrivals = await read_arrivals(self.client, self.target.integration, found)
        report.created = len(found)
        report.created_arrived = sum(bool(arrivals[occurrence].webhooks) for occurrence in found)

    def _builder(self) -> DeliveryBuilder:
        origin = Origin(
            f"{self.target.sentry_url}/api/0/organizations/{self.sentry.organization}/issues/",
            self.target.installation,
        )
        return DeliveryBuilder(self.target.integration, self.target.tenant, origin, IdGenerator())

    def _rebuilder(self, report: SweepReport) -> Rebuilder:
        return Rebuilder(
            client=self.client,
            builder=self._builder(),
            report=report,
            progress=self.progress,
            app=self.target.app,
            late_before=self.now - timedelta(seconds=self.settings.max_age),
            most=None if self.scope.rebuild_all else self.settings.most,
            rebuild_all=self.scope.rebuild_all,
        )
