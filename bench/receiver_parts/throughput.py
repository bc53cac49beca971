"""How many deliveries a second each variant takes, in short turns so that all meet the same machine.

A round is one turn of each, begun by another one each time: what a turn leaves to the system, such as pages to write to
the disk, is not always the same one's burden. A machine's speed can change by a third within seconds, so variants are
compared within each round, and what is printed is the median of the rounds' ratios.
"""

import os
import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path

import uvloop

from receiver_parts.load_generator import Requests, closed
from receiver_parts.report import Report
from receiver_parts.servers import Served, Store, running_store, running_variants

VARIANTS = ("bare", "enqueue", "ours")
CONNECTIONS = 64
LEAST_SHARE = {"10 KB, everysec": 0.8, "60 KB, everysec": 0.7}
"""The share of the bare route's rate to hold, by table."""
_WARM_UP = 0.5
_STARTING = 4.0
_BESIDE = ("valkey_cpu", "generator_cpu")


@dataclass(frozen=True)
class Turn:
    """One variant's figures over one turn."""

    rate: float
    p50: float
    p99: float
    cpu: float
    """Microseconds of processor time per request in the variant's server."""
    valkey_cpu: float
    """The same in Valkey."""
    generator_cpu: float
    """The same in the load generator."""


def take_turn(name: str, served: Served, store: Store, size: int, number: int, seconds: float) -> Turn:
    """Load one variant for a while."""
    requests = Requests(size, run=f"{name}-{size}-{number}-")
    before = _used(served, store)
    result = uvloop.run(closed(served.port, requests, connections=CONNECTIONS, seconds=seconds))
    if set(result.statuses) != {202}:
        raise RuntimeError(f"{name} answered {result.statuses}")
    per_request = (
        (after - earlier) / len(result.latencies) * 1e6
        for after, earlier in zip(_used(served, store), before, strict=True)
    )
    return Turn(result.rate, result.percentile(0.5), result.percentile(0.99), *per_request)


def _used(served: Served, store: Store) -> tuple[float, float, float]:
    own = os.times()
    return served.cpu_seconds(), store.cpu_seconds(), own.user + own.system


def planned(rounds: int, seconds: float) -> float:
    """Return about how many seconds one table takes."""
    return _STARTING + len(VARIANTS) * (_WARM_UP + rounds * seconds)


def measure(report: Report, *, size: int, fsync: str, rounds: int, seconds: float, pinned: bool) -> None:
    """Print one table."""
    turns_text = f"medians of {rounds} turns of {seconds:g} s"
    report.say(f"\n{size // 1024} KB bodies, AOF {fsync}, {CONNECTIONS} connections, {turns_text}")
    label = f"{size // 1024} KB, {fsync}"
    report.step(_STARTING, f"{label}: starting")
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder)
        with (
            running_store(directory / "valkey", fsync) as store,
            running_variants(VARIANTS, store, directory / "state", pinned=pinned) as served,
        ):
            turns: dict[str, list[Turn]] = {name: [] for name in VARIANTS}
            for number in range(-1, rounds):
                first = number % len(VARIANTS)
                for name in VARIANTS[first:] + VARIANTS[:first]:
                    length = _WARM_UP if number < 0 else seconds
                    report.step(length, f"{label}: {name}")
                    turn = take_turn(name, served[name], store, size, number, length)
                    if number >= 0:
                        turns[name].append(turn)
                    store.empty()
    _print(report, turns, label)


def _print(report: Report, turns: dict[str, list[Turn]], label: str) -> None:
    report.say(f"  {'':<58} {'ours':>10} {'other':>10} {'ratio':>7}")
    for other, of in (("bare", "against bare route"), ("enqueue", "against enqueue in the route")):
        for field, unit in (("rate", "requests/s"), ("p50", "ms"), ("p99", "ms"), ("cpu", "us per request")):
            ours, others = ([getattr(turn, field) for turn in turns[name]] for name in ("ours", other))
            ratio = statistics.median(mine / theirs for mine, theirs in zip(ours, others, strict=True))
            name = f"door.{field} ({label}) {of}"
            report.result(name, statistics.median(ours), statistics.median(others), unit, ratio=ratio)
            if (other, field) == ("bare", "rate") and label in LEAST_SHARE:
                report.at_least(f"door.rate ({label}) share of the bare route", ratio, LEAST_SHARE[label], "of it")
    valkey, generator = (statistics.median(getattr(turn, field) for turn in turns["ours"]) for field in _BESIDE)
    report.say(f"  beside the server, for each delivery: Valkey {valkey:.0f} us, load generator {generator:.0f} us")
