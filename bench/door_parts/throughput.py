"""How many deliveries a second each variant takes, in turns of a second or two so that all meet the same machine."""

import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path

import uvloop

from door_parts.load import Requests, closed
from door_parts.report import Report
from door_parts.servers import Served, running_store, running_variants

VARIANTS = ("bare", "enqueue", "ours")
CONNECTIONS = 64


@dataclass(frozen=True)
class Turn:
    """One variant's figures over one turn."""

    rate: float
    p50: float
    p99: float
    cpu: float
    """Microseconds of processor time per request."""


def take_turn(name: str, served: Served, size: int, number: int, seconds: float) -> Turn:
    """Load one variant for a while."""
    before = served.cpu_seconds()
    requests = Requests(size, run=f"{name}-{size}-{number}-")
    result = uvloop.run(closed(served.port, requests, connections=CONNECTIONS, seconds=seconds))
    if set(result.statuses) != {202}:
        raise RuntimeError(f"{name} answered {result.statuses}")
    used = served.cpu_seconds() - before
    return Turn(result.rate, result.percentile(0.5), result.percentile(0.99), used / len(result.latencies) * 1e6)


def measure(report: Report, *, size: int, fsync: str, rounds: int, seconds: float, pinned: bool) -> float:
    """Print one table and return the rate of ours."""
    turns_text = f"medians of {rounds} turns of {seconds:g} s"
    report.say(f"\n{size // 1024} KB bodies, AOF {fsync}, {CONNECTIONS} connections, {turns_text}")
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder)
        with (
            running_store(directory / "valkey", fsync) as store,
            running_variants(VARIANTS, store, directory / "state", pinned=pinned) as served,
        ):
            for name in VARIANTS:
                take_turn(name, served[name], size, -1, 0.5)
            turns: dict[str, list[Turn]] = {name: [] for name in VARIANTS}
            for number in range(rounds):
                for name in VARIANTS:
                    turns[name].append(take_turn(name, served[name], size, number, seconds))
                with store.client() as client:
                    client.flushall()
    return _print(report, turns, f"{size // 1024} KB, {fsync}")


def _print(report: Report, turns: dict[str, list[Turn]], label: str) -> float:
    report.say(f"  {'':<58} {'ours':>10} {'other':>10} {'ratio':>7}")
    rates = {name: statistics.median(turn.rate for turn in found) for name, found in turns.items()}
    report.result(f"door.rate ({label}) against bare route", rates["ours"], rates["bare"], "requests/s")
    report.result(f"door.rate ({label}) against enqueue in the route", rates["ours"], rates["enqueue"], "requests/s")
    for field, unit in (("p50", "ms"), ("p99", "ms"), ("cpu", "us per request")):
        values = {name: statistics.median(getattr(turn, field) for turn in found) for name, found in turns.items()}
        report.result(f"door.{field} ({label}) against bare route", values["ours"], values["bare"], unit)
        report.result(f"door.{field} ({label}) against enqueue in the route", values["ours"], values["enqueue"], unit)
    return rates["ours"]
