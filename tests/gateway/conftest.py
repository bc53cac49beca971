"""A gateway in front of a simulated Sentry, on real sockets and a real Redis."""

from collections.abc import AsyncIterator

import pytest

from tests.gateway.gateways import RunningGateway, running_gateway
from vedette.store.server.client import RedisClient
from vedette.store.server.server_check import open_redis


@pytest.fixture
async def redis_client(redis_url: str) -> AsyncIterator[RedisClient]:
    client = open_redis(redis_url)
    yield client
    await client.aclose()


@pytest.fixture
async def gateway(redis_url: str, redis_client: RedisClient) -> AsyncIterator[RunningGateway]:
    async with running_gateway(redis_url, redis_client) as running:
        yield running
