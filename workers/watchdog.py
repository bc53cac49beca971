"""Noticing a handler that blocks the event loop: all others of the process stand still while it does.

A thread looks every quarter of a second. It names the handler and the line that it stands at, once per blockade; and
where a blockade outlasts every time limit, it ends the process, since nothing else can end that handler: the run counts
it as a death, and its worker's other runs go to others.
"""

import asyncio
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any, cast

import dramatiq
import structlog
from dramatiq.asyncio import get_event_loop_thread
from dramatiq.middleware import Middleware

BLOCKED = 1.0
"""Seconds without a turn of the loop after which it counts as blocked."""
LOOK = 0.25
EXIT_CODE = 70
_OUR_FRAMES = ("asyncio", "uvloop", "dramatiq")


class Watchdog(Middleware):
    """Watches the loop of a worker process."""

    def __init__(self, longest: float, count: Callable[[str], None]) -> None:
        """Describe it.

        Args:
            longest: Seconds of blockade after which the process ends.
            count: Told the handler's name at each blockade.
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
            if blocked < BLOCKED:
                is_known = False
                loop.call_soon_threadsafe(self._turn)
                continue
            if not is_known:
                is_known = True
                self._tell(loop, ident, blocked)
            if blocked > self._longest:
                structlog.get_logger().critical(
                    "the event loop is blocked for good; this process ends", seconds=blocked
                )
                os._exit(EXIT_CODE)

    def _turn(self) -> None:
        self._turned = time.monotonic()

    def _tell(self, loop: asyncio.AbstractEventLoop, ident: int, blocked: float) -> None:
        task = asyncio.current_task(loop)
        handler = "" if task is None else task.get_name()
        # The only way to see another thread's frames, documented although its name begins with an underscore.
        frame = cast("Any", sys)._current_frames().get(ident)  # noqa: SLF001 - see above
        lines = [line for line in traceback.format_stack(frame) if not any(name in line for name in _OUR_FRAMES)]
        log = structlog.get_logger()
        log.error("a handler blocks the event loop", handler=handler, seconds=round(blocked, 1), at="".join(lines[-3:]))
        self._count(handler)
