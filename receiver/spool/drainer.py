"""Brings the spool's deliveries to Redis, in order and under their own ids, as soon as it takes writes again.

What Redis had stored although its answer came too late is recognised there by its id, so bringing it again is harmless.
"""

import asyncio

import structlog

from receiver.ingest.record import IncomingDelivery
from receiver.observability.receiver_metrics import Metrics
from receiver.redis_link.group_commit import GroupCommit, StoreUnavailableError
from receiver.redis_link.reconnecting import ReconnectingConnection
from receiver.spool.spool import Spool
from receiver.spool.writer import SpoolFile

_CHUNK = 64
_PAUSE = 0.05
_ADOPTING = 5.0
"""How often files of processes that are gone are looked for, in seconds."""


class SpoolDrainer:
    """The reading end of the spool."""

    def __init__(self, spool: Spool, link: ReconnectingConnection, commit: GroupCommit, metrics: Metrics) -> None:
        self._spool = spool
        self._link = link
        self._commit = commit
        self._metrics = metrics

    async def run(self) -> None:
        """Empty the spool whenever it holds something; ends only when it is cancelled."""
        while True:
            try:
                async with asyncio.timeout(_ADOPTING):
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
                part = self._spool.next_part()
                if part is None:
                    await asyncio.sleep(_PAUSE)
                else:
                    drained += await self._empty(part)
            self._spool.filled.clear()
        finally:
            if drained:
                structlog.stdlib.get_logger(__name__).info("spool drained", deliveries=drained)

    async def _empty(self, part: SpoolFile) -> int:
        try:
            deliveries = await self._spool.read(part)
        except OSError as error:
            self._spool.leave(part, error)
            return 0
        before = part.drained
        while part.drained < len(deliveries):
            chunk = deliveries[part.drained : part.drained + _CHUNK]
            await self._store(chunk)
            part.drained += len(chunk)
            self._metrics.drained += len(chunk)
        await self._spool.discard(part)
        return len(deliveries) - before

    async def _store(self, chunk: list[IncomingDelivery]) -> None:
        answers = await asyncio.gather(*map(self._commit.store, chunk), return_exceptions=True)
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer
            self._metrics.earlier(answer)
