"""Puts the receiver together from settings: every part is made here, once, and handed what it needs."""

import asyncio
from contextlib import suppress
from functools import partial
from pathlib import Path

import structlog

from receiver.admission.connections import ClientConnections
from receiver.admission.file_limit import connections_within
from receiver.admission.memory_trimmer import MemoryReturn
from receiver.admission.peers import Peers
from receiver.admission.uploads import Uploads
from receiver.background_tasks import BackgroundTasks
from receiver.ingest.body_reader import BodyReader
from receiver.ingest.compression import Compressor
from receiver.ingest.ingest import Ingest
from receiver.observability.error_reporting import ErrorReporter
from receiver.observability.receiver_metrics import Metrics
from receiver.observability.rejections import RejectionLog
from receiver.redis_link.address import RedisAddress
from receiver.redis_link.group_commit import GroupCommit
from receiver.redis_link.reconnecting import ReconnectingConnection
from receiver.redis_link.retention import keep_removing
from receiver.spool.drainer import SpoolDrainer
from receiver.spool.spool import Spool
from vedette.settings.settings import Settings
from vedette.settings.tenant import tenant_of
from vedette.store.server.embedded import redis_url_of
from vedette.store.server.scripts import script
from vedette.store.server.server_check import NotPermittedError, ServerUnreachableError, check_server, open_redis

_PATIENCE = 1.0
"""How long a start waits for Redis before it goes on with the spool alone, in seconds."""
_DRAIN_TIMEOUT = 5.0
"""How long the drain waits for Redis: nobody waits for it, and a slow server must still be filled."""


class ReceiverServices:
    """Everything a receiver is made of, apart from its routes."""

    def __init__(self, settings: Settings) -> None:
        bounds = settings.receiver
        source = script("deliveries/accept")
        self._settings = settings
        self._url = redis_url_of(settings)
        address = RedisAddress(self._url)
        self.metrics = Metrics()
        self.refusals = RejectionLog(self.metrics)
        self.reporter = ErrorReporter()
        self.peers = Peers(bounds.trusted_proxies)
        self.uploads = Uploads(
            limit=bounds.uploads_limit, peer_limit=max(1, int(bounds.uploads_limit * bounds.peer_share))
        )
        self.bodies = BodyReader(
            limit=bounds.body_limit, timeout=bounds.upload_timeout, uploads=self.uploads, peers=self.peers
        )
        most = connections_within(bounds.connections_limit)
        self.connections = ClientConnections(
            self.refusals.note,
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
        self.intake = Ingest(
            commit,
            self.spool,
            self.metrics,
            window=bounds.deduplication_window,
            compressor=Compressor(bounds.compression_level),
            tenants={name: tenant_of(settings, name) for name in settings.integrations},
        )
        # A connection of its own: the answers' deadline cuts theirs, and the drain would never get through.
        self._drain_link = ReconnectingConnection(address, script=source, connect_timeout=bounds.redis_connect_timeout)
        drain_commit = GroupCommit(self._drain_link, script=source, timeout=_DRAIN_TIMEOUT, repeats=True)
        self._drain = SpoolDrainer(self.spool, self._drain_link, drain_commit, self.metrics)
        self._background = BackgroundTasks()
        self._is_checked = False
        self._memory = MemoryReturn(lambda: self.uploads.held + self.connections.head_bytes)
        self.metrics.watch(self.spool.status, lambda: self.link.connection is not None, self.uploads, self.connections)

    async def start(self) -> None:
        """Take over the spool, reach for Redis, and begin what runs beside the answers.

        Raises:
            UnsafeServerError: When Redis throws away what it has acknowledged.
        """
        if not self._is_checked:
            await self.check_server()
        await self.spool.open()
        self._background.start("redis link", self.link.run)
        self._background.start("drain link", self._drain_link.run)
        self._background.start("drain", self._drain.run)
        self._background.start("spool probe", self.spool.keep_probing)
        self._background.start("uploads", self.bodies.end_late_ones)
        self._background.start("heads", self.connections.end_late_heads)
        self._background.start("memory", self._memory.run)
        self._background.start("retention", partial(keep_removing, self._url, self._settings.retention))
        with suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                await self.link.wait_until_up()

    async def stop(self) -> None:
        """End all of it; what the spool holds is taken over by the next start."""
        await self._background.stop()
        await self.spool.close()

    async def check_server(self) -> None:
        """Refuse a Redis that throws away what it has acknowledged, once; one that is away is only told.

        Raises:
            UnsafeServerError: When it does.
        """
        self._is_checked = True
        log = structlog.stdlib.get_logger(__name__)
        client = open_redis(self._url, timeout=self._settings.receiver.redis_connect_timeout)
        try:
            durable = await check_server(client, self._url)
        except ServerUnreachableError as error:
            log.warning("redis away at start: deliveries go to the spool", problem=str(error))
        except NotPermittedError as error:
            # The spool keeps what comes until the right is given; a door that is shut keeps nothing.
            log.error("redis takes no deliveries: they go to the spool", problem=str(error))  # noqa: TRY400 - a sentence
        else:
            if not durable:
                log.warning("redis keeps no append-only file: a crash of it loses what it acknowledged")
        finally:
            await client.aclose()
