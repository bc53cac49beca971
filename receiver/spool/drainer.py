"""Drains the spool: stores its deliveries in Redis, in order and under their ids, when Redis accepts writes again.

A delivery that Redis had stored although the response timed out is recognised by its id, so draining is idempotent.
"""

import asyncio

import structlog

from receiver.ingest.record import IncomingDelivery
from receiver.observability.receiver_metrics import ReceiverMetrics
from receiver.redis_link.group_commit import GroupCommit, StoreUnavailableError
from receiver.redis_link.reconnecting_connection import ReconnectingConnection
from receiver.spool.spool import Spool
from receiver.spool.writer import SpoolFile

_CHUNK = 64
_PAUSE = 0.05
_ADOPT_INTERVAL = 5.0
"""Seconds between two searches for the files of ended processes."""


class SpoolDrainer:
    """The reading end of the spool."""

    def __init__(
        self, spool: Spool, link: ReconnectingConnection, commit: GroupCommit, metrics: ReceiverMetrics
    ) -> None:
        self._spool = spool
        self._link = link
        self._commit = commit
        self._metrics = metrics

    async def run(self) -> None:
        """Drain the spool whenever it has records, until cancelled."""
        while True:
            try:
                async with asyncio.timeout(_ADOPT_INTERVAL):
                    await self._spool.filled.wait()
            except TimeoutError:
                await self._spool.adopt()
                continue
            await self._link.wait_until_up()
            try:
                await self._drain()
            except StoreUnavailableError:
                await asyncio.sleep(_PAUSE)

    async def _drain(self) -> None:
        drained = 0
        try:
            while not self._spool.is_empty():
                file = self._spool.next_file()
                if file is None:
                    await asyncio.sleep(_PAUSE)
                else:
                    drained += await self._empty(file)
            self._spool.filled.clear()
        finally:
            if drained:
                structlog.stdlib.get_logger(__name__).info("spool drained", deliveries=drained)

    async def _empty(self, file: SpoolFile) -> int:
        try:
            deliveries = await self._spool.read(file)
        except OSError as error:
            self._spool.skip(file, error)
            return 0
        before = file.drained
        while file.drained < len(deliveries):
            chunk = deliveries[file.drained : file.drained + _CHUNK]
            await self._store(chunk)
            file.drained += len(chunk)
            self._metrics.drained += len(chunk)
        await self._spool.discard(file)
        return len(deliveries) - before

    async def _store(self, chunk: list[IncomingDelivery]) -> None:
        answers = await asyncio.gather(*map(self._commit.store, chunk), return_exceptions=True)
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer
            self._metrics.count_repetition(answer)
