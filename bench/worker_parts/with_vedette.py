"""A whole run of Vedette: a delivery as a receiver stores it, decided, started, handled, recorded and acknowledged.

python with_vedette.py THREADS work
python with_vedette.py THREADS send noop|sleep COUNT
python with_vedette.py THREADS wake COUNT
"""

# ruff: noqa: S603 - it starts its own programs

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(Path(__file__).parent), str(ROOT)]

from tally import connect  # noqa: E402 - found through the line above

from vedette._core.ids import new_identifier  # noqa: E402
from vedette.events import samples  # noqa: E402
from vedette.store.deliveries.stored_record import StoredRecord, encode_facts  # noqa: E402
from vedette.store.queues.queue_messages import FAN_OUT_QUEUE  # noqa: E402
from vedette.store.server.keys import (  # noqa: E402
    DELIVERIES,
    DELIVERY_PREFIX,
    JOURNAL,
    JOURNAL_LENGTH,
    SEEN_PREFIX,
    STORED,
    messages_key,
    queue_key,
)
from vedette.store.server.scripts import script  # noqa: E402

PLUGIN = f"""
import asyncio
import sys

sys.path.insert(0, {str(Path(__file__).parent)!r})
from tally import Tally

from vedette import Event, on

tally = Tally()


@on("error.created")
async def noop(event: Event) -> None:
    tally.done()


@on("issue.assigned")
async def sleep(event: Event) -> None:
    await asyncio.sleep(0.02)
    tally.done()


@on("issue.resolved")
async def wake(event: Event) -> None:
    tally.woke(event.raw["sent"])
"""
SAMPLES = {"noop": "error.created", "sleep": "issue.assigned", "wake": "issue.resolved"}
GROUP = 200
KEYS = [DELIVERIES, JOURNAL, STORED, queue_key(FAN_OUT_QUEUE), messages_key(FAN_OUT_QUEUE)]


def record_of(task: str, number: int) -> tuple[StoredRecord, bytes]:
    """Return a delivery of its own subject for a task, and its body."""
    resource, _, action = SAMPLES[task].partition(".")
    padding = "x" * int(os.environ.get("BENCH_BODY", "0"))
    body = json.dumps({**samples.load(SAMPLES[task]), "sent": time.time_ns(), "padding": padding}).encode()
    now = time.time_ns() // 1_000_000
    identifier = new_identifier(now)
    values: dict[str, Any] = {"id": identifier, "key": identifier, "window": 1000, "integration": "default"}
    values |= {"source": "webhook", "resource": resource, "action": action, "subject": f"issue:{number}", "issue": ""}
    values |= {"accepted": now, "sent": "", "request_id": "", "headers": "{}", "size": len(body), "encoding": ""}
    return StoredRecord(**values, state="accepted", reason="", label="", secret=""), body


def send(task: str, count: int, *, group: int = GROUP, gap: float = 0.0) -> None:
    """Store deliveries as a receiver does, so many at once."""
    client = connect()
    accept = client.register_script(script("deliveries/accept"))
    for start in range(0, count, group):
        time.sleep(random.uniform(gap / 6, gap))
        arguments: list[Any] = [DELIVERY_PREFIX, SEEN_PREFIX, str(JOURNAL_LENGTH), ""]
        for number in range(start, min(start + group, count)):
            record, body = record_of(task, number)
            arguments += [encode_facts(record), body]
        accept(keys=KEYS, args=arguments)


def work(threads: str) -> None:
    """Run one worker process until it is killed with the group."""
    folder = Path(tempfile.mkdtemp(prefix="vedette-bench-"))
    (folder / "plugin.py").write_text(PLUGIN)
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "VEDETTE_REDIS_URL": os.environ["BENCH_REDIS"],
        "VEDETTE_CLIENT_SECRET": "s" * 32,
        "VEDETTE_TOKEN": "sntryi_" + "a" * 64,
        "VEDETTE_ORGANIZATION": "acme",
        "VEDETTE_SENTRY_URL": "http://127.0.0.1:9",
        "VEDETTE_PLUGINS": str(folder / "plugin.py"),
        "VEDETTE_HANDLERS__TRIAGE__ENABLED": "false",
        "VEDETTE_RECONCILE__ENABLED": "false",
        "VEDETTE_WATCHDOG__ENABLED": "false",
    }
    command = [sys.executable, "-m", "dramatiq", "workers", "--processes", "1", "--threads", threads, "--skip-logging"]
    subprocess.run(command, cwd=folder, env=environment, check=False)


def main() -> None:
    """Do what the arguments say."""
    threads, what = sys.argv[1:3]
    if what == "work":
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        work(threads)
    elif what == "send":
        send(sys.argv[3], int(sys.argv[4]))
    else:
        send("wake", int(sys.argv[3]), group=1, gap=0.12)


if __name__ == "__main__":
    main()
