"""Measures response times at half of saturation, with Redis up, frozen and down, and checks that none is lost.

Saturation is measured right before each of the three, with Redis up, since a machine's speed can change within minutes.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path

import uvloop

from receiver_parts.load_generator import Requests, closed, opened
from receiver_parts.report import Report
from receiver_parts.servers import Served, Store, running_store, running_variants
from receiver_parts.throughput import CONNECTIONS
from receiver_parts.verification import verify, wait_for_empty_spool

HOLD = {"up": 20.0, "frozen": 200.0, "down": 50.0}
"""Milliseconds within which 99 of 100 answers are to come."""


_EMPTYING = 10.0
_SATURATING = 0.15
"""The time for which saturation is measured, as a part of the load's."""


def planned(seconds: float) -> float:
    """Return about how many seconds it takes."""
    return len(HOLD) * (seconds * (1 + _SATURATING) + _EMPTYING)


def measure(report: Report, *, seconds: float, size: int, pinned: bool) -> None:
    """Print the latencies beside the limits."""
    report.say(f"\nhalf load: {size // 1024} KB bodies for {seconds:g} s each, open model, AOF everysec")
    report.say(f"  {'':<58} {'ours':>10} {'against':>10} {'ratio':>7}")
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder)
        with (
            running_store(directory / "valkey", "everysec") as store,
            running_variants(("ours",), store, directory / "state", pinned=pinned) as served,
        ):
            ours = served["ours"]
            for state, (begin, end) in _states(store).items():
                report.step(seconds * _SATURATING, f"saturation, Redis {state} next")
                store.reset()
                saturation = _saturation(ours, size, state, seconds * _SATURATING)
                store.reset()
                report.step(seconds + _EMPTYING, f"half load, Redis {state}")
                begin()
                load = opened(ours.port, Requests(size, run=f"{state}-"), rate=saturation / 2, seconds=seconds)
                result = uvloop.run(load)
                end()
                wait_for_empty_spool(ours.url)
                verdict = verify(store, result.accepted)
                report.result(f"door.half_load.rate, Redis {state}", saturation / 2, saturation, "deliveries/s")
                for share, name in ((0.5, "p50"), (0.999, "p99.9")):
                    report.result(f"door.half_load.{name}, Redis {state}", result.percentile(share), float("nan"), "ms")
                report.at_most(f"door.half_load.p99, Redis {state}", result.percentile(0.99), HOLD[state], "ms")
                refused = result.broken + sum(count for status, count in result.statuses.items() if status != 202)
                report.must(f"door.half_load.refused, Redis {state}", refused, 0, "requests")
                accepted = f"of {verdict.accepted} accepted deliveries"
                report.must(f"door.half_load.lost, Redis {state}", verdict.lost, 0, accepted)
                report.must(f"door.half_load.doubled, Redis {state}", verdict.doubled, 0, accepted)


def _saturation(served: Served, size: int, state: str, seconds: float) -> float:
    """Return how many deliveries a second it takes now."""
    requests = Requests(size, run=f"before-{state}-")
    result = uvloop.run(closed(served.port, requests, connections=CONNECTIONS, seconds=seconds))
    return result.rate


def _states(store: Store) -> dict[str, tuple[Callable[[], None], Callable[[], None]]]:
    return {
        "up": (_nothing, _nothing),
        "frozen": (store.freeze, store.resume),
        "down": (store.kill, store.start),
    }


def _nothing() -> None:
    pass
