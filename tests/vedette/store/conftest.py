import itertools
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import zstandard

from vedette._core.ids import new_identifier
from vedette.store.server.client import RedisClient
from vedette.store.server.keys import DELIVERIES, delivery_key
from vedette.store.server.server_check import open_redis

Accept = Callable[..., Awaitable[str]]


@pytest.fixture
async def client(redis_url: str) -> AsyncIterator[RedisClient]:
    client = open_redis(redis_url)
    yield client
    await client.aclose()


@pytest.fixture
def accept(client: RedisClient) -> Accept:
    """Store a delivery as the receiver does, without its message; each a millisecond after the one before."""
    moments = itertools.count()

    async def accept(body: bytes = b"{}", **fields: str | int) -> str:
        now = int(fields.get("accepted", time.time_ns() // 1_000_000 + next(moments)))
        delivery = new_identifier(now)
        record: dict[str, str | int | bytes] = {
            "integration": "default",
            "source": "webhook",
            "resource": "issue",
            "action": "created",
            "name": "issue.created",
            "subject": "issue:42",
            "issue": "42",
            "accepted": now,
            "headers": '{"request-id":"r"}',
            "size": len(body),
            "encoding": "zstd",
            "body": body if fields.get("encoding") == "" else zstandard.compress(body),
            "state": "accepted",
            "reason": "",
            **fields,
        }
        await client.hset(delivery_key(delivery), mapping=record)
        await client.zadd(DELIVERIES, {delivery: now})
        return delivery

    return accept
