"""Sweeps errors and alerts: the webhooks that carry an event, each kind with a watermark of its own."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from vedette.api.errors import SentryError
from vedette.history.event_payload import ALERT_TRIGGERED, ERROR_CREATED
from vedette.reconcile.event_polls import EventPolls, FoundNotices
from vedette.reconcile.event_rebuilder import EventRebuilder
from vedette.reconcile.report import SweepReport
from vedette.reconcile.scope import SweepScope, SweepTarget, enabled_events
from vedette.reconcile.state import ReconcileState
from vedette.settings.reconcile import ReconcileSettings

ALERTS_AGAIN: Final = timedelta(hours=1)
"""The time after which workers compare the firings of alerts again: each alert that fired takes a call."""
_MARGIN: Final = timedelta(minutes=5)
"""Time by which less is looked back than arrivals are recognised, since a sweep takes its time."""
_UNNAMED: Final = "no delivery has named the integration's installation yet, by which webhooks are recognised"


@dataclass(frozen=True, slots=True)
class EventSweep:
    """The part of one sweep about errors and alerts.

    Attributes:
        target: The integration.
        settings: The settings of sweeps.
        scope: The part of the past.
        now: The time at which the sweep began.
        polls: Reads from Sentry.
        rebuilder: Stores deliveries.
    """

    target: SweepTarget
    settings: ReconcileSettings
    scope: SweepScope
    now: datetime
    polls: EventPolls
    rebuilder: EventRebuilder

    @property
    def names(self) -> tuple[str, ...]:
        """The events that are compared: those that are named, or that settings turn on and a handler asks for."""
        chosen = self.scope.names or self.target.wanted & enabled_events(self.settings)
        return tuple(name for name in (ERROR_CREATED, ALERT_TRIGGERED) if name in chosen)

    async def run(self, report: SweepReport, state: ReconcileState, begins: datetime, until: datetime) -> None:
        """Compare and rebuild; the reached watermarks are in the report, and the reasons of what could not be compared.

        Args:
            report: The report of the sweep.
            state: The progress before.
            begins: The begin of the window of the sweep.
            until: The end of its window.
        """
        for name in self.names:
            if not self.target.installation:
                report.skipped[name] = _UNNAMED
                continue
            start = self._start(name, state, begins)
            if start is None or start >= until:
                continue
            try:
                found = await self._found(name, start, until)
                wanted = [one for one in found.notices if not self.scope.projects or one.project in self.scope.projects]
                left = await self.rebuilder.rebuild(wanted)
            except SentryError as error:
                # A token may lack the scope of a list, an older server the list, and some may change without notice:
                # nothing else waits for them, and the next sweep tries again.
                report.skipped[name] = str(error)
                continue
            report.reached[name] = round((left or max(found.until, start)).timestamp() * 1000)

    async def _found(self, name: str, start: datetime, until: datetime) -> FoundNotices:
        if name == ERROR_CREATED:
            return await self.polls.errors_between(start, until)
        return await self.polls.firings_between(start, until)

    def _start(self, name: str, state: ReconcileState, begins: datetime) -> datetime | None:
        """Return the begin of the window; None if it is too soon to look again."""
        reached = state.reached.get(name)
        start = begins
        if self.scope.is_whole and reached is not None:
            if name == ALERT_TRIGGERED and self.now - reached < ALERTS_AGAIN:
                return None
            # Errors may be many, so that none is listed twice; what Sentry shows late is covered by `grace`.
            start = reached if name == ERROR_CREATED else reached - timedelta(seconds=self.settings.overlap)
        # Before that an arrival is no longer recognised, and would look missing.
        known = self.now - timedelta(seconds=self.target.recognised) + _MARGIN
        return max(start, known, state.started or start) if self.scope.since is None else max(start, known)
