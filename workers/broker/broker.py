"""Implements dramatiq's broker on Redis; standard actors work on it as on dramatiq's own.

It improves on dramatiq's broker in four points. A consumer wakes up within milliseconds, survives an outage of Redis,
and runs messages as tasks (`workers.broker.consumer`). A crashed worker is detected within seconds, and its messages
are requeued in order (`workers.broker.maintenance`). A delayed message waits in Redis instead of in a worker's memory.
A message that a worker enqueues, such as a retry, is retried until Redis is available.
"""

from collections.abc import Callable
from typing import Any, NoReturn, cast
from uuid import uuid4

from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import Middleware, Retries

from vedette.store.server.client import RedisClient
from vedette.store.server.failover import client_in_loop, client_in_thread
from vedette.store.server.keys import QUEUE_NAMESPACE
from vedette.store.server.retrying import outlast_in_thread
from workers.broker.event_loop import FastAsyncIO
from workers.broker.loop_queues import LoopQueues
from workers.broker.loop_worker import LoopWorker
from workers.broker.maintenance import WorkerMaintenance
from workers.broker.message_codec import FastMessage
from workers.broker.message_processing import ThreadTimeLimit
from workers.broker.queues import Queues

SOCKET_TIMEOUT = 5.0


class VedetteBroker(RedisBroker):
    """The broker of all Vedette's queues, under the hash tag that its other keys share."""

    def __init__(
        self,
        url: str,
        middleware: list[Middleware],
        *,
        timeout: float = SOCKET_TIMEOUT,
        shared: RedisClient | None = None,
    ) -> None:
        """Prepare; the first command connects.

        Args:
            url: The URL of Redis.
            middleware: The middleware between dramatiq's event loop and its time limit.
            timeout: Seconds to wait for a connection or an answer.
            shared: The client that the tasks of this process use, for the consumers too; else they get their own.
        """
        self.worker_id = uuid4().hex
        client = client_in_thread(url, timeout)
        self.commands = Queues(client, self.worker_id)
        self._maintenance = WorkerMaintenance(self.commands, self.requeue_in_flight)
        in_loop: RedisClient = shared or client_in_loop(url, timeout)
        self._worker = LoopWorker(LoopQueues(in_loop, self.worker_id), None if shared else in_loop.aclose)
        super().__init__(
            client=client,
            namespace=QUEUE_NAMESPACE,
            middleware=[
                FastAsyncIO(),
                self._maintenance,
                *middleware,
                self._worker,
                ThreadTimeLimit(),
                Retries(max_retries=cast("Any", None), min_backoff=1_000, max_backoff=60_000),
            ],
        )

    def consume(self, queue_name: str, prefetch: int = 1, timeout: int = 5000) -> NoReturn:
        """Refuse: messages are consumed on the event loop, where dramatiq's threads cannot take them."""
        del queue_name, prefetch, timeout
        raise NotImplementedError("messages of this broker are consumed by a worker's event loop")

    def silence(self) -> float:
        """Return for how many seconds the consumer that was quiet longest has not looked for messages."""
        consumption = self._worker.consumption
        return 0.0 if consumption is None else consumption.silence()

    def declare_queue(self, queue_name: str) -> None:
        """Declare a queue; it has no delay queue, because delayed messages wait in the schedule."""
        declared: set[str] = self.queues
        if queue_name not in declared:
            self.emit_before("declare_queue", queue_name)
            declared.add(queue_name)
            self.emit_after("declare_queue", queue_name)

    def enqueue(self, message: Any, *, delay: int | None = None) -> Any:
        """Queue a message, at once or in `delay` milliseconds."""
        message = FastMessage.from_message(message)
        if delay is None:
            return super().enqueue(message)
        identifier = str(uuid4())
        delayed = message.copy(options={"redis_message_id": identifier})
        self.emit_before("enqueue", delayed, delay)
        self._lastingly(lambda: self.commands.delay(delayed.queue_name, identifier, delayed.encode(), delay))
        self.emit_after("enqueue", delayed, delay)
        return delayed

    def do_enqueue(self, queue_name: str, message_id: str, data: bytes) -> None:
        """Queue an encoded message: what dramatiq's `enqueue` calls."""
        self._lastingly(lambda: self.commands.enqueue(queue_name, message_id, data))

    def do_qsize(self, queue_name: str) -> int:
        """Return how many messages are not ended: what dramatiq's `join` calls."""
        return self.commands.size(queue_name)

    def do_purge(self, queue_name: str) -> None:
        """Remove all messages of a queue: what dramatiq's `flush` calls."""
        self.commands.purge(queue_name)

    def requeue_in_flight(self) -> None:
        """Put all that this worker holds back to the heads of its queues, in order: at its end."""
        self._maintenance.requeue_in_flight(self.get_declared_queues())

    def close(self) -> None:
        """Close the connections."""
        self.commands.client.close()

    def _lastingly(self, step: Callable[[], None]) -> None:
        # In a worker an exception would lose the message; a producer can handle it.
        if self._maintenance.is_running:
            outlast_in_thread(step)
        else:
            step()
