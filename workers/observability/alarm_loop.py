"""Sends alarms from a worker, once a second those that are due, and lets the leader judge the figures."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress

import structlog

from vedette.alarms.alarm_sender import AlarmSender
from vedette.alarms.figure_watch import EACH as JUDGE_EACH
from vedette.alarms.figure_watch import FigureWatch
from vedette.notify.channels import Channels
from vedette.settings.settings import Settings
from vedette.store.access.audit_log import Audit
from vedette.store.server.client import RedisClient
from vedette.store.server.keys import SCHEDULER_LEADER
from vedette.store.server.retrying import REDIS_ERRORS

EACH = 1.0
"""Seconds between two looks."""


class AlarmLoop:
    """The part of alarms that runs in a worker."""

    def __init__(
        self,
        settings: Settings,
        client: RedisClient,
        audit: Audit,
        worker: Callable[[], str],
        *,
        each: float = EACH,
        judge_each: float = JUDGE_EACH,
    ) -> None:
        """Prepare.

        Args:
            settings: The channel and the thresholds.
            client: The connection to Redis.
            audit: The audit, in which messages are recorded.
            worker: Returns the id of this worker process, which may be the leader.
            each: Seconds between two looks for messages to send.
            judge_each: Seconds between two looks at the figures.
        """
        self._client, self._worker = client, worker
        self._each, self._judge_each = each, judge_each
        self._judged = float("-inf")
        self._figures = FigureWatch(client, settings.alarms)
        self._channels = Channels(settings.channels)
        channel, again = settings.alarms.channel, settings.alarms.again
        self._sender = None if channel is None else AlarmSender(client, audit, self._channels, channel, again)
        self._looking: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to look."""
        self._looking = asyncio.create_task(self._look_for_ever(), name="alarms")

    async def stop(self) -> None:
        """End looking; a message that is being sent is sent again by another worker, with the same id."""
        if self._looking is not None:
            self._looking.cancel()
            with suppress(asyncio.CancelledError):
                await self._looking
        await self._channels.aclose()

    async def look(self) -> None:
        """Judge the figures if it is time and this worker is the leader, and send the messages that are due.

        An outage of Redis is left to the next look.
        """
        try:
            if time.monotonic() - self._judged >= self._judge_each:
                self._judged = time.monotonic()
                if await self._client.get(SCHEDULER_LEADER) == self._worker().encode():
                    await self._figures.look()
            if self._sender is not None:
                await self._sender.send_due()
        except REDIS_ERRORS as error:
            structlog.get_logger().debug("alarms are looked after later", problem=str(error))

    async def _look_for_ever(self) -> None:
        while True:
            await asyncio.sleep(self._each)
            try:
                await self.look()
            except Exception:  # noqa: BLE001 - this task has to survive whatever Redis and services answer
                structlog.get_logger().exception("alarms could not be looked after")
