"""A Redis for alarms."""

from collections.abc import AsyncIterator

import pytest

from vedette.store.server.client import RedisClient
from vedette.store.server.server_check import open_redis


@pytest.fixture
async def client(redis_url: str) -> AsyncIterator[RedisClient]:
    found = open_redis(redis_url)
    yield found
    await found.aclose()
