"""Scheduled jobs in Redis: the time that each waits for, and firing one as a stored delivery."""

from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from vedette.store.deliveries.stored_record import StoredRecord, encode_facts
from vedette.store.queues.queue_messages import FAN_OUT_QUEUE, cron_message, cron_message_id
from vedette.store.server.client import RedisClient
from vedette.store.server.keys import (
    CRON_JOBS,
    DELIVERIES,
    DELIVERY_PREFIX,
    JOURNAL,
    JOURNAL_LENGTH,
    PREFIX,
    SEEN_PREFIX,
    STORED,
    messages_key,
    queue_key,
)
from vedette.store.server.scripts import run_script, script

_CANCELLED = "cancelled "


class JobKey(msgspec.Struct, frozen=True):
    """A handler, by one of its cron expressions, for one integration."""

    handler: str
    integration: str
    cron: str
    timezone: str

    def __str__(self) -> str:
        return f"{self.handler}:{self.integration}:{self.cron}:{self.timezone}"


@dataclass(frozen=True)
class WaitingJob:
    """The state of a scheduled job in Redis."""

    seen: str
    """The stored value; empty where there is none."""
    due: datetime | None = None
    """The time that it waits for."""
    cancelled: datetime | None = None
    """The time that a person took out; later ones go on."""


class CronJobs:
    """The jobs in Redis."""

    def __init__(self, client: RedisClient) -> None:
        self._client = client
        self._arm = client.register_script(run_script("queues/arm_cron"))
        self._accept = client.register_script(script("deliveries/accept"))

    async def all(self) -> dict[str, WaitingJob]:
        """Return the state of each job."""
        found = await self._client.hgetall(CRON_JOBS)
        return {job.decode(): _waiting(seen.decode()) for job, seen in found.items()}

    async def arm(self, job: JobKey, seen: str, due: datetime) -> bool:
        """Let a job wait for a time, unless it changed since `seen`; return whether it does."""
        milliseconds = in_milliseconds(due)
        message = cron_message(msgspec.structs.astuple(job), str(job), milliseconds)
        arguments = [str(job), seen, milliseconds, cron_message_id(str(job), milliseconds), message]
        return int(await self._arm(keys=[PREFIX], args=arguments)) == 1

    async def forget(self, job: str, seen: str) -> None:
        """Take a job out that no longer is, unless it changed since `seen`."""
        await self._arm(keys=[PREFIX], args=[job, seen, "", "", b""])

    async def fire(self, facts: StoredRecord, body: bytes) -> bool:
        """Store the delivery of a job's time and hand it to the workers; return False when that was done before."""
        keys = [DELIVERIES, JOURNAL, STORED, queue_key(FAN_OUT_QUEUE), messages_key(FAN_OUT_QUEUE)]
        arguments = [DELIVERY_PREFIX, SEEN_PREFIX, JOURNAL_LENGTH, "1", encode_facts(facts), body]
        (holder,) = await self._accept(keys=keys, args=arguments)
        return not holder


def in_milliseconds(moment: datetime) -> int:
    """Return a time as Redis has it."""
    return round(moment.timestamp() * 1000)


def _waiting(seen: str) -> WaitingJob:
    moment = datetime.fromtimestamp(int(seen.removeprefix(_CANCELLED)) / 1000, UTC)
    return WaitingJob(seen, cancelled=moment) if seen.startswith(_CANCELLED) else WaitingJob(seen, moment)
