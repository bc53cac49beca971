"""taskiq-redis: a list as the queue, one worker on uvloop."""

import asyncio
import importlib
import os
from typing import Any

import uvloop
from peer_route import make_app
from peer_work import handle

# Imported by name: these are not installed where this file is checked.
BROKER: Any = importlib.import_module("taskiq_redis").ListQueueBroker(os.environ["BENCH_REDIS"])


@BROKER.task(task_name="work")
async def work(issue: str) -> None:
    """Do the work."""
    await handle(issue)


app = make_app(work.kiq, BROKER.startup)


async def main() -> None:
    """Work until killed."""
    BROKER.is_worker_process = True
    await BROKER.startup()
    receive: Any = importlib.import_module("taskiq.api").run_receiver_task
    await asyncio.ensure_future(receive(BROKER, max_async_tasks=int(os.environ["BENCH_THREADS"])))


if __name__ == "__main__":
    uvloop.run(main())
