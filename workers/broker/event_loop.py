"""Runs the event loop of a worker process: uvloop when it is installed, where dramatiq's middleware uses asyncio's.

Without its event loop a process would keep fetching messages that it cannot handle. So when the loop ends without being
stopped, the process ends too: its in-flight runs count as crashed, and a new process is started.
"""

import os

import dramatiq
import structlog
from dramatiq.asyncio import EventLoopThread, get_event_loop_thread, set_event_loop_thread
from dramatiq.middleware import AsyncIO

from vedette.plugins.author_errors import format_error_line
from vedette.plugins.author_tasks import track_tasks

try:
    from uvloop import new_event_loop
except ImportError:
    from asyncio import new_event_loop

START_PATIENCE = 5.0
"""Seconds for the loop's thread to start on a busy machine."""
EXIT_CODE = 70
"""The exit code of a process after its event loop has ended."""


class LoopThread(EventLoopThread):
    """The thread that runs a process's event loop."""

    is_stopping = False
    """Return whether its end was ordered."""

    def run(self) -> None:
        """Run the loop; end the process when the loop ends without being stopped."""
        cause = "it was stopped"
        try:
            self.loop.run_forever()
        except BaseException as raised:  # noqa: BLE001 - a callback of authors' code can raise what ends a loop
            cause = format_error_line(raised)
        if not self.is_stopping:
            end_process("the event loop has ended, and so does this process", cause=cause)
        self.loop.close()

    def stop(self) -> None:
        """Stop the loop, and wait for its thread."""
        self.is_stopping = True
        super().stop()


class FastAsyncIO(AsyncIO):
    """Starts the loop's thread on the faster loop."""

    def before_worker_boot(self, broker: dramatiq.Broker, worker: dramatiq.Worker) -> None:
        """Start the thread that runs the actors' coroutines."""
        del broker, worker
        thread = LoopThread(self.logger)
        thread.loop.close()
        thread.loop = new_event_loop()
        track_tasks(thread.loop)
        # A second SIGTERM ends dramatiq's process without stopping this thread, and Python would join it endlessly.
        thread.daemon = True
        thread.start(timeout=START_PATIENCE)
        set_event_loop_thread(thread)


def has_loop() -> bool:
    """Return whether this process's event loop runs, or has not been started."""
    thread = get_event_loop_thread()
    return thread is None or (thread.is_alive() and not thread.loop.is_closed())


def end_process(reason: str, **facts: object) -> None:
    """End this process at once, saying why: its messages and runs go to others."""
    try:
        structlog.get_logger().critical(reason, **facts)
    finally:
        os._exit(EXIT_CODE)
