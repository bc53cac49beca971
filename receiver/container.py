"""Builds the receiver's services from settings; each is made here once, with its dependencies as arguments."""

import asyncio
from contextlib import suppress
from functools import partial
from pathlib import Path

import structlog

from receiver.ingest.compression import Compressor
from receiver.ingest.ingest import Ingest
from receiver.memory_trimmer import MemoryTrimmer
from receiver.observability.error_reporting import ErrorReporter
from receiver.observability.group_metrics import GroupMetrics
from receiver.observability.receiver_metrics import ReceiverMetrics
from receiver.observability.status_report import StatusReport
from receiver.process_member import MemberPlace
from receiver.redis_link.edition_watch import run_edition_watch
from receiver.redis_link.group_commit import GroupCommit
from receiver.redis_link.reconnecting_connection import ReconnectingConnection
from receiver.redis_link.retention import run_retention
from receiver.spool.drainer import SpoolDrainer
from receiver.spool.spool import Spool
from vedette.http_server.background_tasks import BackgroundTasks
from vedette.http_server.body_reader import BodyReader
from vedette.http_server.connections import ClientConnections
from vedette.http_server.file_limit import fit_connections
from vedette.http_server.peers import Peers
from vedette.http_server.rejections import RejectionLog
from vedette.http_server.uploads import Uploads
from vedette.settings.settings import Settings
from vedette.settings.tenant import tenant_of
from vedette.store.server.edition import OtherEditionError, claim_edition
from vedette.store.server.embedded import redis_url_of
from vedette.store.server.scripts import script
from vedette.store.server.server_address import RedisAddress
from vedette.store.server.server_check import NotPermittedError, ServerUnreachableError, check_server, open_redis

_START_TIMEOUT = 1.0
"""Seconds that a start waits for Redis before the receiver serves with the spool alone."""
_STOP_TIMEOUT = 2.0
"""Seconds that a stop waits for deliveries after their senders have gone."""
_DRAIN_TIMEOUT = 5.0
"""Seconds that the drainer waits for a response; no sender waits for it, and a slow server is acceptable."""


class ReceiverServices:
    """The services of one receiver, apart from its routes."""

    def __init__(self, settings: Settings, place: MemberPlace | None = None) -> None:
        """Make the services; nothing is connected yet.

        Args:
            settings: The settings of this process.
            place: Its place among several receiver processes; None for one alone.
        """
        bounds = settings.receiver
        source = script("deliveries/accept")
        self._settings = settings
        self._url = redis_url_of(settings)
        address = RedisAddress(self._url)
        self.metrics = ReceiverMetrics()
        self.group_metrics = None if place is None else GroupMetrics(self.metrics, place.metrics_file)
        self.rejections = RejectionLog(self.metrics.count_rejected)
        self.reporter = ErrorReporter()
        self.peers = Peers(bounds.trusted_proxies)
        self.uploads = Uploads(
            limit=bounds.uploads_limit, peer_limit=max(1, int(bounds.uploads_limit * bounds.peer_share))
        )
        self.bodies = BodyReader(
            limit=bounds.body_limit, timeout=bounds.upload_timeout, uploads=self.uploads, peers=self.peers
        )
        most = fit_connections(bounds.connections_limit)
        self.connections = ClientConnections(
            self.rejections.record,
            limit=most,
            peer_limit=max(1, int(most * bounds.peer_share)),
            heads_limit=bounds.heads_limit,
            head_timeout=bounds.upload_timeout,
        )
        self.spool = Spool(
            Path(settings.state_dir) / "spool",
            limit=bounds.spool_limit,
            segment_limit=bounds.spool_segment,
            timeout=bounds.spool_timeout,
        )
        self.link = ReconnectingConnection(address, script=source, connect_timeout=bounds.redis_connect_timeout)
        commit = GroupCommit(self.link, script=source, timeout=bounds.redis_timeout)
        self._compressor = Compressor(bounds.compression_level)
        self.ingest = Ingest(
            commit,
            self.spool,
            self.metrics,
            window=bounds.deduplication_window,
            compressor=self._compressor,
            tenants={name: tenant_of(settings, name) for name in settings.integrations},
        )
        # A connection of its own: the other one is dropped at each response timeout, so the drain would never finish.
        self._drain_link = ReconnectingConnection(address, script=source, connect_timeout=bounds.redis_connect_timeout)
        drain_commit = GroupCommit(self._drain_link, script=source, timeout=_DRAIN_TIMEOUT, repeats=True)
        self._drain = SpoolDrainer(self.spool, self._drain_link, drain_commit, self.metrics)
        self.status_report = StatusReport(self._url, self.metrics, self.rejections, self.spool.status)
        self._background = BackgroundTasks()
        self._is_checked = False
        self._memory = MemoryTrimmer(lambda: self.uploads.held + self.connections.head_bytes)
        self.metrics.add_gauges(
            self.spool.status, lambda: self.link.connection is not None, self.uploads, self.connections
        )

    async def start(self) -> None:
        """Open the spool, start the background tasks and wait briefly for Redis.

        Raises:
            UnsafeServerError: When Redis evicts acknowledged deliveries.
        """
        if not self._is_checked:
            await self.check_server()
        await self.spool.open()
        self._background.start("redis link", self.link.run)
        self._background.start("drain link", self._drain_link.run)
        self._background.start("drain", self._drain.run)
        self._background.start("spool probe", self.spool.run_probes)
        self._background.start("uploads", self.bodies.reject_late_bodies)
        self._background.start("heads", self.connections.close_late_heads)
        self._background.start("memory", self._memory.run)
        self._background.start("status report", self.status_report.run)
        self._background.start("edition", partial(run_edition_watch, self._url, (self.link, self._drain_link)))
        if self.group_metrics is not None:
            self._background.start("group metrics", self.group_metrics.run)
        self._background.start("retention", partial(run_retention, self._url, self._settings.retention))
        with suppress(TimeoutError):
            async with asyncio.timeout(_START_TIMEOUT):
                await self.link.wait_until_up()

    async def stop(self) -> None:
        """Store the accepted deliveries, stop all tasks and close the spool; the next start recovers its records."""
        await self.ingest.wait_until_idle(_STOP_TIMEOUT)
        self._compressor.close()
        await self._background.stop()
        await self.spool.close()

    async def check_server(self) -> None:
        """Check once that Redis keeps acknowledged deliveries; log a warning when it cannot be reached.

        Raises:
            UnsafeServerError: When Redis evicts acknowledged deliveries.
        """
        self._is_checked = True
        log = structlog.stdlib.get_logger(__name__)
        client = open_redis(self._url, timeout=self._settings.receiver.redis_connect_timeout)
        try:
            durable = await check_server(client, self._url)
            await claim_edition(client)
        except ServerUnreachableError as error:
            log.warning("redis away at start: deliveries go to the spool", problem=str(error))
        except (NotPermittedError, OtherEditionError) as error:
            # The spool keeps deliveries until that is mended; a receiver that does not start keeps none.
            log.error("redis takes no deliveries: they go to the spool", problem=str(error))  # noqa: TRY400 - no traceback
        else:
            if not durable:
                log.warning("redis keeps no append-only file: a crash of it loses what it acknowledged")
        finally:
            await client.aclose()
