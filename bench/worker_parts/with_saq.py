"""saq. Arguments as in with_dramatiq.py, without the first."""

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
# Imported by name: it is not installed where this file is checked.
SAQ: Any = importlib.import_module("saq")


async def noop(_context: Any, *, payload: str) -> None:
    """Do nothing."""
    del payload
    TALLY.done()


async def sleep(_context: Any, *, payload: str) -> None:
    """Wait a little."""
    del payload
    await asyncio.sleep(0.02)
    TALLY.done()


async def wake(_context: Any, *, sent: int) -> None:
    """Say how long it took."""
    TALLY.woke(sent)


async def main() -> None:
    """Do what the arguments say."""
    threads, what = sys.argv[1:3]
    queue: Any = SAQ.Queue.from_url(os.environ["BENCH_REDIS"])
    if what == "work":
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, os._exit, 0)
        await SAQ.Worker(queue, functions=[noop, sleep, wake], concurrency=int(threads)).start()
    elif what == "send":
        for _ in range(int(sys.argv[4])):
            await queue.enqueue(sys.argv[3], payload=PAYLOAD)
    else:
        for _ in range(int(sys.argv[3])):
            await asyncio.sleep(random.uniform(0.02, 0.12))
            await queue.enqueue("wake", sent=time.time_ns())
    await queue.disconnect()


if __name__ == "__main__":
    asyncio.run(main())
