"""Reports the receiver's status to Redis every few seconds, for workers and commands."""

import asyncio
import platform
import time
from collections.abc import Callable

import structlog

from receiver.observability.receiver_metrics import ReceiverMetrics
from receiver.spool.spool import SpoolStatus
from vedette._core.ids import new_identifier
from vedette.http_server.rejections import RejectionLog
from vedette.store.receivers.receiver_status import REPORT_INTERVAL, ReceiverStatus, ReceiverStatuses, RejectionCount
from vedette.store.server.retrying import REDIS_ERRORS
from vedette.store.server.server_check import open_redis


class StatusReport:
    """The reports of one receiver."""

    def __init__(
        self,
        url: str,
        metrics: ReceiverMetrics,
        rejections: RejectionLog,
        spool: Callable[[], SpoolStatus],
        *,
        interval: float = REPORT_INTERVAL,
    ) -> None:
        """Prepare; nothing is connected yet.

        Args:
            url: The URL of Redis.
            metrics: Its counts.
            rejections: Its rejected requests.
            spool: Returns the state of its spool.
            interval: Seconds between two reports.
        """
        self._url = url
        self._metrics = metrics
        self._rejections = rejections
        self._spool = spool
        self._interval = interval
        self._id = new_identifier()

    async def run(self) -> None:
        """Report until cancelled; the last report says that the receiver has ended."""
        client = open_redis(self._url, timeout=self._interval)
        statuses = ReceiverStatuses(client)
        try:
            while True:
                await self._write(statuses)
                await asyncio.sleep(self._interval)
        finally:
            await self._write(statuses, stopped=True)
            await client.aclose()

    def make(self, *, stopped: bool = False) -> ReceiverStatus:
        """Return the report of this moment."""
        spool, metrics = self._spool(), self._metrics
        return ReceiverStatus(
            id=self._id,
            host=platform.node(),
            started=0,
            clock=round(time.time() * 1000),
            stopped=stopped,
            last=metrics.last_accepted(),
            matched=metrics.last_matched(),
            rejected=tuple(
                RejectionCount(reason, integration, count, round(last * 1000))
                for (reason, integration), (count, last) in self._rejections.totals().items()
            ),
            quarantined=metrics.quarantined(),
            accepted=metrics.accepted,
            slow=metrics.slow,
            hung=metrics.hung,
            last_hung=round(metrics.last_hung * 1000),
            spooled=metrics.spooled,
            spool_records=spool.records,
            spool_age=round(spool.age, 1),
            spool_accepts=spool.accepts,
        )

    async def _write(self, statuses: ReceiverStatuses, *, stopped: bool = False) -> None:
        try:
            await statuses.write(self.make(stopped=stopped))
        except REDIS_ERRORS as error:
            # The connection for deliveries logs an outage.
            structlog.stdlib.get_logger(__name__).debug("status could not be reported", problem=str(error))
