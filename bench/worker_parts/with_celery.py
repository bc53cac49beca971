"""celery, with threads in one process. Arguments as in with_dramatiq.py, without the first."""

import importlib
import os
import random
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from tally import Tally

PAYLOAD = "x" * 4096
TALLY = Tally()
# Imported by name: it is not installed where this file is checked.
APP: Any = importlib.import_module("celery").Celery(
    "bench", broker=os.environ["BENCH_REDIS"].replace("unix://", "redis+socket://")
)
APP.conf.update(task_ignore_result=True, worker_hijack_root_logger=False, broker_connection_retry_on_startup=True)


@APP.task(name="noop")
def noop(_payload: str) -> None:
    """Do nothing."""
    TALLY.done()


@APP.task(name="sleep")
def sleep(_payload: str) -> None:
    """Wait a little."""
    time.sleep(0.02)
    TALLY.done()


@APP.task(name="wake")
def wake(sent: int) -> None:
    """Say how long it took."""
    TALLY.woke(sent)


def main() -> None:
    """Do what the arguments say."""
    threads, what = sys.argv[1:3]
    if what == "work":
        quiet = ["--loglevel=ERROR", "--without-gossip", "--without-mingle", "--without-heartbeat"]
        APP.worker_main(["worker", "--pool=threads", f"--concurrency={threads}", *quiet])
    elif what == "send":
        task = {"noop": noop, "sleep": sleep}[sys.argv[3]]
        for _ in range(int(sys.argv[4])):
            task.delay(PAYLOAD)
    else:
        for _ in range(int(sys.argv[3])):
            time.sleep(random.uniform(0.02, 0.12))
            wake.delay(time.time_ns())


if __name__ == "__main__":
    main()
