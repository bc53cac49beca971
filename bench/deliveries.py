"""Measures whole deliveries, from the webhook to the effect in Sentry, beside task queues that do the same work.

    python bench/deliveries.py [--quick] [--json] [--cache FOLDER] [--without-peers] [--against COMMIT]

1. A backlog of each kind (unwanted; a handler that does nothing; ten rules of which none matches; a GET and one write;
   four writes): deliveries a second, and for each the processor time of receiver, workers and Valkey, the commands that
   Valkey carried out, its reads from sockets.
2. With --against, the same of an older commit, in turns: a worker's processor time is to be a third of it.
3. From sending a webhook to the arrival of its write, of single deliveries: p50 and p99; Python calls of a worker.
4. In full: two and four worker processes, and an append-only file that is synced with every write.

Sentry is a process that answers at once (bench/delivery_parts/thin_sentry.py). The peers are a Starlette route that
checks the HMAC and queues, and one worker process that does the same GET and PUT; bench/delivery_parts/peers.py pins
their versions, and each is installed into FOLDER. It exits with 1 if a figure misses its goal, with 3 if the machine
was too busy to judge.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from bench.delivery_parts.ours import Ours, worktree  # noqa: E402 - found through the line above when run as a script
from bench.delivery_parts.peers import installed  # noqa: E402
from bench.delivery_parts.processes import free_port, process, wait_for_port  # noqa: E402
from bench.delivery_parts.rounds import Figures, Load, median  # noqa: E402
from bench.delivery_parts.system import CASES, System  # noqa: E402
from bench.delivery_parts.verdict import Results, missed  # noqa: E402
from bench.machine import look  # noqa: E402
from vedette.store.server.embedded import find_server, server_command  # noqa: E402

COUNTS = {"unwanted": 3000, "no-op": 2000, "no match": 1500, "one write": 600, "four writes": 300}
_BUSY = 3
_PEER_CASES = ("no-op", "one write")


@contextmanager
def loaded(fsync: str) -> Generator[Load]:
    """Run a Valkey with an append-only file, and the thin Sentry."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        port = free_port()
        # Over TCP, since not every peer speaks to a unix socket.
        command = [*server_command(find_server(), folder), "--appendfsync", fsync, "--port", str(port)]
        stack.enter_context(process(*command, "--bind", "127.0.0.1", folder=folder))
        sentry = stack.enter_context(
            process(sys.executable, ROOT / "bench/delivery_parts/thin_sentry.py", folder=folder, PYTHONPATH=str(ROOT))
        )
        wait_for_port(port)
        assert sentry.stdout is not None
        yield Load(f"redis://127.0.0.1:{port}/0", sentry.stdout.readline().strip())


class Run:
    """One run of the benchmark."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._share = 0.3 if options.quick else 1.0
        self._rounds = 1 if options.quick else 3
        self.results = Results()

    def backlogs(self, systems: Sequence[System], fsync: str, *, workers: int = 1) -> None:
        """Measure the backlogs, the systems in turns."""
        with loaded(fsync) as load:
            for case in CASES:
                of_case = [each for each in systems if isinstance(each, Ours) or case in _PEER_CASES]
                found: dict[str, list[Figures]] = {each.name: [] for each in of_case}
                for number in range(self._rounds):
                    for each in of_case[number % len(of_case) :] + of_case[: number % len(of_case)]:
                        count = max(100, int(COUNTS[case] * self._share))
                        found[each.name].append(load.backlog(each, case, count, workers=workers))
                for name, figures in found.items():
                    label = case if (fsync, workers) == ("everysec", 1) else f"{case}, {fsync}, {workers} workers"
                    self._print(label, name, median(figures))
                    self.results.figures[label, name] = median(figures)

    def calls(self, systems: Sequence[Ours]) -> None:
        """Count Python calls, which no other program disturbs."""
        with loaded("everysec") as load:
            for each in systems:
                for case in CASES:
                    found = load.calls(replace(each, counts_calls=True), case, 100 if self._options.quick else 400)
                    self.results.calls[case, each.name] = found
                    line = {"name": "Python calls", "case": case, "system": each.name, "calls": round(found)}
                    self._say(line, f"{case:24} {each.name:16} {found:7.0f} Python calls of the worker")

    def latencies(self, systems: Sequence[System]) -> None:
        """Measure single deliveries."""
        with loaded("everysec") as load:
            for each in systems:
                times = load.latencies(each, 40 if self._options.quick else 200)
                middle, late = times[len(times) // 2], times[int(len(times) * 0.99)]
                self.results.latencies[each.name] = (middle, late)
                line = {"name": "latency", "system": each.name, "p50": round(middle, 2), "p99": round(late, 2)}
                self._say(line, f"{'sent to effect':24} {each.name:16} p50 {middle:7.1f} ms  p99 {late:7.1f} ms")

    def _print(self, label: str, name: str, found: Figures) -> None:
        text = (
            f"{label:24} {name:16} {found.rate:7.0f}/s  CPU us: receiver {found.receiver:5.0f}, worker "
            f"{found.worker:5.0f}, Valkey {found.valkey:5.0f}  commands {found.commands:5.1f}  reads {found.reads:4.1f}"
        )
        values = {key: round(value, 2) for key, value in asdict(found).items()}
        self._say({"name": label, "system": name, **values}, text)

    def _say(self, values: dict[str, Any], text: str) -> None:
        print(json.dumps(values) if self._options.json else text, flush=True)


def main() -> int:
    """Measure, print, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="under four minutes: one short round, one worker")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--cache", type=Path, help="where the peers are installed; without it a quick run has none")
    parser.add_argument("--without-peers", action="store_true", help="Vedette alone")
    parser.add_argument("--against", metavar="COMMIT", help="an older commit to compare with, in turns")
    options = parser.parse_args()
    machine, run = look(), Run(options)
    print(machine.describe(), file=sys.stderr)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        ours = [Ours("ours")]
        if options.against:
            ours.append(Ours("before", stack.enter_context(worktree(options.against, folder))))
        wants_peers = not options.without_peers and (not options.quick or options.cache is not None)
        peers = installed(options.cache or folder) if wants_peers else []
        run.backlogs([*ours, *peers], "everysec")
        run.latencies([*ours, *peers])
        run.calls(ours)
        if not options.quick:
            run.backlogs(ours, "always")
            for workers in (2, 4):
                run.backlogs(ours, "everysec", workers=workers)
    sentences = missed(run.results)
    for sentence in sentences:
        print(f"missed: {sentence}", file=sys.stderr)
    if problem := machine.problem():
        print(f"too busy to judge: {problem}", file=sys.stderr)
        return _BUSY
    return 1 if sentences else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as error:
        sys.exit(f"{error}: {error.stderr!r}")
