"""How soon a delivery is answered at half of saturation, with Redis up, frozen and down; and that none is lost."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import uvloop

from door_parts.check import verify, wait_for_empty_spool
from door_parts.load import Requests, opened
from door_parts.report import Report
from door_parts.servers import Store, running_store, running_variants

HOLD = {"up": 20.0, "frozen": 200.0, "down": 50.0}
"""Milliseconds within which 99 of 100 answers are to come."""


_EMPTYING = 10.0


def planned(seconds: float) -> float:
    """Return about how many seconds it takes."""
    return len(HOLD) * (seconds + _EMPTYING)


def measure(report: Report, *, rate: float, seconds: float, size: int, pinned: bool) -> None:
    """Print the latencies beside what they are held against."""
    report.say(f"\n{rate:.0f} deliveries/s of {size // 1024} KB for {seconds:g} s each, open model, AOF everysec")
    report.say(f"  {'':<58} {'ours':>10} {'to hold':>10} {'ratio':>7}")
    accepted: list[bytes] = []
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder)
        with (
            running_store(directory / "valkey", "everysec") as store,
            running_variants(("ours",), store, directory / "state", pinned=pinned) as served,
        ):
            url, port = served["ours"].url, served["ours"].port
            uvloop.run(opened(port, Requests(size, run="warm-"), rate=rate / 2, seconds=1))
            store.empty()
            for state, (begin, end) in _states(store).items():
                report.step(seconds + _EMPTYING, f"half load, Redis {state}")
                begin()
                result = uvloop.run(opened(port, Requests(size, run=f"{state}-"), rate=rate, seconds=seconds))
                end()
                wait_for_empty_spool(url)
                accepted += result.accepted
                for share, name in ((0.5, "p50"), (0.99, "p99"), (0.999, "p99.9")):
                    hold = HOLD[state] if name == "p99" else float("nan")
                    report.result(f"door.half_load.{name}, Redis {state}", result.percentile(share), hold, "ms")
                refused = result.broken + sum(count for status, count in result.statuses.items() if status != 202)
                report.must(f"door.half_load.refused, Redis {state}", refused, 0, "requests")
            verdict = verify(store, accepted)
    report.must("door.half_load.lost", verdict.lost, 0, f"of {verdict.accepted} accepted deliveries")
    report.must("door.half_load.doubled", verdict.doubled, 0, f"of {verdict.accepted} accepted deliveries")


def _states(store: Store) -> dict[str, tuple[Callable[[], None], Callable[[], None]]]:
    return {
        "up": (_nothing, _nothing),
        "frozen": (store.freeze, store.resume),
        "down": (store.kill, store.start),
    }


def _nothing() -> None:
    pass
