"""The processes that `vedette up` starts and watches: one that dies is started again, with a growing wait."""

import asyncio
import os
import signal
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from vedette._core.backoff import Backoff
from vedette._core.parent_watch import VARIABLE
from vedette._core.user_error import UserError

BACKOFF = Backoff(first=0.5, longest=30.0)
STEADY = 30.0
"""Seconds a process must have run for its next death to count as the first again."""
RESTART_PATIENCE = 15.0
"""Seconds that a process has to end before it is started again."""
WRONG_SETTINGS = 2

LineSink = Callable[[str, str], None]
"""Takes a process's name and a line that it wrote to standard error."""


class ChildFailedError(UserError):
    """A process cannot start with these settings, so starting it again is no use."""

    exit_code = 2

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"The {name} cannot start with these settings: its last lines above say what is wrong")


@dataclass
class ChildProcess:
    """One process, with its command and environment."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    on_line: LineSink
    on_death: Callable[[str, int, float], None]
    """Called with the name, the exit code and the seconds before the next start."""
    process: asyncio.subprocess.Process | None = None
    first_line: "asyncio.Future[str] | None" = None
    """The first line of its standard output, for processes that print their address."""
    last_lines: deque[str] = field(default_factory=lambda: deque[str](maxlen=20))
    stopping: bool = False
    restarting: bool = False

    async def watch(self, lifeline: int) -> None:
        """Start the process, and again whenever it dies, until `stop` is called.

        Raises:
            ChildFailedError: When it ends with exit code 2: its settings cannot work.
        """
        failures = 0
        while not self.stopping:
            began = time.monotonic()
            code = await self._run(lifeline)
            if self.stopping:
                return
            if self.restarting:
                self.restarting = False
                continue
            if code == WRONG_SETTINGS:
                raise ChildFailedError(self.name)
            if time.monotonic() - began > STEADY:
                failures = 0
            failures += 1
            wait = BACKOFF.after(failures)
            self.on_death(self.name, code, wait)
            await asyncio.sleep(wait)

    def stop(self) -> None:
        """Ask the process to end, and start it no more."""
        self.stopping = True
        if self.process is not None and self.process.returncode is None:
            with suppress(ProcessLookupError):
                self.process.send_signal(signal.SIGTERM)

    def restart(self) -> None:
        """Ask the process to end, and start it again at once; one that does not end is killed."""
        process = self.process
        if process is None or process.returncode is not None:
            return
        self.restarting = True
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)

        def end() -> None:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)

        asyncio.get_running_loop().call_later(RESTART_PATIENCE, end)

    def kill(self) -> None:
        """Kill the process and its descendants."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)

    async def ended(self) -> None:
        """Wait until the process has ended."""
        if self.process is not None:
            await self.process.wait()

    async def _run(self, lifeline: int) -> int:
        # A session of its own keeps Ctrl-C on the terminal from reaching it: `vedette up` ends all in order.
        self.process = await asyncio.create_subprocess_exec(
            *self.command,
            env={**self.environment, VARIABLE: str(lifeline)},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            pass_fds=(lifeline,),
            start_new_session=True,
        )
        if self.stopping:
            self.stop()
        await asyncio.gather(self._read_output(self.process), self._read_errors(self.process))
        return await self.process.wait()

    async def _read_output(self, process: asyncio.subprocess.Process) -> None:
        async for line in _lines(process.stdout):
            if self.first_line is not None and not self.first_line.done():
                self.first_line.set_result(line)

    async def _read_errors(self, process: asyncio.subprocess.Process) -> None:
        async for line in _lines(process.stderr):
            self.last_lines.append(line)
            self.on_line(self.name, line)


async def _lines(stream: asyncio.StreamReader | None) -> AsyncIterator[str]:
    if stream is None:
        return
    while True:
        try:
            line = await stream.readline()
        except ValueError:
            # A line beyond the reader's limit has been dropped by it; the next one is fine.
            continue
        if not line:
            return
        yield line.decode(errors="replace").rstrip("\n")
