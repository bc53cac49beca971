"""Whether every accepted delivery reaches a handler, and once: real workers with a handler that writes ids down."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from receiver_parts.servers import Store
from vedette.store.queues.queue_messages import FAN_OUT_QUEUE
from vedette.store.server.keys import messages_key

_HANDLER = """
import os
from vedette import Context, Event, on

_FILE = os.open(os.environ["HANDLED_FILE"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)


@on("*")
async def write_down(event: Event, ctx: Context) -> None:
    os.write(_FILE, f"{ctx.delivery}\\n".encode())
"""
_STALLED = 30.0
"""Seconds without another delivery decided or handled after which the worker has no more to do, or hangs."""


def handle_all(store: Store, folder: Path, accepted: list[bytes]) -> tuple[int, int]:
    """Let a worker handle the queue; return how many accepted deliveries it missed and how many it did twice."""
    plugin, handled = folder / "write_down.py", folder / "handled"
    plugin.write_text(_HANDLER, encoding="utf-8")
    handled.touch()
    environment = {
        **os.environ,
        "HANDLED_FILE": str(handled),
        "VEDETTE_PLUGINS": str(plugin),
        "VEDETTE_HANDLERS__TRIAGE__ENABLED": "false",
        "VEDETTE_REDIS_URL": store.url,
        "VEDETTE_CLIENT_SECRET": "s" * 32,
        "VEDETTE_TOKEN": "sntryi_" + "0" * 64,
        "VEDETTE_ORGANIZATION": "bench",
        "VEDETTE_SENTRY_URL": "http://127.0.0.1:9",
    }
    worker = subprocess.Popen(
        [sys.executable, "-m", "console", "worker", "--processes", "2"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _wait(handled, store, len(accepted))
    finally:
        worker.send_signal(signal.SIGTERM)
        worker.wait(30)
    counts = Counter(handled.read_bytes().split())
    missed = sum(1 for identifier in set(accepted) if identifier not in counts)
    return missed, sum(count - 1 for count in counts.values())


def _wait(handled: Path, store: Store, wanted: int) -> None:
    seen, since = (-1, -1), time.monotonic()
    with store.client() as client:
        while seen[0] < wanted:
            # A worker decides before it runs, and while it decides many, few are handled.
            progress = (handled.stat().st_size // 27, client.hlen(messages_key(FAN_OUT_QUEUE)))
            if progress != seen:
                seen, since = progress, time.monotonic()
            elif time.monotonic() - since > _STALLED:
                return
            time.sleep(0.5)
    # One that is done twice would come after the last.
    time.sleep(2.0)
