"""The event loop of a worker process: uvloop, where it is installed; dramatiq's middleware would take asyncio's own."""

from typing import Any, cast

import dramatiq
from dramatiq.asyncio import EventLoopThread, set_event_loop_thread
from dramatiq.middleware import AsyncIO

from vedette.handling.author_scope import follow_tasks

try:
    from uvloop import new_event_loop
except ImportError:
    from asyncio import new_event_loop

START_PATIENCE = 5.0
"""Seconds for the loop's thread to start on a busy machine."""


class FastAsyncIO(AsyncIO):
    """Starts the loop's thread on the faster loop."""

    def before_worker_boot(self, broker: dramatiq.Broker, worker: dramatiq.Worker) -> None:
        """Start the thread that runs the actors' coroutines."""
        del broker, worker
        thread = cast("Any", EventLoopThread)(self.logger)
        thread.loop.close()
        thread.loop = new_event_loop()
        follow_tasks(thread.loop)
        # A second SIGTERM ends dramatiq's process without stopping this thread, and Python would wait for it for ever.
        thread.daemon = True
        thread.start(timeout=START_PATIENCE)
        set_event_loop_thread(thread)
