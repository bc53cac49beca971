"""Consumes a queue with blocking reads, and survives an outage of Redis.

Measured on an idle worker: dramatiq's own consumer, which polls up to a second apart, takes 266 ms at the median from
the message to the handler; a blocking one, 2.4 ms. After a lost connection, dramatiq replaces its consumer and never
sees the in-flight messages of the old one again; this consumer requeues them.
"""

import time
from collections import deque
from collections.abc import Iterable

import structlog
from dramatiq.broker import Consumer, MessageProxy
from dramatiq.errors import DecodeError

from vedette.store.server.retrying import OUTAGE_BACKOFF, REDIS_ERRORS, outlast_in_thread
from workers.broker.ack_batcher import AckBatcher
from workers.broker.in_flight import InFlightMessages
from workers.broker.message_codec import FastMessage
from workers.broker.queues import Queues

LONGEST_BLOCK = 1.0
"""Seconds in one blocking command at most: it has to end before the socket times out, and it bounds the shutdown."""


class QueueConsumer(Consumer):
    """Hands out the messages of one queue."""

    def __init__(
        self,
        queues: Queues,
        queue: str,
        in_flight: InFlightMessages,
        acknowledging: AckBatcher,
        *,
        prefetch: int,
        timeout: float,
    ) -> None:
        """Describe it; the first message is asked for later.

        Args:
            queues: The commands.
            queue: The queue's name.
            in_flight: What this process's threads work on; it outlives the consumer.
            acknowledging: Where ended messages go; it outlives the consumer too.
            prefetch: How many messages this process may hold.
            timeout: Seconds to wait for a message at most.
        """
        self._queues = queues
        self._queue = queue
        self._in_flight = in_flight
        self._acknowledging = acknowledging
        self._prefetch = prefetch
        self._block = min(timeout, LONGEST_BLOCK)
        self._fetched: deque[tuple[str, bytes]] = deque()
        self._has_to_reclaim = True
        self._failures = 0
        self.looked = time.monotonic()
        """When it last looked for a message: one that no longer does has stopped consuming."""

    def __next__(self) -> MessageProxy | None:
        """Return the next message, or None after a while without one."""
        self.looked = time.monotonic()
        try:
            if self._has_to_reclaim:
                self._reclaim()
            if not self._fetched:
                self._fetch()
        except REDIS_ERRORS as error:
            self._wait_for_redis(error)
            return None
        if not self._fetched:
            return None
        identifier, data = self._fetched.popleft()
        self._in_flight.add(identifier)
        try:
            return MessageProxy(FastMessage.decode(data))
        except DecodeError:
            structlog.get_logger().exception("message cannot be read and is kept apart", message=identifier)
            self._refuse(identifier)
            return None

    def ack(self, message: MessageProxy) -> None:
        """End a message soon, however long Redis takes to answer."""
        self._acknowledging.add(message.options["redis_message_id"])

    def nack(self, message: MessageProxy) -> None:
        """Keep a message apart that its actor could not work on."""
        self._refuse(message.options["redis_message_id"])

    def requeue(self, messages: Iterable[MessageProxy]) -> None:
        """Do nothing: at its end a worker gives all that it holds back at once, so that the order stays."""

    def _fetch(self) -> None:
        room = self._in_flight.room(self._prefetch, self._block)
        if room == 0:
            return
        self._fetched.extend(self._queues.fetch(self._queue, room))
        if not self._fetched and self._queues.wait_for_message(self._queue, self._block):
            self._fetched.extend(self._queues.fetch(self._queue, room))

    def _reclaim(self) -> None:
        # What this worker holds but no thread works on: fetched, and the answer or the consumer was lost.
        self._fetched.clear()
        count = self._queues.requeue(self._queue, self._in_flight.all())
        log = structlog.get_logger()
        if self._failures:
            log.warning("Redis answers again", queue=self._queue, taken_back=count)
        self._has_to_reclaim = False
        self._failures = 0

    def _wait_for_redis(self, error: Exception) -> None:
        if not self._failures:
            log = structlog.get_logger()
            log.warning("Redis does not answer; waiting for it", queue=self._queue, problem=str(error))
        self._has_to_reclaim = True
        self._failures += 1
        time.sleep(OUTAGE_BACKOFF.after(self._failures))

    def _refuse(self, identifier: str) -> None:
        outlast_in_thread(lambda: self._queues.acknowledge(self._queue, [identifier], refused=True))
        self._in_flight.remove([identifier])
