"""Ends a worker process at SIGTERM, even while it waits for Redis or for threads that plugins have left running.

Before the first message is fetched no run is in flight, and the process ends at once: it may be waiting for Redis, or
loading a plugin. After that dramatiq stops its threads in order. The rest of the shutdown has a timeout: requeueing the
worker's in-flight messages, and threads and child processes of plugins, which Python would join.
"""

import os
import signal
import threading
from types import FrameType
from typing import Any

import structlog

from workers.parent_process import has_noted_end

LAST_PHASE = 8.0
"""Seconds for requeueing in-flight runs and closing connections, after the grace period of handlers."""
LINGER = 2.0
"""Seconds after that for the interpreter's own end."""
KILLED = 1
"""The exit code of a second SIGTERM, and where not all could be handed back; others take it over."""
_PATIENCE = 0.5
"""Seconds for the main thread to take a signal itself."""
_SIGNALS = (signal.SIGTERM, signal.SIGHUP)


class Shutdown:
    """The end of one process; until `install` is called it does nothing, as in tests that run a worker in theirs."""

    def __init__(self) -> None:
        self._before: dict[int, Any] = {}
        self._has_begun = False
        self._is_asked = False
        self._deadline: threading.Timer | None = None

    def install(self) -> None:
        """Install the signal handlers, and end the process where it has been asked to end already.

        Call it in the main thread, before plugins are loaded.
        """
        self._before = {number: signal.getsignal(number) for number in (*_SIGNALS, signal.SIGINT)}
        for number in _SIGNALS:
            signal.signal(number, self._on_signal)
        reading, writing = os.pipe()
        os.set_blocking(writing, False)
        signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        threading.Thread(target=self._watch, args=(reading,), name="signals", daemon=True).start()
        if any(has_noted_end(handler) for handler in self._before.values()):
            _exit(0, "")

    def restore(self) -> None:
        """Take the signals back from plugins that have set handlers of their own."""
        if not self._before:
            return
        wanted = {**dict.fromkeys(_SIGNALS, self._on_signal), signal.SIGINT: self._before[signal.SIGINT]}
        changed = [number for number, handler in wanted.items() if signal.getsignal(number) != handler]
        for number in changed:
            signal.signal(number, wanted[number])
        if changed:
            names = [signal.Signals(number).name for number in changed]
            structlog.get_logger().warning("a plugin has changed what signals do; they end this worker", signals=names)

    def begin(self) -> None:
        """Say that from now on messages are taken, so that dramatiq's own end is due."""
        self.restore()
        self._has_begun = True

    def last_phase(self) -> None:
        """Start the timeout of the rest of the shutdown, after the grace period of handlers."""
        self._end_in(LAST_PHASE, KILLED, "not everything was handed back in time: others take it over")

    def written_down(self) -> None:
        """Say that nothing is left to do; threads and child processes that go on are ended with the process."""
        if not self._before:
            return
        others = [one.name for one in threading.enumerate() if not one.daemon and one is not threading.main_thread()]
        if others:
            structlog.get_logger().warning("threads that plugins have started end with this process", threads=others)
        self._end_in(LINGER, 0, "")

    def _end_in(self, seconds: float, code: int, problem: str) -> None:
        if not self._before:
            return
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = threading.Timer(seconds, _exit, (code, problem))
        self._deadline.daemon = True
        self._deadline.start()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if not self._has_begun:
            _exit(0, "")
        if self._is_asked:
            _exit(KILLED, "")
        self._is_asked = True
        before = self._before.get(number)
        if callable(before):
            before(number, frame)

    def _watch(self, reading: int) -> None:
        """End the process when its main thread is in foreign code that keeps Python from seeing the signal."""
        while number := os.read(reading, 1):
            if number[0] not in _SIGNALS or self._has_begun:
                continue
            threading.Event().wait(_PATIENCE)
            if not self._has_begun:
                _exit(0, "")


def _exit(code: int, problem: str) -> None:
    if problem:
        structlog.get_logger().error(problem)
    os._exit(code)
