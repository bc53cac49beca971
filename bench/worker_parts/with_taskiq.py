"""taskiq with its Redis list broker. Arguments as in with_dramatiq.py, without the first."""

import asyncio
import importlib
import os
import random
import signal
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from tally import Tally

PAYLOAD = "x" * 4096
TALLY = Tally()
# Imported by name: these are not installed where this file is checked.
BROKER: Any = importlib.import_module("taskiq_redis").ListQueueBroker(os.environ["BENCH_REDIS"])


@BROKER.task
async def noop(_payload: str) -> None:
    """Do nothing."""
    TALLY.done()


@BROKER.task
async def sleep(_payload: str) -> None:
    """Wait a little."""
    await asyncio.sleep(0.02)
    TALLY.done()


@BROKER.task
async def wake(sent: int) -> None:
    """Say how long it took."""
    TALLY.woke(sent)


async def main() -> None:
    """Do what the arguments say."""
    threads, what = sys.argv[1:3]
    await BROKER.startup()
    if what == "work":
        BROKER.is_worker_process = True
        receive: Any = importlib.import_module("taskiq.api").run_receiver_task
        receiver: Any = asyncio.ensure_future(receive(BROKER, max_async_tasks=int(threads)))
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, os._exit, 0)
        await receiver
    elif what == "send":
        task = {"noop": noop, "sleep": sleep}[sys.argv[3]]
        for _ in range(int(sys.argv[4])):
            await task.kiq(PAYLOAD)
    else:
        for _ in range(int(sys.argv[3])):
            await asyncio.sleep(random.uniform(0.02, 0.12))
            await wake.kiq(time.time_ns())
    await BROKER.shutdown()


if __name__ == "__main__":
    asyncio.run(main())
