"""Consumes a queue on the event loop: fetches its messages, and runs a task for each.

Measured on an idle worker: dramatiq's own consumer, which polls up to a second apart, takes 266 ms at the median from
the message to the handler; a blocking read, 2.4 ms. Threads that wait for messages took a third of an idle worker's
time. After an outage of Redis the consumer requeues what it was sent and did not receive.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable

import structlog
from dramatiq.broker import MessageProxy
from dramatiq.errors import DecodeError

from vedette.store.server.retrying import OUTAGE_BACKOFF, REDIS_ERRORS, retry_until_available
from workers.broker.ack_batcher import AckBatcher
from workers.broker.in_flight import InFlightLimit
from workers.broker.loop_queues import LoopQueues
from workers.broker.message_codec import FastMessage
from workers.broker.message_processing import MessageProcessor

LONGEST_BLOCK = 4.0
"""Seconds in one blocking command at most: it has to end before the socket times out."""
_FULL = 1.0
"""Seconds to wait for a free place before it is looked for again."""
_AFTER_ERROR = 3.0
"""Seconds after an unexpected error."""


class QueueConsumer:
    """Hands the messages of one queue to tasks."""

    def __init__(
        self, queues: LoopQueues, queue: str, places: InFlightLimit, processor: MessageProcessor, *, block: float
    ) -> None:
        """Describe it; `run` begins.

        Args:
            queues: The commands.
            queue: The queue's name.
            places: The limit that all consumers of the process share.
            processor: Runs the actors.
            block: Seconds to wait for a message at most.
        """
        self._queues = queues
        self._queue = queue
        self._places = places
        self._processor = processor
        self._block = min(block, LONGEST_BLOCK)
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._unacknowledged: set[str] = set()
        self._acknowledging = AckBatcher(self._acknowledge)
        self._has_to_reclaim = True
        self._failures = 0
        self.looked = time.monotonic()
        """When it last looked for a message: one that no longer does has stopped consuming."""

    async def run(self) -> None:
        """Consume until cancelled."""
        while True:
            self.looked = time.monotonic()
            try:
                await self._take()
            except REDIS_ERRORS as error:
                await self._wait_for_redis(error)
            except Exception:  # noqa: BLE001 - a process that no longer consumes would hold up its queue
                structlog.get_logger().exception("messages could not be taken", queue=self._queue)
                await asyncio.sleep(_AFTER_ERROR)

    async def drain(self) -> None:
        """Wait until no message is in progress."""
        while self._tasks:
            await asyncio.wait(self._tasks.values())

    async def flush(self, longest: float) -> None:
        """Wait up to `longest` seconds for the last acknowledgements; what ends later is not acknowledged."""
        await self._acknowledging.flush(longest)
        self._acknowledging.close()

    async def _take(self) -> None:
        if self._has_to_reclaim:
            await self._reclaim()
        room = await self._places.reserve(_FULL)
        if not room:
            return
        begun = 0
        try:
            messages = await self._queues.fetch(self._queue, room)
            for identifier, data in messages:
                self._begin(identifier, data)
                begun += 1
        finally:
            self._places.release(room - begun)
        if not messages:
            await self._queues.wait_for_message(self._queue, self._block)

    def _begin(self, identifier: str, data: bytes) -> None:
        self._unacknowledged.add(identifier)
        task = asyncio.get_running_loop().create_task(self._work(identifier, data))
        self._tasks[identifier] = task
        task.add_done_callback(lambda _: self._end(identifier))

    def _end(self, identifier: str) -> None:
        del self._tasks[identifier]
        self._places.release()

    async def _work(self, identifier: str, data: bytes) -> None:
        try:
            message = MessageProxy(FastMessage.decode(data))
        except DecodeError:
            structlog.get_logger().exception("message cannot be read and is kept apart", message=identifier)
            await self._refuse(identifier)
            return
        await self._processor.process(message)
        if message.failed:
            await self._signal("nack", message, lambda: self._refuse(identifier))
        else:
            self._processor.emit_before("ack", message)
            self._acknowledging.add(identifier)
            self._processor.emit_after("ack", message)

    async def _signal(self, name: str, message: MessageProxy, step: Callable[[], Awaitable[None]]) -> None:
        self._processor.emit_before(name, message)
        await step()
        self._processor.emit_after(name, message)

    async def _acknowledge(self, group: list[str]) -> None:
        await self._queues.acknowledge(self._queue, group)
        self._unacknowledged.difference_update(group)

    async def _refuse(self, identifier: str) -> None:
        await retry_until_available(lambda: self._queues.acknowledge(self._queue, [identifier], refused=True))
        self._unacknowledged.discard(identifier)

    async def _reclaim(self) -> None:
        # Fetched messages of which the reply was lost: they are in flight at this worker, and no task has them.
        count = await self._queues.requeue(self._queue, list(self._unacknowledged))
        if self._failures:
            structlog.get_logger().warning("Redis answers again", queue=self._queue, taken_back=count)
        self._has_to_reclaim = False
        self._failures = 0

    async def _wait_for_redis(self, error: Exception) -> None:
        if not self._failures:
            log = structlog.get_logger()
            log.warning("Redis does not answer; waiting for it", queue=self._queue, problem=str(error))
        self._has_to_reclaim = True
        self._failures += 1
        await asyncio.sleep(OUTAGE_BACKOFF.after(self._failures))
