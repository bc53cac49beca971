"""Writes the newest audit entry to the log once a minute, beyond the reach of an attacker who can write to Redis.

A chain that was replaced or truncated fails the check against any such line: `vedette audit verify --expect ENTRY`.
"""

import asyncio
from contextlib import suppress

import structlog

from vedette.store.access.audit_log import Audit
from vedette.store.server.retrying import REDIS_ERRORS

EACH = 60.0
"""Seconds between two looks."""


class AuditHeadLogger:
    """Logs the newest entry of the audit when it has changed."""

    def __init__(self, audit: Audit, each: float = EACH) -> None:
        """Prepare.

        Args:
            audit: The audit log.
            each: Seconds between two checks.
        """
        self._audit = audit
        self._each = each
        self._looking: asyncio.Task[None] | None = None
        self._last = ""

    async def start(self) -> None:
        """Begin to look."""
        self._looking = asyncio.create_task(self._look_for_ever(), name="audit log")

    async def stop(self) -> None:
        """Log the newest entry once more, and end."""
        if self._looking is not None:
            self._looking.cancel()
            with suppress(asyncio.CancelledError):
                await self._looking
            await self.look()

    async def look(self) -> None:
        """Log the newest entry where that was not done from here; an outage of Redis is left to the next look."""
        try:
            head = await self._audit.head()
        except REDIS_ERRORS as error:
            structlog.get_logger().debug("the audit's newest entry is logged later", problem=str(error))
            return
        if head is not None and str(head) != self._last:
            self._last = str(head)
            structlog.get_logger().info("newest entry of the audit", entry=self._last)

    async def _look_for_ever(self) -> None:
        while True:
            await asyncio.sleep(self._each)
            try:
                await self.look()
            except Exception as error:  # noqa: BLE001 - this task has to survive whatever Redis holds
                structlog.get_logger().error("the audit's newest entry could not be logged", problem=repr(error))
