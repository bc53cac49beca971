"""Runs scheduled handlers: each worker arms every job for its next time, and fires jobs that are due.

A due job arrives as a message, promoted by the scheduler leader. The delivery of a time is stored under a deduplication
key of its own, and the next time is armed from the due time alone. So each time is fired once, however often its
message is delivered, and by any worker.
"""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import msgspec
import structlog

from vedette._core.ids import new_identifier
from vedette.authoring.cron import Cron
from vedette.events.kinds.schedule import SCHEDULE, schedule_payload, schedule_subject
from vedette.store.deliveries.stored_record import StoredRecord
from vedette.store.queues.cron_jobs import CronJobs, JobKey, WaitingJob, in_milliseconds
from vedette.store.server.clock import server_time
from vedette.store.server.retrying import REDIS_ERRORS, retry_until_available
from workers.runtime import Runtime

LOOK = 30.0
"""Seconds between two looks whether every job waits."""
OVERDUE = timedelta(minutes=10)
"""What should have been fired so long ago is asked for again, which does no harm."""
_RECOGNISED = 400 * 86_400_000
"""Milliseconds for which a time that was fired is known: longer than from one yearly time to the next."""


class CronScheduler:
    """The jobs of this process's handlers."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._jobs = CronJobs(runtime.client)
        self._looking: asyncio.Task[None] | None = None

    def jobs(self) -> dict[str, tuple[JobKey, Cron]]:
        """Return every job by its name: each handler's crons, for each integration."""
        found: dict[str, tuple[JobKey, Cron]] = {}
        for handler in self._runtime.registry.handlers.values():
            for cron in handler.crons:
                for integration in self._runtime.settings.integrations:
                    job = JobKey(handler.name, integration, cron.expression, cron.timezone)
                    found[str(job)] = (job, cron)
        return found

    async def start(self) -> None:
        """Arm every job, remove jobs that their handlers no longer have, and check again periodically."""
        await retry_until_available(self._tidy)
        await retry_until_available(self.arm)
        self._looking = asyncio.create_task(self._look(), name="periodic")

    async def stop(self) -> None:
        """End looking."""
        if self._looking is not None:
            self._looking.cancel()
            with suppress(asyncio.CancelledError):
                await self._looking

    async def arm(self) -> None:
        """Arm every job that is not armed."""
        now = await self._now()
        known = await self._jobs.all()
        for name, (job, cron) in self.jobs().items():
            waiting = known.get(name, WaitingJob(""))
            if waiting.due is None:
                await self._jobs.arm(job, waiting.seen, cron.after(max(now, waiting.cancelled or now)))
            elif waiting.due < now - OVERDUE:
                await self._jobs.arm(job, waiting.seen, waiting.due)

    async def fire(self, job: JobKey, due: int) -> None:
        """Store the delivery of a job's time, and arm the job for the next.

        Args:
            job: The job that is due.
            due: The scheduled time, Unix time in milliseconds; when later ones have passed too, the latest is fired.
        """
        known = self.jobs().get(str(job))
        if known is None:
            structlog.get_logger().warning("a periodic job is no longer there", job=str(job))
            await retry_until_available(lambda: self._jobs.forget(str(job), str(due)))
            return
        cron, waited = known[1], datetime.fromtimestamp(due / 1000, UTC)
        now = await retry_until_available(self._now)
        if waited > now:
            # The server's clock went back since the message was due.
            await retry_until_available(lambda: self._jobs.arm(job, str(due), waited))
            structlog.get_logger().warning("periodic job waits: its time is still ahead", job=str(job), due=str(waited))
            return
        latest = max(waited, cron.latest(now))
        facts, body = _delivery(job, latest, now)
        is_new = await retry_until_available(lambda: self._jobs.fire(facts, body))
        await retry_until_available(lambda: self._jobs.arm(job, str(due), cron.after(max(now, latest))))
        structlog.get_logger().info("periodic job is due", job=str(job), due=latest.isoformat(), new=is_new)

    async def _now(self) -> datetime:
        # The server's clock: a worker with a fast clock would arm the next time for all others.
        return datetime.fromtimestamp(await server_time(self._runtime.client), UTC)

    async def _tidy(self) -> None:
        jobs = self.jobs()
        for name, waiting in (await self._jobs.all()).items():
            handler = self._runtime.registry.handlers.get(name.partition(":")[0])
            if handler is not None and name not in jobs:
                await self._jobs.forget(name, waiting.seen)

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK)
            try:
                await self.arm()
            except REDIS_ERRORS as error:
                structlog.get_logger().warning("periodic jobs are looked after later", problem=str(error))


def _delivery(job: JobKey, due: datetime, now: datetime) -> tuple[StoredRecord, bytes]:
    accepted = in_milliseconds(now)
    identifier = new_identifier(accepted)
    body = msgspec.json.encode(schedule_payload(job.handler, job.integration, job.cron, job.timezone, due))
    facts = StoredRecord(
        id=identifier,
        key=f"{SCHEDULE}:{job}:{in_milliseconds(due)}",
        window=_RECOGNISED,
        integration=job.integration,
        source="schedule",
        resource=SCHEDULE,
        action="due",
        subject=schedule_subject(job.handler, job.integration),
        issue="",
        accepted=accepted,
        sent="",
        request_id="",
        headers="{}",
        size=len(body),
        encoding="",
        state="accepted",
        reason="",
        secret="",
    )
    return facts, body
