"""Verifies that every accepted delivery is in Redis and in the workers' queue, exactly once."""

import time
from collections import Counter
from dataclasses import dataclass

import httpx2

from receiver_parts.servers import Store
from vedette.store.queues.queue_messages import FAN_OUT_QUEUE
from vedette.store.server.keys import DELIVERIES, queue_key


@dataclass(frozen=True)
class Verdict:
    """The accepted deliveries, and those lost or doubled."""

    accepted: int
    lost: int
    """Answered 2xx, and not in the queue."""
    doubled: int
    """In the queue more than once."""


def wait_for_empty_spool(url: str, seconds: float = 120.0) -> None:
    """Wait until the receiver has brought all its deliveries to Redis."""
    end = time.monotonic() + seconds
    while True:
        ready = httpx2.get(f"{url}/health/ready", timeout=5).json()
        if ready["status"] == "ready" and ready["spool"]["records"] == 0:
            return
        if time.monotonic() > end:
            raise TimeoutError(f"the spool was not emptied within {seconds:g} s: {ready}")
        time.sleep(0.05)


def verify(store: Store, accepted: list[bytes]) -> Verdict:
    """Compare the accepted ids with the queue; no worker may be running."""
    with store.client() as client:
        queued: Counter[bytes] = Counter(client.lrange(queue_key(FAN_OUT_QUEUE), 0, -1))
        kept = set(client.zrange(DELIVERIES, 0, -1))
    lost = sum(1 for identifier in set(accepted) if identifier not in queued or identifier not in kept)
    return Verdict(len(accepted), lost, sum(count - 1 for count in queued.values()))
