"""saq: one worker on uvloop."""

import importlib
import os
from typing import Any

import uvloop
from peer_route import make_app
from peer_work import handle

# Imported by name: it is not installed where this file is checked.
SAQ: Any = importlib.import_module("saq")
QUEUE: Any = SAQ.Queue.from_url(os.environ["BENCH_REDIS"])


async def work(_context: Any, *, issue: str) -> None:
    """Do the work."""
    await handle(issue)


async def enqueue(issue: str) -> None:
    """Queue the work."""
    await QUEUE.enqueue("work", issue=issue)


app = make_app(enqueue)


async def main() -> None:
    """Work until killed."""
    await SAQ.Worker(QUEUE, functions=[work], concurrency=int(os.environ["BENCH_THREADS"])).start()


if __name__ == "__main__":
    uvloop.run(main())
