"""Triage rules: how quickly they are decided, and the cost of a backtest.

    python bench/rules.py [--quick] [--json]

1. Evaluations a second of 100 rules on 10 000 events, on one core, against the loop that one would write oneself: the
   searches are parsed once, and each is evaluated on the facts of each event.
2. A hundred rules on one event, in milliseconds, against 5 ms.
3. `vedette rules backtest` on a simulated organization of 100 000 issues at sentry.io's limits (--quick: 2 000), killed
   once on its way: calls against reading the history of every issue, memory against 300 MiB, seconds against the time
   that the limit alone imposes; answers 429; and figures that differ from the truth that was planted.
"""

import argparse
import asyncio
import json
import logging
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import httpx2  # noqa: E402  # found through the line above when run as a script

from bench.rules_parts.events import bodies, hundred_rules  # noqa: E402
from bench.rules_parts.serve import ORGANIZATION, TOKEN  # noqa: E402
from vedette._core.logging_setup import configure_logging  # noqa: E402
from vedette.events import Event, parse  # noqa: E402
from vedette.rules import Engine, RuleSet, subject_of  # noqa: E402
from vedette.search import Query, Verdict, facts_of  # noqa: E402
from vedette.search import parse as read_search  # noqa: E402
from vedette.store.server.embedded import find_server, server_command, socket_url  # noqa: E402

ALLOWED = 40
"""Calls a second on sentry.io."""
MEBIBYTE = 1024


def line(name: str, ours: float, other: float, unit: str) -> dict[str, Any]:
    """One result."""
    ratio = round(ours / other, 4) if other else None
    return {"name": name, "ours": round(ours, 3), "other": round(other, 3), "ratio": ratio, "unit": unit}


async def decide(engine: Engine, events: list[Event]) -> int:
    """Decide all events; return how many rules were considered."""
    return sum([len((await engine.decide(subject_of(event))).considered) for event in events])


def parse_once(rules: RuleSet) -> list[Query]:
    """Return the searches of the rules, as one's own loop keeps them."""
    return [read_search(rule.when.text) for rule in rules if rule.when is not None]


def decide_in_a_loop(searches: list[Query], events: list[Event]) -> int:
    """The same by a plain loop."""
    considered = 0
    for event in events:
        facts = facts_of(event)
        for search in searches:
            considered += search.evaluate(facts) in Verdict
    return considered


def evaluations(quick: bool) -> list[dict[str, Any]]:
    """The first two parts; in turns, so that what else the machine does meets both."""
    searches, engine = parse_once(hundred_rules()), Engine(hundred_rules())
    events = [parse("issue", body) for body in bodies(1_000 if quick else 10_000)]
    asyncio.run(decide(engine, events[:100]))
    rates: list[tuple[float, float]] = []
    rounds = 3
    for number in range(rounds):
        some = events[number * len(events) // rounds : (number + 1) * len(events) // rounds]
        began = time.process_time()
        considered = asyncio.run(decide(engine, some))
        ours = considered / (time.process_time() - began)
        began = time.process_time()
        considered = decide_in_a_loop(searches, some)
        rates.append((ours, considered / (time.process_time() - began)))
    ours, other = (statistics.median(each[place] for each in rates) for place in (0, 1))
    return [
        line("rules.evaluations (other: a loop over parsed searches)", ours, other, "1/s"),
        line("rules.hundred_on_one_event (other: 5 ms)", one_event(engine, events), 5.0, "ms"),
    ]


def one_event(engine: Engine, events: list[Event]) -> float:
    """Milliseconds that a hundred rules take on one event, the 99th of a hundred."""

    async def each() -> list[float]:
        taken: list[float] = []
        for event in events[:1_000]:
            began = time.process_time()
            await engine.decide(subject_of(event))
            taken.append((time.process_time() - began) * 1000)
        return taken

    return statistics.quantiles(asyncio.run(each()), n=100)[98]


@contextmanager
def process(*command: str | Path, environment: dict[str, str] | None = None) -> Generator[subprocess.Popen[str]]:
    """A process that ends with the block."""
    started = subprocess.Popen(  # noqa: S603  # our own parts and the server we found
        [str(part) for part in command],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})},
    )
    try:
        yield started
    finally:
        started.send_signal(signal.SIGTERM)
        started.wait(20)


@contextmanager
def valkey(folder: Path) -> Generator[str]:
    """The URL of a real Valkey, where the limit is shared."""
    with process(*server_command(find_server(), folder, durable=False)):
        url = socket_url(folder)
        while not Path(url.removeprefix("unix://")).exists():
            time.sleep(0.02)
        yield url


def trial(quick: bool) -> list[dict[str, Any]]:
    """The third part."""
    issues = 2_000 if quick else 100_000
    with (
        tempfile.TemporaryDirectory() as folder,
        valkey(Path(folder) / "valkey") as redis_url,
        process(sys.executable, ROOT / "bench/rules_parts/serve.py", str(issues)) as serving,
    ):
        assert serving.stdout is not None
        served = json.loads(serving.stdout.readline())
        home = Path(folder) / "home"
        home.mkdir()
        page = (ROOT / "docs/backtest.md").read_text(encoding="utf-8")
        found = re.search(r"^```toml\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
        assert found is not None
        (home / "triage.toml").write_text(found[1], encoding="utf-8")
        environment = settings_of(served["url"], redis_url, home)
        began = time.monotonic()
        kill_one(environment, home, served["url"], issues // 100 // 2)
        lines, memory = run_one(environment, home)
        seconds = time.monotonic() - began
        state = state_of(served["url"])
    return results(issues, lines, memory, seconds, state, served["truth"])


def settings_of(url: str, redis_url: str, home: Path) -> dict[str, str]:
    """Variables of an installation."""
    return {
        "VEDETTE_SENTRY_URL": url,
        "VEDETTE_ORGANIZATION": ORGANIZATION,
        "VEDETTE_TOKEN": TOKEN,
        "VEDETTE_CLIENT_SECRET": "c" * 64,
        "VEDETTE_REDIS_URL": redis_url,
        "VEDETTE_STATE_DIR": str(home / "state"),
    }


def command(environment: dict[str, str], home: Path) -> subprocess.Popen[bytes]:
    """`vedette rules backtest`, started; its lines go into a file."""
    with (home / "lines").open("w") as stream:
        return subprocess.Popen(
            [sys.executable, "-m", "console", "rules", "backtest", "--json"],
            cwd=home,
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
            stdout=stream,
        )


def kill_one(environment: dict[str, str], home: Path, url: str, calls: int) -> None:
    """Start a trial, and kill it after so many calls."""
    started = command(environment, home)
    while state_of(url)["calls"] < calls:
        time.sleep(0.2)
    started.kill()
    started.wait()


def run_one(environment: dict[str, str], home: Path) -> tuple[list[dict[str, Any]], int]:
    """Run a backtest to its end; return its output, and its peak size in KiB."""
    started, memory = command(environment, home), 0
    # What the kernel accounts to an ended child counts this process's own memory too, from before the exec.
    while started.poll() is None:
        told = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{started.pid}/status").read_text())
        memory = int(told[1]) if told else memory
        time.sleep(0.05)
    assert started.returncode == 0
    return [json.loads(text) for text in (home / "lines").read_text().splitlines()], memory


def state_of(url: str) -> dict[str, Any]:
    """What the simulated Sentry counted."""
    return httpx2.get(f"{url}/_simulator/state?issues=0", trust_env=False, timeout=60).json()


def results(
    issues: int, lines: list[dict[str, Any]], memory: int, seconds: float, state: dict[str, Any], truth: dict[str, Any]
) -> list[dict[str, Any]]:
    """The lines of the third part."""
    rules = {each["rule"]: each for each in lines if each["kind"] == "rule"}
    keys = ("agreed", "disagreed", "nobody")
    wrong = sum(rules[name][key] != habit[key] for name, habit in truth["habits"].items() for key in keys)
    name = f"rules.backtest_{issues}"
    return [
        line(f"{name}.calls (other: every history)", state["calls"], issues // 100 + issues, "calls"),
        line(f"{name}.time (other: the limit alone)", seconds, state["calls"] / ALLOWED, "s"),
        line(f"{name}.memory (other: 300 MiB)", memory / MEBIBYTE, 300, "MiB"),
        line(f"{name}.429 (other: calls)", state["limited"], state["calls"], "answers"),
        line(f"{name}.figures_off (other: figures planted)", wrong, len(truth["habits"]) * len(keys), "figures"),
    ]


def main() -> None:
    """Run, and print a line for each result."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="under a minute")
    parser.add_argument("--json", action="store_true", help="one object a line")
    options = parser.parse_args()
    configure_logging(level=logging.WARNING)
    for part in (evaluations, trial):
        for result in part(options.quick):
            values = f"{result['ours']:>12} {result['other']:>10} {result['unit']:<8} x{result['ratio']}"
            print(json.dumps(result) if options.json else f"{result['name']:<56} {values}", flush=True)


if __name__ == "__main__":
    main()
