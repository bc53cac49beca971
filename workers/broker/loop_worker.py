"""Runs the messages of a worker process as tasks of its event loop, in the place of dramatiq's threads.

dramatiq's worker starts no thread of its own: it is told to have none, and to consume no queue. Its command, its
signals for middleware, and its orderly end stay as they are. It stops and joins the consumption as it does its threads.
"""

import asyncio
import concurrent.futures
import threading
import time
from collections.abc import Callable, Coroutine
from typing import Any

import dramatiq
from dramatiq.asyncio import EventLoopThread, get_event_loop_thread
from dramatiq.middleware import Middleware

from workers.broker.consumer import LONGEST_BLOCK, QueueConsumer
from workers.broker.in_flight import InFlightLimit
from workers.broker.loop_queues import LoopQueues
from workers.broker.message_processing import MessageProcessor

FLUSH = 1.0
"""Seconds that a worker's end waits for Redis to take the last acknowledgements."""
_MARGIN = 1.0
"""Seconds to wait for the loop beyond that: a handler may block it."""
_NO_QUEUE = " "
"""A name that no queue has, for dramatiq's list of the queues that its threads consume."""


class Consumption:
    """The consumers of a process, with the methods by which dramatiq's worker ends its threads."""

    def __init__(self, queues: LoopQueues, broker: dramatiq.Broker, limit: int) -> None:
        """Prepare.

        Args:
            queues: The commands.
            broker: The broker whose actors run.
            limit: How many messages may be in flight at once.
        """
        self._thread = _loop_thread()
        self._queues = queues
        self._processor = MessageProcessor(broker)
        self._limit = limit
        self._places: InFlightLimit | None = None
        self._consumers: dict[str, QueueConsumer] = {}
        self._running: dict[str, asyncio.Task[None]] = {}
        self.paused_event = threading.Event()

    def add(self, queue: str) -> None:
        """Begin to consume a queue."""
        self._thread.run_coroutine(self._add(queue))

    def pause(self) -> None:
        """Take no more messages until `resume`; those in progress go on."""
        self.stop()
        self.paused_event.set()

    def resume(self) -> None:
        """Take messages again."""
        self.paused_event.clear()
        self._thread.run_coroutine(self._begin_taking())

    def stop(self) -> None:
        """Take no more messages; does not wait, since a handler may block the loop."""
        if not self._thread.loop.is_closed():
            self._submit(self._stop_taking())

    def join(self, timeout: float | None = None) -> None:
        """Wait up to `timeout` seconds until no message is in progress."""
        if self._thread.loop.is_closed():
            return
        _wait(self._submit(self._drain()), timeout)

    def flush(self) -> None:
        """Wait a moment for the last acknowledgements; what ends later is not acknowledged."""
        _wait(self._submit(self._flush()), FLUSH + _MARGIN)

    def silence(self) -> float:
        """Return for how many seconds the consumer that was quiet longest has not looked for messages."""
        now = time.monotonic()
        return max((now - consumer.looked for consumer in list(self._consumers.values())), default=0.0)

    def _submit(self, work: Coroutine[Any, Any, None]) -> "concurrent.futures.Future[None]":
        return asyncio.run_coroutine_threadsafe(work, self._thread.loop)

    async def _add(self, queue: str) -> None:
        if queue in self._consumers:
            return
        if self._places is None:
            self._places = InFlightLimit(self._limit)
        consumer = QueueConsumer(self._queues, queue, self._places, self._processor, block=LONGEST_BLOCK)
        self._consumers[queue] = consumer
        self._places.sharers = len(self._consumers)
        await self._begin_taking()

    async def _begin_taking(self) -> None:
        for queue, consumer in self._consumers.items():
            if queue not in self._running:
                task = asyncio.get_running_loop().create_task(consumer.run(), name=f"consuming {queue}")
                self._running[queue] = task

    async def _stop_taking(self) -> None:
        tasks = list(self._running.values())
        self._running.clear()
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _drain(self) -> None:
        for consumer in self._consumers.values():
            await consumer.drain()

    async def _flush(self) -> None:
        await asyncio.gather(*(consumer.flush(FLUSH) for consumer in self._consumers.values()))


class LoopWorker(Middleware):
    """Takes the place of the threads of dramatiq's worker."""

    def __init__(self, queues: LoopQueues, close: Callable[[], Coroutine[Any, Any, None]] | None) -> None:
        """Prepare.

        Args:
            queues: The commands.
            close: Closes their connection at the worker's end; None where others use it.
        """
        self._queues = queues
        self._close = close
        self._limit = 0
        self._wanted: set[str] | None = None
        self.consumption: Consumption | None = None

    def before_worker_boot(self, broker: dramatiq.Broker, worker: Any) -> None:
        """Keep the worker from starting threads."""
        del broker
        self._limit, self._wanted = worker.worker_threads, worker.consumer_whitelist
        worker.worker_threads = 0
        worker.consumer_whitelist = {_NO_QUEUE}

    def after_worker_boot(self, broker: dramatiq.Broker, worker: Any) -> None:
        """Begin to take messages."""
        self.consumption = Consumption(self._queues, broker, self._limit)
        worker.workers.append(self.consumption)
        for queue in broker.get_declared_queues():
            self.after_declare_queue(broker, queue)

    def after_declare_queue(self, broker: dramatiq.Broker, queue_name: str) -> None:
        """Consume a queue that is declared while the worker runs."""
        del broker
        if self.consumption is not None and (not self._wanted or queue_name in self._wanted):
            self.consumption.add(queue_name)

    def after_worker_shutdown(self, broker: dramatiq.Broker, worker: dramatiq.Worker) -> None:
        """Send the last acknowledgements."""
        del broker, worker
        consumption, self.consumption = self.consumption, None
        if consumption is None:
            return
        consumption.flush()
        if self._close is not None:
            _wait(asyncio.run_coroutine_threadsafe(self._close(), _loop_thread().loop), _MARGIN)


def _wait(work: "concurrent.futures.Future[None]", longest: float | None) -> None:
    try:
        work.result(longest)
    except concurrent.futures.TimeoutError:
        work.cancel()


def _loop_thread() -> EventLoopThread:
    thread = get_event_loop_thread()
    if thread is None:
        raise RuntimeError("the AsyncIO middleware must come before this one: it owns the event loop")
    return thread
