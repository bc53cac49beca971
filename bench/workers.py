"""What a worker costs: ours beside dramatiq's own broker and other task queues, on the same server, in one run.

    python bench/workers.py [--quick] [--json] [--cache FOLDER] [--without-peers]

Idle wake-up (from sending to the task's first line, at random gaps), throughput of one worker process on tasks that do
nothing and on tasks that wait 20 ms, and how throughput changes as the backlog grows. Ours are whole runs: from a
delivery as the receiver stores it to the first line of the handler, and to the recorded outcome. A bare actor on our
broker is shown beside them, since that is what the other systems run. Bodies are 4 KB, and 16
bytes where the backlog is what is measured. Each system is asked in turns; the figures are medians.

The peers are installed into FOLDER (a temporary one unless given), each in an environment of its own.
"""

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path

from worker_parts import rounds
from worker_parts.systems import BARE, OURS, PEERS, STOCK, STOCK_64, System, installed


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds: under a minute")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--cache", type=Path, help="where the peers are installed")
    parser.add_argument("--without-peers", action="store_true", help="dramatiq's own broker only")
    options = parser.parse_args()
    cache = options.cache or Path(tempfile.mkdtemp(prefix="vedette-bench-"))
    # Installing the peers takes longer than the quick run may.
    wants_peers = not options.without_peers and (not options.quick or options.cache is not None)
    others = [BARE, STOCK, *([] if options.quick else [STOCK_64]), *(installed(PEERS, cache) if wants_peers else [])]
    with rounds.server():
        _wake(others, options)
        _throughput(others, options)
        _backlog(options)
    return 0


def _wake(others: list[System], options: argparse.Namespace) -> None:
    count = 40 if options.quick else 200
    found = {system.name: rounds.wakes(system, count) for system in (OURS, *others)}
    for name, part in (("p50", 0.5), ("p99", 0.99)):
        values = {system: _part(times, part) for system, times in found.items()}
        _report(f"idle wake-up {name}", values, "ms", options)


def _throughput(others: list[System], options: argparse.Namespace) -> None:
    for task, count in (("noop", 10_000 if options.quick else 30_000), ("sleep", 3_000 if options.quick else 8_000)):
        found: dict[str, list[float]] = {}
        for _ in range(1 if options.quick else 3):
            for system in (OURS, *others):
                rate = rounds.rate(system, task, count)
                if rate is not None:
                    found.setdefault(system.name, []).append(rate)
        _report(
            {"noop": "no-op", "sleep": "20 ms await"}[task],
            {name: statistics.median(rates) for name, rates in found.items()},
            "tasks/s",
            options,
        )


def _backlog(options: argparse.Namespace) -> None:
    sizes = (1_000, 20_000, 100_000 if options.quick else 1_000_000)
    rates = {size: list[float]() for size in sizes}
    for _ in range(1 if options.quick else 3):
        for size, found in rates.items():
            found.append(rounds.rate(BARE, "noop", size, body=16) or 0.0)
    middle = {size: statistics.median(found) for size, found in rates.items()}
    large = sizes[-1]
    for size in sizes[:-1]:
        _line(f"backlog of {large}", middle[large], f"bare, {size}", middle[size], "tasks/s", options)


def _part(times: list[float], part: float) -> float:
    return times[min(len(times) - 1, int(len(times) * part))] if times else float("nan")


def _report(name: str, values: dict[str, float], unit: str, options: argparse.Namespace) -> None:
    ours = values.pop(OURS.name, float("nan"))
    for other, value in values.items():
        _line(name, ours, other, value, unit, options)


def _line(name: str, ours: float, other: str, value: float, unit: str, options: argparse.Namespace) -> None:
    ratio = ours / value if value else float("nan")
    if options.json:
        line = {"name": f"{name} / {other}", "ours": round(ours, 2), "other": round(value, 2), "ratio": round(ratio, 3)}
        print(json.dumps({**line, "unit": unit}), flush=True)
    else:
        print(f"{name:20} ours {ours:10.1f}   {other:22} {value:10.1f} {unit:8} ratio {ratio:.2f}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
