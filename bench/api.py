"""The client of Sentry's Web API: what its comfort costs, and how well processes share a limit.

    python bench/api.py [--quick] [--json]

1. Calls a second and processor time per call, against plain httpx2 doing the same requests, on one connection each.
2. Four processes at full speed against a limit of 40 calls a second and 25 at once: how much of the allowance is used,
   how many answers are 429, and how long a person's call waits.
"""

import argparse
import asyncio
import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import httpx2  # noqa: E402  # found through the line above when run as a script

from bench.api_parts.serve import ORGANIZATION, TOKEN  # noqa: E402
from vedette._core.logging_setup import configure_logging  # noqa: E402
from vedette.api import HttpTransport, RetryingTransport, Sentry, credential  # noqa: E402
from vedette.store.server.embedded import find_server, server_command, socket_url  # noqa: E402

PROCESSES = 4
_LEAD = 0.5
"""Seconds between the order to begin and the beginning."""
ALLOWED = 40
"""Calls a second."""


@contextmanager
def process(*command: str | Path, stdin: int | None = None) -> Generator[subprocess.Popen[str], None, None]:
    """A process that ends with the block."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    started = subprocess.Popen(  # noqa: S603  # our own parts and the server we found
        [str(part) for part in command], stdin=stdin, stdout=subprocess.PIPE, text=True, env=environment
    )
    try:
        yield started
    finally:
        started.send_signal(signal.SIGTERM)
        started.wait(10)


@contextmanager
def server(variant: str) -> Generator[str, None, None]:
    """The URL of a server of the benchmark."""
    with process(sys.executable, ROOT / "bench/api_parts/serve.py", variant) as running:
        assert running.stdout is not None
        yield running.stdout.readline().strip()


@contextmanager
def valkey() -> Generator[str, None, None]:
    """The URL of a real Valkey."""
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder)
        with process(*server_command(find_server(), directory, durable=False)):
            url = socket_url(directory)
            while not Path(url.removeprefix("unix://")).exists():
                time.sleep(0.02)
            yield url


async def measure(call: Callable[[], Awaitable[object]], seconds: float) -> tuple[float, float]:
    """Calls a second, and microseconds of processor time a call."""
    for _ in range(50):
        await call()
    calls, began, used = 0, time.perf_counter(), time.process_time()
    while time.perf_counter() - began < seconds:
        for _ in range(20):
            await call()
        calls += 20
    return calls / (time.perf_counter() - began), (time.process_time() - used) / calls * 1e6


async def against_httpx2(
    url: str, seconds: float, rounds: int
) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """Ours and theirs, in turns, so that what else the machine does meets both."""
    path = f"{url}/api/0/organizations/{ORGANIZATION}/issues/42/"
    results: list[tuple[tuple[float, float], tuple[float, float]]] = []
    async with (
        HttpTransport(url, credential(TOKEN)) as http,
        httpx2.AsyncClient(headers={"Authorization": f"Bearer {TOKEN}"}) as plain,
    ):
        sentry = Sentry(organization=ORGANIZATION, transport=RetryingTransport(http))

        async def theirs() -> object:
            return (await plain.get(path)).json()

        for _ in range(rounds):
            ours = await measure(lambda: sentry.issues.get("42"), seconds)
            results.append((ours, await measure(theirs, seconds)))
    return results


def flood(url: str, redis_url: str, seconds: int, lanes: list[tuple[str, str, str]]) -> list[dict[str, Any]]:
    """Call in several processes at once, and return what each saw.

    Args:
        url: The simulated Sentry.
        redis_url: Where the limit is counted.
        seconds: For how long to call.
        lanes: For each process its lane, how many calls it makes at a time, and the seconds between them.
    """
    part = ROOT / "bench/api_parts/flood.py"
    with ExitStack() as stack:
        running: list[subprocess.Popen[str]] = [
            stack.enter_context(
                process(sys.executable, part, url, redis_url, str(seconds), *lane, stdin=subprocess.PIPE)
            )
            for lane in lanes
        ]
        for each in running:
            assert each.stdout is not None
            assert each.stdout.readline() == "ready\n"
        begin = f"{time.time() + _LEAD}\n"
        for each in running:
            assert each.stdin is not None
            each.stdin.write(begin)
            each.stdin.flush()
        return [json.loads(each.communicate(timeout=seconds + 60)[0]) for each in running]


def line(name: str, ours: float, other: float, unit: str) -> dict[str, Any]:
    """One result."""
    ratio = round(ours / other, 4) if other else None
    return {"name": name, "ours": round(ours, 3), "other": round(other, 3), "ratio": ratio, "unit": unit}


def compare(quick: bool) -> list[dict[str, Any]]:
    """The first half."""
    with server("plain") as url:
        results = asyncio.run(against_httpx2(url, 1.0 if quick else 3.0, 3))
    ours = [sum(each[0][index] for each in results) / len(results) for index in (0, 1)]
    other = [sum(each[1][index] for each in results) / len(results) for index in (0, 1)]
    return [
        line("api.calls (other: plain httpx2)", ours[0], other[0], "calls/s"),
        line("api.processor_time (other: plain httpx2)", ours[1], other[1], "us/call"),
    ]


def limits(quick: bool) -> list[dict[str, Any]]:
    """The second half."""
    seconds = 10 if quick else 30
    with valkey() as redis_url, server("limited") as url:
        # The last one calls as a person does, now and then.
        lanes = [("WEBHOOK", "12", "0")] * PROCESSES + [("PERSON", "1", "0.33")]
        seen = flood(url, redis_url, seconds, lanes)
    answered = sum(each["answered"] for each in seen)
    limited = sum(each["limited"] for each in seen)
    sent = sum(each["sent"] for each in seen)
    waits = sorted(wait * 1000 for wait in seen[-1]["waits"])
    failed = sum(each["failed"] for each in seen)
    return [
        line("api.limit.used (other: the allowance)", sent - limited, ALLOWED * seconds, "calls"),
        line("api.limit.429 (other: all answers)", limited, answered + limited, "answers"),
        line("api.limit.person_waits_longest (other: 100 ms)", waits[-1], 100.0, "ms"),
        line("api.limit.person_waits_median (other: 100 ms)", waits[len(waits) // 2], 100.0, "ms"),
        line("api.limit.failed (other: all answers)", failed, answered + limited, "answers"),
    ]


def main() -> None:
    """Run, and print a line for each result."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="under a minute")
    parser.add_argument("--json", action="store_true", help="one object a line")
    options = parser.parse_args()
    configure_logging(level=logging.WARNING)
    for result in [*compare(options.quick), *limits(options.quick)]:
        if options.json:
            print(json.dumps(result))
        else:
            values = f"{result['ours']:>10} {result['other']:>10} {result['unit']:<8} x{result['ratio']}"
            print(f"{result['name']:<48} {values}")


if __name__ == "__main__":
    main()
