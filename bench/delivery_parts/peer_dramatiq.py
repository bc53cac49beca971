"""dramatiq with its own Redis broker and asynchronous actors; its route queues in a thread."""

import asyncio
import functools
import os
import signal
from typing import Any, cast

import dramatiq
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import AsyncIO, Retries
from peer_route import make_app
from peer_work import handle

BROKER: Any = cast("Any", RedisBroker)(url=os.environ["BENCH_REDIS"], middleware=[AsyncIO(), Retries()])


async def work(issue: str) -> None:
    """Do the work."""
    await handle(issue)


ACTOR: Any = cast("Any", dramatiq.actor)(work, broker=BROKER, queue_name="bench")


async def enqueue(issue: str) -> None:
    """Queue the work."""
    await asyncio.get_running_loop().run_in_executor(None, functools.partial(ACTOR.send, issue))


app = make_app(enqueue)

if __name__ == "__main__":
    dramatiq.Worker(BROKER, worker_threads=int(os.environ["BENCH_THREADS"])).start()
    signal.sigwait({signal.SIGTERM})
