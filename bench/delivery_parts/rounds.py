"""Measures one system on one case: a backlog from sending to the last effect, and single deliveries."""

import asyncio
import json
import os
import random
import signal
import statistics
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import redis

from bench.delivery_parts.processes import PATIENCE, cpu_seconds
from bench.delivery_parts.system import WRITES, Running, System
from bench.delivery_parts.webhooks import Webhooks, send_many, send_spread

_WARM_UP = 60
_QUEUES = ("{vedette}:queue:fan_out.msgs", "{vedette}:queue:run.msgs")
_POLL = 0.004
_SETTLING = 0.2
"""Seconds until the last calls are counted and written."""


@dataclass(frozen=True)
class Figures:
    """What one delivery costs; processor time in microseconds."""

    rate: float
    """Deliveries a second that the workers handle, from a backlog."""
    receiver: float
    worker: float
    valkey: float
    commands: float
    """Commands that Valkey carried out for a delivery, those within scripts included."""
    reads: float
    """Reads of Valkey from its sockets for a delivery: about the round trips, where each is waited for."""


class Load:
    """The server, the Sentry and the folder of one measurement."""

    def __init__(self, redis_url: str, sentry: str) -> None:
        self.redis_url = redis_url
        self.sentry = sentry
        self._client: Any = cast("Any", redis.Redis).from_url(redis_url)
        self._next = random.randrange(10**6, 10**8) * 100
        self._effects_before = 0

    def backlog(self, system: System, case: str, count: int, *, workers: int = 1) -> Figures:
        """Let a system work off a backlog."""
        self._client.flushall()
        with (
            tempfile.TemporaryDirectory() as folder,
            system.running(case, self.redis_url, self.sentry, Path(folder), workers=workers) as running,
        ):
            self._send(case, running, _WARM_UP)
            self._wait(case, running, _WARM_UP)
            os.killpg(running.workers, signal.SIGSTOP)
            before = cpu_seconds(running.receiver)
            self._send(case, running, count)
            receiver = cpu_seconds(running.receiver) - before
            worker, valkey, counts = cpu_seconds(running.workers), self._valkey_seconds(), self._counts()
            began = time.perf_counter()
            os.killpg(running.workers, signal.SIGCONT)
            self._wait(case, running, count)
            seconds = time.perf_counter() - began
            _check_log(Path(folder))
            commands, reads = (after - earlier for after, earlier in zip(self._counts(), counts, strict=True))
            each = 1e6 / count
            return Figures(
                count / seconds,
                receiver * each,
                (cpu_seconds(running.workers) - worker) * each,
                (self._valkey_seconds() - valkey) * each,
                commands / count,
                reads / count,
            )

    def calls(self, system: System, case: str, count: int) -> float:
        """Return the Python calls of a worker for one delivery; the system is one that counts them."""
        self._client.flushall()
        with (
            tempfile.TemporaryDirectory() as folder,
            system.running(case, self.redis_url, self.sentry, Path(folder)) as running,
        ):
            counted = Path(folder) / "calls"
            self._send(case, running, _WARM_UP)
            self._wait(case, running, _WARM_UP)
            time.sleep(_SETTLING)
            before = int(counted.read_text())
            self._send(case, running, count)
            self._wait(case, running, count)
            time.sleep(_SETTLING)
            return (int(counted.read_text()) - before) / count

    def latencies(self, system: System, count: int) -> list[float]:
        """Return the milliseconds from sending a webhook until its write arrives, of single deliveries, sorted."""
        case = "one write"
        self._client.flushall()
        with (
            tempfile.TemporaryDirectory() as folder,
            system.running(case, self.redis_url, self.sentry, Path(folder)) as running,
        ):
            self._send(case, running, _WARM_UP)
            self._wait(case, running, _WARM_UP)
            self._effects_before = self._effects()["count"]
            gaps = [random.uniform(0.03, 0.15) for _ in range(count)]
            sent = asyncio.run(send_spread(running.port, self._webhooks(case, count), gaps))
            self._wait(case, running, count)
            arrived = self._effects()["first"]
        return sorted((arrived[issue] - moment) * 1000 for issue, moment in sent.items())

    def _webhooks(self, case: str, count: int) -> Webhooks:
        first, self._next = self._next, self._next + count
        return Webhooks("error" if case == "unwanted" else "issue", first)

    def _send(self, case: str, running: Running, count: int) -> None:
        running.done.write_bytes(b"")
        self._effects_before = self._effects()["count"]
        asyncio.run(send_many(running.port, self._webhooks(case, count), count))

    def _wait(self, case: str, running: Running, count: int) -> None:
        """Wait until a backlog is worked off.

        Raises:
            TimeoutError: It was not within a minute.
        """
        end = time.monotonic() + PATIENCE
        wanted = WRITES.get(case, 0) * count
        while time.monotonic() < end:
            if case == "no-op" and running.done.stat().st_size >= count:
                return
            if wanted and self._effects()["count"] - self._effects_before >= wanted:
                return
            if case in {"unwanted", "no match"} and running.counts_queue and not any(map(self._length, _QUEUES)):
                return
            time.sleep(_POLL if not wanted else 5 * _POLL)
        raise TimeoutError(f"{case}: not handled within {PATIENCE:g} s")

    def _length(self, key: str) -> int:
        return self._client.hlen(key)

    def _effects(self) -> Any:
        with urllib.request.urlopen(f"{self.sentry}/_effects", timeout=30) as answer:  # noqa: S310 - our own server
            return json.load(answer)

    def _valkey_seconds(self) -> float:
        used = self._client.info("cpu")
        return used["used_cpu_user"] + used["used_cpu_sys"]

    def _counts(self) -> tuple[int, int]:
        commands = sum(each["calls"] for each in self._client.info("commandstats").values())
        return commands, self._client.info("stats")["total_reads_processed"]


def _check_log(folder: Path) -> None:
    """Refuse a round in which runs failed, as its figures would be those of retries.

    Raises:
        RuntimeError: A run failed.
    """
    text = (folder / "processes.log").read_text(encoding="utf-8", errors="replace")
    failed = [line for line in text.splitlines() if "run failed" in line or "Traceback" in line]
    if failed:
        raise RuntimeError(f"{len(failed)} failures, of which the first is: {failed[0][:500]}")


def median(found: list[Figures]) -> Figures:
    """Return the median of each figure."""
    return Figures(*(statistics.median(getattr(each, name) for each in found) for name in Figures.__dataclass_fields__))
