"""Measures the receiver beside a bare route and a first version, in turns, then at half load with Redis failing.

    python bench/receiver.py [--quick] [--json]

Each server process has one core to itself; Valkey shares the other with the load generator, so where there are two
cores only, Valkey's share slows the generator and with it ours: the ratios are a lower bound. At saturation bodies
under 16 KB are kept as they came (see receiver/ingest/compression.py); at half load they are compressed as far as there
is time. It exits with 1 when a delivery was lost, doubled or rejected or a figure misses its goal, and with 3 when the
machine was too busy to judge.
"""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from receiver_parts import half_load, throughput  # noqa: E402 - found through the line above when run as a script
from receiver_parts.report import Report  # noqa: E402
from receiver_parts.servers import OTHERS_CORE, pin, pinning  # noqa: E402

from bench.machine import look  # noqa: E402

KB = 1024
_BUSY = 3


def main() -> int:
    """Run the benchmark, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="10 KB bodies only, under a minute")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    options = parser.parse_args()
    machine, report = look(), Report(as_json=options.json)
    report.say(machine.describe())
    pinned = pin(OTHERS_CORE)
    report.say(pinning(pinned=pinned))
    sizes = (10 * KB,) if options.quick else (2 * KB, 10 * KB, 60 * KB)
    rounds, seconds = (7, 0.4) if options.quick else (21, 0.7)
    synced = ("everysec",) if options.quick else ("everysec", "always")
    half = 7.0 if options.quick else 20.0
    report.plan(len(synced) * len(sizes) * throughput.planned(rounds, seconds) + half_load.planned(half))
    for fsync in synced:
        for size in sizes:
            throughput.measure(report, size=size, fsync=fsync, rounds=rounds, seconds=seconds, pinned=pinned)
    half_load.measure(report, seconds=half, size=10 * KB, pinned=pinned)
    if problem := machine.problem():
        print(f"too busy to judge: {problem}", file=sys.stderr)
        return _BUSY
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
