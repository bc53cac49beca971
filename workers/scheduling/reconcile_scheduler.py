"""Sweeps the integrations at their interval, and at once when receivers are back after an outage.

Each worker looks; the times in Redis and a lease let one of them sweep.
"""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog

from vedette._core.user_error import UserError
from vedette.alarms.alarms import Alarms
from vedette.api.errors import NotAuthorized, SentryError
from vedette.reconcile.report import SweepReport
from vedette.reconcile.runner import sweep_integration
from vedette.reconcile.state import ReconcileStates
from vedette.settings.settings import Settings
from vedette.store.receivers.receiver_status import ReceiverStatus, ReceiverStatuses
from vedette.store.server.client import RedisClient
from vedette.store.server.clock import server_time
from vedette.store.server.retrying import REDIS_ERRORS

LOOK: Final = 5.0
"""Seconds between two looks whether a sweep is due."""
_SPOOL_PATIENCE: Final = 900.0
"""Seconds for which a sweep waits until receivers have emptied their spools."""
_ALARMING: Final = 2
"""Failed sweeps, one after the other, for which an alarm is raised."""
_LONGEST_PROBLEM: Final = 500


class ReconcileScheduler:
    """The sweeps of a worker process."""

    def __init__(self, settings: Settings, client: RedisClient, *, look: float = LOOK) -> None:
        """Prepare.

        Args:
            settings: The integrations, and the settings of sweeps.
            client: The connection to Redis.
            look: Seconds between two looks.
        """
        self._settings = settings
        self._client = client
        self._look = look
        self._receivers = ReceiverStatuses(client)
        self._alarms = Alarms(client)
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin to look."""
        if not self._settings.reconcile.enabled:
            return
        for integration in self._settings.integrations:
            looking = asyncio.create_task(self._look_for_ever(integration), name=f"sweeps of {integration}")
            self._tasks.append(looking)

    async def stop(self) -> None:
        """End looking; the next sweep continues where one was cut off."""
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task

    async def look(self, integration: str) -> SweepReport | None:
        """Sweep an integration if a sweep is due; return its report, or None.

        Raises:
            redis.exceptions.RedisError: The server gives no answer.
        """
        states = ReconcileStates(self._client, integration)
        if not await self._is_due(states):
            return None
        async with states.lease() as is_held:
            # Another worker may have ended a sweep since.
            if not is_held or not await self._is_due(states):
                return None
            await states.note_attempt(await self._now())
            await states.note_door(is_shut=False)
            return await self._sweep(integration, states)

    async def _is_due(self, states: ReconcileStates) -> bool:
        live = await self._live_receivers()
        if live is not None and not live:
            await states.note_door(is_shut=True)
        if live and any(one.spool_records and one.spool_age < _SPOOL_PATIENCE for one in live):
            # Deliveries in a spool have arrived, and are soon in Redis.
            return False
        state, now = await states.read(), await self._now()
        if state.attempted is None or now - state.attempted >= timedelta(seconds=self._settings.reconcile.interval):
            return True
        return bool(live) and await states.is_door_shut()

    async def _live_receivers(self) -> list[ReceiverStatus] | None:
        """Return the reports of receivers that are running; None if none has reported yet."""
        reports = await self._receivers.all()
        now = await server_time(self._client)
        return [one for one in reports if one.is_live(now)] if reports else None

    async def _sweep(self, integration: str, states: ReconcileStates) -> SweepReport | None:
        try:
            found = self._settings.require_integration(integration)
            report = await sweep_integration(
                integration,
                found,
                self._settings.reconcile,
                self._client,
                recognised=self._settings.receiver.deduplication_window,
            )
        except (SentryError, UserError) as error:
            failures = await states.note_failure(str(error)[:_LONGEST_PROBLEM])
            structlog.get_logger().warning("sweep failed", integration=integration, problem=str(error))
            if failures >= _ALARMING and not isinstance(error, NotAuthorized):
                # A token that does not work has an alarm of its own.
                await self._alarms.raise_(
                    "sweep",
                    integration,
                    f"sweeps of {integration} fail, so that webhooks which do not arrive stay missing: {error}",
                    f"vedette reconcile --integration {integration} --dry-run",
                )
            return None
        await self._alarms.clear("sweep", integration)
        await self._report(report)
        return report

    async def _report(self, report: SweepReport) -> None:
        integration, missing = report.integration, report.number_missing
        log = structlog.get_logger().bind(integration=integration, calls=report.number_of_calls, known=report.known)
        subject = f"{integration} webhooks"
        if not missing:
            log.debug("sweep is complete")
            await self._alarms.clear("sweep", subject)
            return
        names = {name: one.missing for name, one in report.kinds.items() if one.missing}
        log.warning("webhooks did not arrive and were rebuilt", missing=names, left=report.left)
        count = "1 webhook" if missing == 1 else f"{missing} webhooks"
        await self._alarms.raise_(
            "sweep",
            subject,
            f"{count} of {integration} did not arrive, and Vedette rebuilt what still matters",
            "vedette deliveries --rebuilt",
            level="warning",
        )

    async def _now(self) -> datetime:
        return datetime.fromtimestamp(await server_time(self._client), UTC)

    async def _look_for_ever(self, integration: str) -> None:
        while True:
            try:
                await self.look(integration)
            except REDIS_ERRORS as error:
                structlog.get_logger().debug("sweeps wait for Redis", integration=integration, problem=str(error))
            except Exception:  # noqa: BLE001 - this task has to survive whatever Redis and Sentry answer
                structlog.get_logger().exception("sweep failed", integration=integration)
            await asyncio.sleep(self._look)
