"""dramatiq's Redis broker, as Vedette uses it.

Mended where it was measured to break: it wakes up in milliseconds (`workers.consumer`), a killed worker is recognised
by a heartbeat of seconds instead of a minute, and its messages are taken back on every fetch instead of one in a
thousand.
"""

from typing import Any, cast

import redis
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import AsyncIO, Middleware, Retries, TimeLimit

from vedette.store.keys import QUEUE_NAMESPACE
from workers.consumer import BlockingConsumer

HEARTBEAT_TIMEOUT = 5_000
"""Milliseconds without a sign of life after which a worker's messages go to others."""
_ALWAYS = 1_000_000
_SOCKET_TIMEOUT = 5.0


class VedetteBroker(RedisBroker):
    """The broker of all Vedette's queues, under the hash tag that its other keys share."""

    def __init__(self, url: str, middleware: list[Middleware]) -> None:
        initialise = cast("Any", super()).__init__
        initialise(
            client=_client(url),
            namespace=QUEUE_NAMESPACE,
            maintenance_chance=_ALWAYS,
            heartbeat_timeout=HEARTBEAT_TIMEOUT,
            middleware=[
                AsyncIO(),
                *middleware,
                TimeLimit(),
                Retries(max_retries=cast("Any", None), min_backoff=1_000, max_backoff=60_000),
            ],
        )

    @property
    def consumer_class(self) -> type[BlockingConsumer]:
        """What `dramatiq` makes its consumers of."""
        return BlockingConsumer


def _client(url: str) -> Any:
    return cast("Any", redis.Redis).from_url(
        url, socket_timeout=_SOCKET_TIMEOUT, socket_connect_timeout=_SOCKET_TIMEOUT, protocol=2
    )
