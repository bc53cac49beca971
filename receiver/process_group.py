"""Runs several receiver processes on one listening socket: `vedette receiver --processes N`.

The processes accept from the same socket, so that connections that wait there outlive a process that dies. They share
the folder of the spool, whose files any of them adopts when their writer is gone.
"""

import asyncio
import os
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import structlog

from receiver.app import require_secret
from receiver.observability.monitoring_server import MetricsPortError
from receiver.process_member import MemberPlace
from vedette._core import parent_watch
from vedette._core.backoff import Backoff
from vedette._core.user_error import UserError
from vedette.http_server.server import GRACE
from vedette.settings.settings import Settings

_BACKLOG = 2048
_WRONG_USAGE = 2
_STOP_TIMEOUT = GRACE + 8.0
"""Seconds that a process may take to end after SIGTERM, before it is killed."""
_LONG_ENOUGH = 30.0
"""Seconds for which a process has run so that its end is not counted with earlier ones."""
_BACKOFF = Backoff(first=0.25, longest=15.0)

log = structlog.get_logger(__name__)


class ListenError(UserError):
    """The address that Sentry calls is not available."""

    exit_code = _WRONG_USAGE

    def __init__(self, host: str, port: int, reason: str) -> None:
        self.host = host
        self.port = port
        super().__init__(
            f"port: the receiver cannot listen on {host}, port {port} ({reason}): "
            "stop the process that uses it, or set another port"
        )


class MemberFailedError(UserError):
    """The first processes could not start; they have said why."""

    exit_code = _WRONG_USAGE

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(f"The receiver has not started (exit code {code}): the message above says what to change")


class ProcessGroup:
    """The receiver processes of one command."""

    def __init__(self, settings: Settings, processes: int, ready: Callable[[str], None] | None = None) -> None:
        """Prepare; nothing is started yet.

        Args:
            settings: The settings, which each process reads again for itself.
            processes: How many to run.
            ready: Called once with the base URL when the socket listens.
        """
        self._settings = settings
        self._processes = processes
        self._ready = ready
        self._members: dict[int, asyncio.subprocess.Process] = {}
        self._has_started = False
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Run the processes until SIGTERM or SIGINT, and start each again that dies.

        Raises:
            SettingsError: There is no client secret.
            ListenError: The address that Sentry calls is not available.
            MetricsPortError: The port for metrics and health is not available.
            MemberFailedError: A process cannot start.
        """
        require_secret(self._settings)
        bounds, settings = self._settings.receiver, self._settings
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stopping.set)
        parent_watch.start()
        reading, writing = os.pipe()
        with (
            tempfile.TemporaryDirectory(prefix="vedette-receiver-") as folder,
            _listen(settings.host, settings.port, ListenError) as webhooks,
        ):
            monitoring = (
                _listen(bounds.metrics_host, bounds.metrics_port, MetricsPortError) if bounds.metrics_port else None
            )
            try:
                descriptors = [webhooks.fileno(), monitoring.fileno() if monitoring else -1]
                if self._ready is not None:
                    self._ready(_url_of(webhooks))
                await self._supervise(Path(folder), descriptors, reading)
            finally:
                if monitoring is not None:
                    monitoring.close()
                os.close(reading)
                os.close(writing)

    async def _supervise(self, folder: Path, descriptors: list[int], lifeline: int) -> None:
        async with asyncio.TaskGroup() as group:
            stop = group.create_task(self._stop())
            keeping = [
                group.create_task(self._keep(MemberPlace(number, self._processes, folder, *descriptors), lifeline))
                for number in range(1, self._processes + 1)
            ]
            try:
                await asyncio.gather(*keeping)
            finally:
                self._stopping.set()
            await stop

    async def _keep(self, place: MemberPlace, lifeline: int) -> None:
        """Run one process, and start it again when it dies, until the group stops."""
        failures = 0
        while not self._stopping.is_set():
            began = time.monotonic()
            code = await self._run_member(place, lifeline)
            if self._stopping.is_set():
                return
            if code > 0 and not self._has_started:
                raise MemberFailedError(code)
            failures = 1 if time.monotonic() - began > _LONG_ENOUGH else failures + 1
            wait = _BACKOFF.after(failures)
            log.error("a receiver process died and is started again", process=place.number, exit_code=code, wait=wait)
            await _wait_for(self._stopping, wait)

    async def _run_member(self, place: MemberPlace, lifeline: int) -> int:
        # -P keeps the working directory off the import path.
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "receiver.process_member", *place.arguments()),
            pass_fds=[lifeline, *(each for each in (place.webhooks, place.monitoring) if each >= 0)],
            env={**os.environ, parent_watch.VARIABLE: str(lifeline)},
            # A signal of the terminal goes to this process alone, which passes it on.
            start_new_session=True,
        )
        self._members[place.number] = process
        if self._stopping.is_set():
            _signal(process, signal.SIGTERM)
        started = asyncio.create_task(self._note_start(place))
        try:
            return await process.wait()
        finally:
            started.cancel()
            _signal(process, signal.SIGTERM)
            self._members.pop(place.number, None)
            place.metrics_file.unlink(missing_ok=True)

    async def _note_start(self, place: MemberPlace) -> None:
        """Note that a process has written its metrics, which it does once it has started."""
        while not place.metrics_file.exists():  # noqa: ASYNC110 - what is waited for happens in another process
            await asyncio.sleep(0.1)
        self._has_started = True

    async def _stop(self) -> None:
        """Wait until the group stops, and end its processes."""
        await self._stopping.wait()
        ending = list(self._members.values())
        for process in ending:
            _signal(process, signal.SIGTERM)
        try:
            async with asyncio.timeout(_STOP_TIMEOUT):
                await asyncio.gather(*(process.wait() for process in ending))
        except TimeoutError:
            for process in ending:
                _signal(process, signal.SIGKILL)


def run_group(settings: Settings, processes: int, *, ready: Callable[[str], None] | None = None) -> None:
    """Run a group until SIGTERM or SIGINT; see `ProcessGroup.run` for the errors."""

    async def run() -> None:
        await ProcessGroup(settings, processes, ready).run()

    try:
        asyncio.run(run())
    except* UserError as errors:
        found: BaseException = errors
        while isinstance(found, BaseExceptionGroup):
            found = found.exceptions[0]
        raise found from None


def _listen(host: str, port: int, problem: type[ListenError | MetricsPortError]) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        raise problem(host, port, os.strerror(error.errno) if error.errno else str(error)) from None


def _url_of(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _signal(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    if process.returncode is None:
        process.send_signal(number)


async def _wait_for(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
