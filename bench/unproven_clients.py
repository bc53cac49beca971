"""Measures the effect of unproven clients: 2,000 senders without a secret beside 100 real deliveries a second.

    python bench/unproven_clients.py [--quick] [--json] [--hard] [--kind KIND] [--clients N]

The receiver starts under a soft limit of 1,024 open files (with --hard, under a hard one too, so that it cannot raise
it). Each kind of client in turn: real deliveries must all be answered 202 by Sentry's rules (one second to connect,
one second between bytes), each on a connection of its own, and the receiver's memory must grow by less than 300 MB and
come back. Loopback only, at most two minutes.
"""

import argparse
import asyncio
import hashlib
import hmac
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import uvloop
from receiver_parts.load_generator import SECRET
from receiver_parts.report import Report
from receiver_parts.servers import running_store
from receiver_parts.unproven_clients import KINDS, MIB

FILES = 1024
RATE = 100
MOST_GROWTH = 300 * MIB
KEPT = 60 * MIB
"""The growth that may remain when the clients are gone: memory that the interpreter retains."""
SENTRY_WAITS = 1.0
_PARTS = Path(__file__).parent / "receiver_parts"


@dataclass
class Seen:
    """The responses to the real deliveries, and the receiver's memory."""

    answers: Counter[str] = field(default_factory=Counter[str])
    latencies: list[float] = field(default_factory=list[float])
    before: int = 0
    peak: int = 0
    after: int = 0

    def percentile(self, share: float) -> float:
        """Return the latency below which `share` of the answers came, in milliseconds."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000 if ordered else float("nan")


@contextmanager
def receiver(redis_url: str, state: Path, *, hard: bool) -> Generator[tuple[int, int]]:
    """Run a receiver under the limit of files; yields its process id and port."""

    def limit() -> None:
        _, highest = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, FILES if hard else highest))

    variables = {
        "VEDETTE_REDIS_URL": redis_url,
        "VEDETTE_CLIENT_SECRET": SECRET,
        "VEDETTE_STATE_DIR": str(state),
        "VEDETTE_PORT": "0",
    }
    with subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, str(_PARTS / "serve.py"), "ours", "-1"],
        env=os.environ | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        preexec_fn=limit,  # noqa: PLW1509 - no thread runs yet
    ) as process:
        assert process.stdout is not None
        try:
            yield process.pid, int(process.stdout.readline().strip().rpartition(":")[2])
        finally:
            process.kill()


def resident(pid: int) -> int:
    """Return a process's resident memory in bytes."""
    return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def request_of(number: int) -> bytes:
    """Return a signed webhook about an issue of its own: 10 KB, and each tenth 100 KB."""
    issue = {"id": str(number), "title": "plain", "culprit": "x" * (10_000 if number % 10 else 100_000)}
    body = json.dumps({"action": "created", "data": {"issue": issue}}).encode()
    head = (
        "POST /hooks HTTP/1.1",
        "Host: 127.0.0.1",
        "Content-Type: application/json",
        "Sentry-Hook-Resource: issue",
        f"Sentry-Hook-Signature: {hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()}",
        f"Sentry-Hook-Timestamp: {int(time.time())}",
        f"Content-Length: {len(body)}",
    )
    return "\r\n".join((*head, "", "")).encode() + body


async def deliver(port: int, number: int, seen: Seen) -> None:
    """Send one real delivery as Sentry does, on a connection of its own."""
    request = request_of(number)
    began = time.perf_counter()
    writer = None
    try:
        async with asyncio.timeout(SENTRY_WAITS):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request)
        async with asyncio.timeout(SENTRY_WAITS):
            answer = await reader.read(12)
        seen.answers[answer.decode("ascii")[9:] or "closed"] += 1
        seen.latencies.append(time.perf_counter() - began)
    except TimeoutError:
        seen.answers["too late"] += 1
    except OSError as error:
        seen.answers[type(error).__name__] += 1
    finally:
        if writer is not None:
            writer.transport.abort()


async def deliver_all(port: int, first: int, seconds: float, seen: Seen) -> None:
    """Send real deliveries at the rate, whatever the answers do."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    async with asyncio.TaskGroup() as group:
        for number in range(int(seconds * RATE)):
            await asyncio.sleep(began + number / RATE - loop.time())
            group.create_task(deliver(port, first + number, seen))


async def watch(pid: int, seen: Seen) -> None:
    """Note the highest memory until it is cancelled."""
    while True:
        seen.peak = max(seen.peak, resident(pid))
        await asyncio.sleep(0.02)


async def attack(pid: int, port: int, kind: str, count: int, seconds: float, first: int) -> tuple[Seen, Counter[str]]:
    """Run clients of one kind beside real deliveries, and wait until they are gone."""
    seen = Seen(before=resident(pid))
    watching = asyncio.create_task(watch(pid, seen))
    clients = await asyncio.create_subprocess_exec(
        *(sys.executable, str(_PARTS / "unproven_clients.py"), str(port), kind, str(count), str(seconds + 1)),
        stdout=subprocess.PIPE,
    )
    await asyncio.sleep(1.0)
    await deliver_all(port, first, seconds, seen)
    output, _ = await clients.communicate()
    # Longer than any request may take, and than the receiver waits to give memory back.
    for _ in range(150):
        await asyncio.sleep(0.1)
        seen.after = resident(pid)
        if seen.after - seen.before < KEPT // 2:
            break
    watching.cancel()
    return seen, Counter(json.loads(output))


def show(report: Report, kind: str, seen: Seen, clients: Counter[str], *, as_json: bool) -> None:
    """Print the effect of one kind of client."""
    sent = seen.answers.total()
    if not as_json:
        print(f"{kind}: {dict(clients)}")
        quantiles = f"p50 {seen.percentile(0.5):.0f} ms, p99 {seen.percentile(0.99):.0f} ms"
        print(f"  real deliveries: {dict(seen.answers)}, {quantiles}")
    report.must(f"{kind}: answered 202", seen.answers["202"], sent, "deliveries")
    report.result(f"{kind}: slowest answer", seen.percentile(1.0), SENTRY_WAITS * 1000, "ms")
    growth, kept = seen.peak - seen.before, seen.after - seen.before
    report.result(f"{kind}: memory, at its highest", growth / MIB, MOST_GROWTH / MIB, "MiB more")
    report.result(f"{kind}: memory, when they are gone", kept / MIB, KEPT / MIB, "MiB more")
    report.failed = report.failed or growth > MOST_GROWTH or kept > KEPT


async def run(options: argparse.Namespace, report: Report, pid: int, port: int) -> None:
    """Run each kind of client, in turn."""
    seconds = 5.0 if options.quick else 15.0
    await deliver_all(port, 1, 1.0, Seen())
    for place, kind in enumerate([options.kind] if options.kind else KINDS):
        seen, clients = await attack(pid, port, kind, options.clients, seconds, (place + 1) * 1_000_000)
        show(report, kind, seen, clients, as_json=options.json)


def main() -> int:
    """Run it; the exit code is 1 when a delivery failed or memory grew too much."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="5 s for each kind instead of 15")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--hard", action="store_true", help="a hard limit of 1,024 files too")
    parser.add_argument("--kind", choices=KINDS, help="this kind only")
    parser.add_argument("--clients", type=int, default=2000, help="how many there are at once")
    options = parser.parse_args()
    report = Report(as_json=options.json)
    with (
        tempfile.TemporaryDirectory() as folder,
        running_store(Path(folder) / "store", "everysec") as store,
        receiver(store.url, Path(folder) / "state", hard=options.hard) as (pid, port),
    ):
        uvloop.run(run(options, report, pid, port))
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
