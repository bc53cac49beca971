"""A broker on a real server, and a worker of dramatiq's in this process."""

import contextlib
import itertools
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import dramatiq
import pytest
import redis

from tests.process_ends import STACKS, wait_for_end
from vedette._core.ids import new_identifier
from vedette.events import samples
from vedette.store.queues.queue_messages import fan_out_message
from vedette.store.server.embedded import find_server, server_command, socket_url
from vedette.store.server.keys import DELIVERIES, PREFIX, delivery_key, messages_key, queue_key, resource_key, run_key
from workers.broker.broker import VedetteBroker

_COVERAGE_PATIENCE = 10.0
"""Seconds in which a worker that is measured may end."""


def eventually(check: Callable[[], Any], patience: float = 60.0) -> Any:
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
        process.wait(60)


class Site:
    """Deliveries as the receiver leaves them, and real worker processes that run a plugin's handlers on them."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.folder = folder
        self.client: Any = cast("Any", redis.Redis).from_url(url, decode_responses=True)
        self.variables: dict[str, str] = {}
        self.processes: list[subprocess.Popen[bytes]] = []
        self._moments = itertools.count(time.time_ns() // 1_000_000 - 100_000)

    def accept(self, subject: str = "issue:1", *, body: bytes = b"") -> str:
        """Store a delivery and hand it to the workers."""
        moment = next(self._moments)
        delivery = new_identifier(moment)
        fields = {
            "integration": "default",
            "source": "webhook",
            "resource": "error",
            "action": "created",
            "name": "error.created",
            "subject": subject,
            "accepted": moment,
            "state": "accepted",
            "body": body or BODY,
        }
        pipeline = self.client.pipeline()
        pipeline.hset(delivery_key(delivery), mapping=fields)
        pipeline.zadd(DELIVERIES, {delivery: moment})
        pipeline.zadd(resource_key("error"), {delivery: moment})
        pipeline.zadd(f"{PREFIX}subject:{subject}", {delivery: 0})
        pipeline.execute()
        self.client.hset(messages_key("fan_out"), delivery, fan_out_message(delivery, 1))
        self.client.rpush(queue_key("fan_out"), delivery)
        return delivery

    def plugin(self, code: str) -> None:
        (self.folder / "plugin.py").write_text(PLUGIN_HEAD + code)

    def start(self, *arguments: str) -> "subprocess.Popen[bytes]":
        """Start dramatiq's own command, as an operator may."""
        environment = {
            **os.environ,
            **STACKS,
            "VEDETTE_REDIS_URL": self.url,
            "VEDETTE_CLIENT_SECRET": "s" * 32,
            "VEDETTE_TOKEN": "sntryi_" + "a" * 64,
            "VEDETTE_ORGANIZATION": "acme",
            "VEDETTE_SENTRY_URL": "http://127.0.0.1:9",
            "VEDETTE_PLUGINS": str(self.folder / "plugin.py"),
            "VEDETTE_HANDLERS__TRIAGE__ENABLED": "false",
            "VEDETTE_WORKER__RETRY_WAIT": "0.05",
            # Their calls are none of those that a test counts.
            "VEDETTE_RECONCILE__ENABLED": "false",
            "VEDETTE_WATCHDOG__ENABLED": "false",
            "NOTES": str(self.folder / "notes"),
            "dramatiq_worker_timeout": "100",
            **self.variables,
        }
        command = [sys.executable, "-m", "dramatiq", "workers", "--processes", "1", "--threads", "8", "--skip-logging"]
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [*command, *arguments], cwd=self.folder, env=environment, stdout=log, stderr=log, start_new_session=True
            )
        self.processes.append(process)
        return process

    def notes(self) -> list[str]:
        """What the handlers wrote down, in order."""
        path = self.folder / "notes"
        return path.read_text().splitlines() if path.exists() else []

    def log(self) -> str:
        return (self.folder / "log").read_text()

    def states(self, handler: str) -> Counter[str]:
        names = self.client.keys(f"{PREFIX}run:*:{handler}")
        return Counter(self.client.hget(name, "state") for name in names)

    def run(self, delivery: str, handler: str) -> dict[str, str]:
        return self.client.hgetall(run_key(delivery, handler))

    def close(self) -> None:
        """End all processes; where coverage measures them, so that they can write what they have run."""
        running = [process for process in self.processes if process.poll() is None]
        if "COVERAGE_PROCESS_CONFIG" in os.environ:
            for process in running:
                process.send_signal(signal.SIGTERM)
            for process in running:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(_COVERAGE_PATIENCE)
        for process in running:
            self.end(process, signal.SIGKILL)
        self.client.close()

    def end(self, process: "subprocess.Popen[bytes]", number: int) -> None:
        """Send a signal to a worker's processes, all of them."""
        if process.poll() is None:
            os.killpg(process.pid, number)
        wait_for_end(process, self.folder / "log", 60)


BODY = samples.wire(samples.load("error.created"))
PLUGIN_HEAD = """
import asyncio, os, random, sys, time
from vedette import Context, Drop, Event, Retries, Retry, on

def note(text):
    with open(os.environ["NOTES"], "a") as file:
        file.write(f"{text}\\n")

"""


@pytest.fixture
def site(redis_url: str, tmp_path: Path) -> Iterator[Site]:
    made = Site(redis_url, tmp_path)
    yield made
    made.close()


class Server:
    """A server that keeps its data over being killed, and that can be frozen."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = socket_url(folder)
        self.process = self.start()

    def start(self) -> "subprocess.Popen[bytes]":
        command = [*server_command(find_server(), self.folder), "--appendfsync", "always"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
        with cast("Any", redis.Redis).from_url(self.url) as client:
            while True:
                try:
                    client.ping()
                except redis.RedisError:
                    time.sleep(0.02)
                else:
                    return self.process

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(60)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    made = Server(tmp_path)
    yield made
    made.process.send_signal(signal.SIGCONT)
    made.kill()


@pytest.fixture
def site_on(server: Server, tmp_path: Path) -> Iterator[Site]:
    """A site on a server of its own, which may be killed, frozen and filled."""
    made = Site(server.url, tmp_path)
    yield made
    server.process.send_signal(signal.SIGCONT)
    made.close()
