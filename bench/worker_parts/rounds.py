"""One round of a measurement: a fresh server's worth of tasks, one worker process, and its report."""

# ruff: noqa: S603 - it starts its own programs

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from worker_parts.systems import System
from worker_parts.tally import RESULTS, connect

sys.path.insert(0, str(Path(__file__).parents[2]))
from vedette.store.server.embedded import find_server, server_command

PATIENCE = 120


@contextmanager
def server() -> Generator[None]:
    """Run a server for all systems; nothing is kept on disk."""
    with tempfile.TemporaryDirectory() as folder:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        # Not every peer speaks to a unix socket.
        command = server_command(find_server(), Path(folder), durable=False)
        command += ["--port", str(port), "--bind", "127.0.0.1"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
        os.environ["BENCH_REDIS"] = f"redis://127.0.0.1:{port}/0"
        try:
            while not (Path(folder) / "valkey.sock").exists():
                time.sleep(0.02)
            yield
        finally:
            process.terminate()
            process.wait(10)


def rate(system: System, task: str, count: int, *, body: int = 4096) -> float | None:
    """Return the tasks a second of one worker process on a backlog of `count`, or None when it did not get there."""
    client = connect()
    client.flushall()
    os.environ["BENCH_BODY"] = str(body)
    os.environ["BENCH_TASKS"] = str(min(count, 100_000) if count > 100_000 else count)
    subprocess.run(system.command("send", task, str(count)), check=True, timeout=600)
    with _worker(system):
        found: Any = client.blpop([RESULTS], PATIENCE)
    return None if found is None else float(found[1])


def wakes(system: System, count: int) -> list[float]:
    """Return how long each of `count` tasks took to begin on an idle worker, in milliseconds, sorted."""
    client = connect()
    client.flushall()
    with _worker(system):
        # The first one waits for the worker to start.
        subprocess.run(system.command("wake", "1"), check=True, timeout=PATIENCE)
        client.blpop([RESULTS], PATIENCE)
        time.sleep(1)
        subprocess.run(system.command("wake", str(count)), check=True, timeout=PATIENCE)
        end = time.monotonic() + 5
        while client.llen(RESULTS) < count and time.monotonic() < end:
            time.sleep(0.05)
    return sorted(float(value) for value in client.lrange(RESULTS, 0, -1))


@contextmanager
def _worker(system: System) -> Generator[None]:
    process = subprocess.Popen(
        system.command("work"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
