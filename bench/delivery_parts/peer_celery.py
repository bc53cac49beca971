"""celery with threads, acknowledging late, and requests with a session for each thread."""

import asyncio
import functools
import importlib
import os
import threading
from typing import Any

from peer_route import make_app
from peer_work import HEADERS, SENTRY, note_done

# Imported by name: these are not installed where this file is checked.
APP: Any = importlib.import_module("celery").Celery("bench", broker=os.environ["BENCH_REDIS"])
APP.conf.update(
    task_ignore_result=True,
    task_acks_late=True,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
)
_LOCAL = threading.local()


@APP.task(name="work")
def work(issue: str) -> None:
    """Do the work."""
    if os.environ["BENCH_CASE"] == "no-op":
        note_done()
        return
    session: Any = getattr(_LOCAL, "session", None)
    if session is None:
        session = _LOCAL.session = importlib.import_module("requests").Session()
        session.headers.update(HEADERS)
    url = f"{SENTRY}/api/0/organizations/acme/issues/{issue}/"
    found = session.get(url, timeout=30)
    found.raise_for_status()
    if found.json()["status"] == "unresolved":
        session.put(url, json={"status": "resolved"}, timeout=30).raise_for_status()


async def enqueue(issue: str) -> None:
    """Queue the work."""
    await asyncio.get_running_loop().run_in_executor(None, functools.partial(work.delay, issue))


app = make_app(enqueue)

if __name__ == "__main__":
    quiet = ["--loglevel=ERROR", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    APP.worker_main(["worker", "--pool=threads", f"--concurrency={os.environ['BENCH_THREADS']}", *quiet])
