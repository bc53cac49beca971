"""The agent gateway: what it adds to a call of Sentry's API, and how many calls one process passes on.

    python bench/gateway.py [--quick] [--json]

1. Added latency: the same request directly to Sentry and through the gateway, in turns, on one kept connection each: an
   issue (2 kB), a write (an update of an issue, with its two entries in the audit), a list of 100 issues (170 kB).
2. Calls a second of one gateway process with 8 clients, and the processor time of a call.

Sentry's answers are captured from the simulated one (bench/gateway_parts/sentry.py); Valkey keeps nothing on disk. It
exits with 1 if a figure misses its goal.
"""

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from bench.gateway_parts.keep_alive import KeepAlive  # noqa: E402  # found through the line above when run as a script
from vedette.store.server.embedded import find_server, server_command, socket_url  # noqa: E402

TOKEN = "sntryi_" + "a" * 64
AGENT = "bench"
SETTINGS = f"""
[agents.{AGENT}]
mode = "act"
[agents.{AGENT}.may]
issues = "read"
triage = "write"
[gateway]
port = 0
[access]
writes_per_issue_per_hour = 1000000
"""
GOALS = {"one": (3.0, 15.0), "write": (3.0, 15.0), "list": (4.0, 15.0)}
"""Milliseconds that may be added at the median and at the 99th percentile."""
CALLS_A_SECOND = 300
LISTING = "/api/0/organizations/acme/issues/?limit=100"
CLIENTS = 8


@contextmanager
def process(*command: str | Path, **variables: str) -> Generator[subprocess.Popen[str], None, None]:
    """A process that ends with the block."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("VEDETTE_")}
    environment = {**inherited, "PYTHONPATH": str(ROOT), **variables}
    started = subprocess.Popen(  # noqa: S603  # our own parts and the server we found
        [str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    )
    try:
        yield started
    finally:
        started.send_signal(signal.SIGTERM)
        started.wait(10)


@dataclass
class Setting:
    """The processes of the benchmark."""

    sentry: str
    gateway: str
    token: str
    one: str
    sizes: dict[str, int]
    gateway_pid: int

    def requests(self) -> dict[str, tuple[str, str, bytes]]:
        """Each measured request: its method, target and body."""
        body = b'{"status":"unresolved"}'
        return {"one": ("GET", self.one, b""), "write": ("PUT", self.one, body), "list": ("GET", LISTING, b"")}


def start(stack: ExitStack) -> Setting:
    """Start Valkey, Sentry and the gateway; they end with the stack."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    stack.enter_context(process(*server_command(find_server(), folder, durable=False)))
    redis_url = socket_url(folder)
    while not Path(redis_url.removeprefix("unix://")).exists():
        time.sleep(0.02)
    sentry = stack.enter_context(process(sys.executable, ROOT / "bench/gateway_parts/sentry.py"))
    assert sentry.stdout is not None
    about = json.loads(sentry.stdout.readline())
    (folder / "vedette.toml").write_text(SETTINGS, encoding="utf-8")
    variables = {
        "VEDETTE_CONFIG": str(folder / "vedette.toml"),
        "VEDETTE_REDIS_URL": redis_url,
        "VEDETTE_CLIENT_SECRET": "s" * 32,
        "VEDETTE_TOKEN": TOKEN,
        "VEDETTE_ORGANIZATION": "acme",
        "VEDETTE_SENTRY_URL": about["url"],
        "VEDETTE_STATE_DIR": str(folder / "state"),
    }
    made = subprocess.run(  # noqa: S603  # our own command
        [sys.executable, "-c", NEW_AGENT, redis_url, AGENT],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    gateway = stack.enter_context(process(sys.executable, "-m", "console", "gateway", **variables))
    assert gateway.stdout is not None
    url = gateway.stdout.readline().split()[-1]
    # What it writes later must not fill the pipe.
    threading.Thread(target=gateway.stdout.read, daemon=True).start()
    return Setting(about["url"], url, made.stdout.strip(), about["one"], about["sizes"], gateway.pid)


NEW_AGENT = """
import asyncio, sys
from vedette.store.agents.tokens import AgentTokens
from vedette.store.server.server_check import open_redis
async def main():
    client = open_redis(sys.argv[1])
    print((await AgentTokens(client).create(sys.argv[2], by="bench"))[0])
    await client.aclose()
asyncio.run(main())
"""


def percentile(values: list[float], share: float) -> float:
    """The value below which a share of the others lies."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def added(setting: Setting, name: str, count: int) -> dict[str, float]:
    """Milliseconds of a request directly and through the gateway, in turns."""
    method, target, body = setting.requests()[name]
    direct, through = KeepAlive(setting.sentry, TOKEN), KeepAlive(setting.gateway, setting.token)
    times: dict[str, list[float]] = {"direct": [], "through": []}
    for number in range(count + count // 10):
        for way, client in (("direct", direct), ("through", through)):
            seconds, status, _ = client.call(method, target, body)
            if status != 200:
                raise RuntimeError(f"{way}: {method} {target} was answered {status}")
            if number >= count // 10:
                times[way].append(seconds * 1000)
    direct.close()
    through.close()
    differences = [after - before for before, after in zip(times["direct"], times["through"], strict=True)]
    return {
        "direct_p50": statistics.median(times["direct"]),
        "gateway_p50": statistics.median(times["through"]),
        "added_p50": statistics.median(differences),
        "added_p99": percentile(differences, 0.99),
    }


def used(pid: int) -> float:
    """Seconds of processor time of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def throughput(setting: Setting, name: str, seconds: float) -> dict[str, float]:
    """Calls a second of one gateway process under several clients, and the processor time of a call."""
    method, target, body = setting.requests()[name]
    end, counts = time.perf_counter() + seconds, [0] * CLIENTS

    def load(number: int) -> None:
        client = KeepAlive(setting.gateway, setting.token)
        while time.perf_counter() < end:
            _, status, _ = client.call(method, target, body)
            if status != 200:
                raise RuntimeError(f"{method} {target} was answered {status}")
            counts[number] += 1
        client.close()

    before, began = used(setting.gateway_pid), time.perf_counter()
    threads = [threading.Thread(target=load, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken, calls = time.perf_counter() - began, sum(counts)
    return {"calls_a_second": calls / taken, "cpu_ms": (used(setting.gateway_pid) - before) * 1000 / max(calls, 1)}


def report(found: dict[str, Any]) -> None:
    """Print the figures as a table."""
    print("| request | direct p50 | gateway p50 | added p50 | added p99 | goal | calls/s | CPU a call |")
    print("|---|---|---|---|---|---|---|---|")
    for name, figures in found["requests"].items():
        middle, late = GOALS[name]
        print(
            f"| {name}, {figures['bytes']:,} bytes | {figures['direct_p50']:.2f} ms | {figures['gateway_p50']:.2f} ms "
            f"| {figures['added_p50']:.2f} ms | {figures['added_p99']:.2f} ms | {middle:g} and {late:g} ms "
            f"| {figures['calls_a_second']:.0f} | {figures['cpu_ms']:.2f} ms |"
        )


def missed(found: dict[str, Any]) -> list[str]:
    """Return a sentence for each figure that misses its goal."""
    sentences: list[str] = []
    for name, figures in found["requests"].items():
        middle, late = GOALS[name]
        for key, bound in (("added_p50", middle), ("added_p99", late)):
            if figures[key] > bound:
                sentences.append(f"{name}: {key} is {figures[key]:.2f} ms, and at most {bound:g} ms is the goal")
        if figures["calls_a_second"] < CALLS_A_SECOND:
            calls = figures["calls_a_second"]
            sentences.append(f"{name}: {calls:.0f} calls a second, and at least {CALLS_A_SECOND} is the goal")
    return sentences


def main() -> int:
    """Measure, print, and return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a minute: fewer calls, the same measures")
    parser.add_argument("--json", action="store_true", help="print the figures for programs")
    options = parser.parse_args()
    count, seconds = (400, 5.0) if options.quick else (4000, 20.0)
    found: dict[str, Any] = {"requests": {}}
    with ExitStack() as stack:
        setting = start(stack)
        for name in GOALS:
            size = setting.sizes.get(name, setting.sizes["one"])
            latency = added(setting, name, count if name != "list" else count // 2)
            found["requests"][name] = {"bytes": size, **latency, **throughput(setting, name, seconds)}
    found["missed"] = missed(found)
    if options.json:
        print(json.dumps(found))
    else:
        report(found)
    for sentence in found["missed"]:
        print(f"MISSED: {sentence}", file=sys.stderr)
    return 1 if found["missed"] else 0


if __name__ == "__main__":
    sys.exit(main())
