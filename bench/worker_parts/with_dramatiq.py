"""dramatiq: with its own Redis broker, or with ours.

python with_dramatiq.py ours|stock THREADS work
python with_dramatiq.py ours|stock THREADS send noop|sleep COUNT
python with_dramatiq.py ours|stock THREADS wake COUNT
"""

import asyncio
import os
import random
import signal
import sys
import time
from pathlib import Path
from typing import Any, cast

import dramatiq
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import AsyncIO, Retries

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2])]
from tally import Tally, connect  # noqa: E402 - found through the line above

PAYLOAD = "x" * int(os.environ.get("BENCH_BODY", "4096"))


def make_broker(kind: str) -> Any:
    """Return the broker, with the two actors."""
    url = os.environ["BENCH_REDIS"]
    if kind == "ours":
        from workers.broker.broker import VedetteBroker  # noqa: PLC0415 - the other kind must not pay for it

        broker: Any = VedetteBroker(url, [])
    else:
        broker = cast("Any", RedisBroker)(url=url, middleware=[AsyncIO(), Retries()])
    tally = Tally()

    async def noop(_payload: str) -> None:
        tally.done()

    async def sleep(_payload: str) -> None:
        await asyncio.sleep(0.02)
        tally.done()

    async def wake(sent: int) -> None:
        tally.woke(sent)

    for function in (noop, sleep, wake):
        cast("Any", dramatiq.actor)(function, broker=broker, queue_name="bench")
    return broker


def main() -> None:
    """Do what the arguments say."""
    kind, threads, what = sys.argv[1:4]
    broker = make_broker(kind)
    if what == "work":
        worker = dramatiq.Worker(broker, worker_threads=int(threads))
        worker.start()
        signal.sigwait({signal.SIGTERM})
        os._exit(0)
    if what == "send":
        send_many(broker, kind, sys.argv[4], int(sys.argv[5]))
        return
    for _ in range(int(sys.argv[4])):
        time.sleep(random.uniform(0.02, 0.12))
        broker.get_actor("wake").send(time.time_ns())


def send_many(broker: Any, kind: str, task: str, count: int) -> None:
    """Queue many messages; a million of them one by one would take longer than to work on them."""
    namespace = "{vedette}:queue" if kind == "ours" else "dramatiq"
    client = connect()
    for start in range(0, count, 2000):
        pipeline = client.pipeline(transaction=False)
        for number in range(start, min(start + 2000, count)):
            message = broker.get_actor(task).message(PAYLOAD)
            message = message.copy(options={"redis_message_id": str(number)})
            pipeline.hset(f"{namespace}:bench.msgs", number, message.encode())
            pipeline.rpush(f"{namespace}:bench", number)
        pipeline.execute()


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    main()
