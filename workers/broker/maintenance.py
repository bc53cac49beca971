"""Maintains the queues in background threads of a worker process, which no busy handler can delay.

It writes a heartbeat each second, requeues the in-flight messages of crashed workers, promotes due messages from the
schedule to the queues, and recovers stalled deliveries.
"""

import threading
import time
from typing import TYPE_CHECKING

import dramatiq
import structlog
from dramatiq.middleware import Middleware

from vedette.store.server.keys import WAKE_LEADER
from vedette.store.server.retrying import REDIS_ERRORS, is_outage
from workers.broker.queues import Queues
from workers.broker.stalled_recovery import LOOK, StalledRecovery

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

BEAT = 1.0
"""Seconds between two signs of life."""
SILENCE = 5.0
"""Seconds without one after which a worker is dead."""
_SILENCE = round(SILENCE * 1000)
ELECTION = 5_000
"""Milliseconds for which the scheduler leader keeps its lease without renewing it."""
LONGEST_SLEEP = 1.0
BATCH = 500


class WorkerMaintenance(Middleware):
    """Starts and stops the maintenance threads with the worker, and requeues its in-flight messages at shutdown."""

    def __init__(self, queues: Queues, requeue_in_flight: "Callable[[], None]") -> None:
        """Describe it.

        Args:
            queues: The commands.
            requeue_in_flight: Gives back what this worker holds, at its end.
        """
        self._queues = queues
        self._requeue_in_flight = requeue_in_flight
        self._ending = threading.Event()
        self._threads: list[threading.Thread] = []
        self.is_running = False
        self._contact: float | None = None

    def before_worker_boot(self, broker: dramatiq.Broker, worker: dramatiq.Worker) -> None:
        """Begin, before the first message is taken."""
        del worker
        self.is_running = True
        names: Callable[[], Iterable[str]] = broker.get_declared_queues
        works = (
            (lambda: self._run_heartbeat(names), "heartbeat"),
            (self._run_promotion, "mover"),
            (self._run_recovery, "stalled recovery"),
        )
        for work, name in works:
            thread = threading.Thread(target=work, name=name, daemon=True)
            thread.start()
            self._threads.append(thread)

    def after_worker_shutdown(self, broker: dramatiq.Broker, worker: dramatiq.Worker) -> None:
        """Requeue the in-flight messages, in order, and deregister the worker."""
        del broker, worker
        self._ending.set()
        self.is_running = False
        for thread in self._threads:
            thread.join(LONGEST_SLEEP * 2)
        self._requeue_in_flight()

    def requeue_in_flight(self, names: "Iterable[str]") -> None:
        """Put what this worker holds back to the heads of these queues, in order, and leave the list of workers."""
        self._ending.set()
        try:
            for name in names:
                self._queues.requeue(name)
            self._queues.deregister_worker()
        except REDIS_ERRORS as error:
            structlog.get_logger().warning("messages go back when this worker is missed", problem=str(error))

    def _run_heartbeat(self, names: "Callable[[], Iterable[str]]") -> None:
        while not self._ending.is_set():
            try:
                self._write_heartbeat(names())
            except REDIS_ERRORS:
                # The consumers log it. While no worker can write a heartbeat, none counts as crashed.
                self._contact = None
            self._ending.wait(BEAT)

    def _write_heartbeat(self, names: "Iterable[str]") -> None:
        began = time.monotonic()
        self._queues.heartbeat(names, timeout=_SILENCE, recover=False)
        if self._contact is None or time.monotonic() - began > BEAT:
            # After an outage, the others have as long as anybody to give a sign again.
            self._contact = time.monotonic()
        if time.monotonic() - self._contact < SILENCE:
            return
        for worker, count in self._queues.heartbeat(names, timeout=_SILENCE, recover=True).items():
            log = structlog.get_logger()
            log.warning("a worker has crashed; its messages are requeued", worker=worker, messages=count)

    def _run_promotion(self) -> None:
        while not self._ending.is_set():
            try:
                elected, moved, until = self._queues.promote_due(lease=ELECTION, most=BATCH)
                if moved == BATCH:
                    continue
                self._sleep(elected=elected, until=until)
            except REDIS_ERRORS:
                self._ending.wait(0.1)

    def _run_recovery(self) -> None:
        recovery = StalledRecovery(self._queues.client, self._queues.worker)
        while not self._ending.wait(LOOK):
            try:
                recovery.turn()
            except REDIS_ERRORS as error:
                if isinstance(error, OSError) or is_outage(error):
                    # The consumers say so.
                    continue
                structlog.get_logger().exception("stalled deliveries could not be looked for")
                self._ending.wait(LOOK * 60)

    def _sleep(self, *, elected: bool, until: int) -> None:
        wait = LONGEST_SLEEP if until < 0 else min(until / 1000, LONGEST_SLEEP)
        if not elected:
            self._ending.wait(LONGEST_SLEEP)
        elif wait > 0:
            # An entry that is due earlier than all others ends the sleep.
            self._queues.client.blpop([WAKE_LEADER], max(wait, 0.001))
