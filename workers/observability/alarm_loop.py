"""Sends alarms from a worker: once a second, the messages that are due and that no other worker is sending."""

import asyncio
from contextlib import suppress

import structlog

from vedette.alarms.alarm_sender import AlarmSender
from vedette.notify.channels import Channels
from vedette.settings.settings import Settings
from vedette.store.access.audit_log import Audit
from vedette.store.server.client import RedisClient
from vedette.store.server.retrying import REDIS_ERRORS

EACH = 1.0
"""Seconds between two looks."""


class AlarmLoop:
    """The part of alarms that runs in a worker."""

    def __init__(self, settings: Settings, client: RedisClient, audit: Audit, *, each: float = EACH) -> None:
        """Prepare.

        Args:
            settings: The channel and the thresholds.
            client: The connection to Redis.
            audit: The audit, in which messages are recorded.
            each: Seconds between two looks.
        """
        self._each = each
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
        """Send the messages that are due; an outage of Redis is left to the next look."""
        try:
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
