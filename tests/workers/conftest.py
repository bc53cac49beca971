"""A broker on a real server, and a worker of dramatiq's in this process."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, cast

import dramatiq
import pytest

from workers.broker import VedetteBroker


def eventually(check: Callable[[], Any], patience: float = 15.0) -> Any:
    """Return what `check` returns once it is true."""
    end = time.monotonic() + patience
    while True:
        found = check()
        if found:
            return found
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


@pytest.fixture
def until() -> Callable[..., Any]:
    return eventually


@pytest.fixture
def broker(redis_url: str) -> Iterator[Any]:
    made = cast("Any", VedetteBroker(redis_url, []))
    yield made
    made.close()


@pytest.fixture
def start_worker() -> Iterator[Callable[..., dramatiq.Worker]]:
    """Starts a worker of dramatiq's on a broker; it ends with the test."""
    started: list[dramatiq.Worker] = []

    def start(broker: Any, threads: int = 2) -> dramatiq.Worker:
        worker = dramatiq.Worker(broker, worker_timeout=100, worker_threads=threads)
        worker.start()
        started.append(worker)
        return worker

    yield start
    for worker in started:
        worker.stop(2000)


@pytest.fixture
def python() -> Iterator[Callable[[str], "subprocess.Popen[bytes]"]]:
    """Runs a program in a process of its own, which ends with the test."""
    started: list[subprocess.Popen[bytes]] = []

    def run(program: str) -> "subprocess.Popen[bytes]":
        started.append(subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.DEVNULL))
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.wait(10)
