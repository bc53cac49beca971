"""Starts the processes of the benchmark, and reads what each has used."""

import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

PATIENCE = 60.0
"""Seconds for a process to start or a backlog to be worked off."""


@contextmanager
def process(*command: str | Path, folder: Path, **variables: str) -> Generator["subprocess.Popen[str]"]:
    """Run a process in a session of its own, which ends with the block."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("VEDETTE_", "BENCH_"))}
    with (folder / "processes.log").open("a", encoding="utf-8") as log:
        started = subprocess.Popen(  # noqa: S603 - our own programs
            [str(part) for part in command],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env={**inherited, **variables},
            start_new_session=True,
        )
    try:
        yield started
    finally:
        os.killpg(started.pid, signal.SIGCONT)
        os.killpg(started.pid, signal.SIGKILL)
        started.wait(10)
        if started.stdout is not None:
            started.stdout.close()


def cpu_seconds(session: int) -> float:
    """Return the processor time that the living processes of a session have used."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(encoding="ascii", errors="replace").rpartition(") ")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def wait_for_port(port: int) -> None:
    """Wait until something listens on a port of this machine."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
        else:
            return


def free_port() -> int:
    """Return a port that is free, and outside the range from which the system gives ports out."""
    while True:
        port = random.randrange(12_000, 32_000)
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        return port
