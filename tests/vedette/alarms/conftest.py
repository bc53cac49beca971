"""A Redis for alarms, and a service that takes their messages."""

from collections.abc import AsyncIterator

import pytest

from tests.vedette.notify.conftest import service
from vedette.store.server.client import RedisClient
from vedette.store.server.server_check import open_redis

__all__ = ["service"]


@pytest.fixture
async def client(redis_url: str) -> AsyncIterator[RedisClient]:
    found = open_redis(redis_url)
    yield found
    await found.aclose()
