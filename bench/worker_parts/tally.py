"""What the measured tasks do: nothing but counting, and saying so at the end. Needs redis-py alone."""

import itertools
import os
import time
from typing import Any, cast

import redis

RESULTS = "bench:results"


def connect() -> Any:
    """Return a client of the server that is measured on."""
    return cast("Any", redis.Redis).from_url(os.environ["BENCH_REDIS"], socket_timeout=None)


class Tally:
    """Counts the tasks of one round; its last one reports the rate."""

    def __init__(self) -> None:
        self.expected = int(os.environ.get("BENCH_TASKS", "0"))
        self._count = itertools.count(1)
        self._began = 0.0
        self._client = connect()

    def done(self) -> None:
        """Count one; the first 5 % warm up."""
        count = next(self._count)
        warm = self.expected // 20
        if count == warm:
            self._began = time.perf_counter()
        elif count == self.expected:
            self._client.rpush(RESULTS, (count - warm) / (time.perf_counter() - self._began))

    def woke(self, sent: int) -> None:
        """Report how long a task took to begin, in milliseconds; `sent` is in nanoseconds."""
        self._client.rpush(RESULTS, (time.time_ns() - sent) / 1_000_000)
