"""Detects handlers that block the event loop, which stops all other handlers of the process.

A thread checks every quarter of a second. It logs the handler and its current line once per blockade. A blockade longer
than every time limit ends the process, since nothing else can end that handler: its run counts a crash, and the other
runs of the worker are requeued.
"""

import asyncio
import threading
import time
from collections.abc import Callable

import dramatiq
import structlog
from dramatiq.asyncio import get_event_loop_thread
from dramatiq.middleware import Middleware

from vedette._core.thread_stack import format_thread_stack
from workers.broker.event_loop import end_process

BLOCKED = 1.0
"""Seconds without a turn of the loop after which it counts as blocked."""
LOOK = 0.25
_OUR_FRAMES = ("asyncio", "uvloop", "dramatiq")


class Watchdog(Middleware):
    """Watches the loop of a worker process."""

    def __init__(self, longest: float, count: Callable[[str], None]) -> None:
        """Prepare.

        Args:
            longest: Seconds of blockade after which the process ends.
            count: Called with the handler's name at each blockade.
        """
        self._longest = longest
        self._count = count
        self._ending = threading.Event()
        self._turned = 0.0

    def after_worker_boot(self, broker: dramatiq.Broker, worker: dramatiq.Worker) -> None:
        """Begin to watch."""
        del broker, worker
        thread = get_event_loop_thread()
        if thread is not None and thread.ident is not None:
            watch = threading.Thread(target=self._watch, args=(thread.loop, thread.ident), name="watchdog", daemon=True)
            watch.start()

    def before_worker_shutdown(self, broker: dramatiq.Broker, worker: dramatiq.Worker) -> None:
        """End watching, before the loop ends."""
        del broker, worker
        self._ending.set()

    def _watch(self, loop: asyncio.AbstractEventLoop, ident: int) -> None:
        self._turned = time.monotonic()
        is_known = False
        while not self._ending.wait(LOOK):
            blocked = time.monotonic() - self._turned
            try:
                is_known = self._look(loop, ident, blocked, is_known=is_known)
            except Exception:  # noqa: BLE001 - a thread that watches must outlive whatever it sees
                structlog.get_logger().exception("the watchdog could not look at the event loop")
            if loop.is_closed():
                end_process("the event loop is closed, and this process ends")
            if blocked > self._longest:
                end_process("the event loop is blocked for good; this process ends", seconds=blocked)

    def _look(self, loop: asyncio.AbstractEventLoop, ident: int, blocked: float, *, is_known: bool) -> bool:
        """Schedule a callback on the loop, or log the blockade; return whether it has been logged."""
        if blocked < BLOCKED:
            loop.call_soon_threadsafe(self._turn)
            return False
        if not is_known:
            self._tell(loop, ident, blocked)
        return True

    def _turn(self) -> None:
        self._turned = time.monotonic()

    def _tell(self, loop: asyncio.AbstractEventLoop, ident: int, blocked: float) -> None:
        task = asyncio.current_task(loop)
        handler = "" if task is None else task.get_name()
        at = format_thread_stack(ident, hide=_OUR_FRAMES, most=3)
        log = structlog.get_logger()
        log.error("a handler blocks the event loop", handler=handler, seconds=round(blocked, 1), at=at)
        self._count(handler)
