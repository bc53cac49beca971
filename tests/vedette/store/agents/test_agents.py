"""Tokens and budgets of agents in Redis, also where what is stored was altered."""

import json
from collections.abc import AsyncIterator

import pytest

from vedette.store.agents.read_budgets import ReadBudgets
from vedette.store.agents.tokens import AgentTokens
from vedette.store.agents.usage import read_usage
from vedette.store.server.client import RedisClient
from vedette.store.server.clock import server_time
from vedette.store.server.server_check import open_redis


@pytest.fixture
async def client(redis_url: str) -> AsyncIterator[RedisClient]:
    client = open_redis(redis_url)
    yield client
    await client.aclose()


ALTERED = (
    *("", "[]", "{}", '"x"', "{" * 3000),
    json.dumps({"fingerprint": 1, "agent": "a"}),
    json.dumps({"fingerprint": "a", "agent": "b", "expires": "never"}),
)


@pytest.mark.parametrize("record", ALTERED, ids=range(len(ALTERED)))
async def test_a_record_that_was_altered_is_no_token(client: RedisClient, record: str) -> None:
    tokens = AgentTokens(client)
    _, good = await tokens.create("helper", by="ann")
    await client.hset("{vedette}:agent_tokens", mapping={"0123456789ab": record})
    assert (await tokens.get("0123456789ab"))[0] is None
    assert [each.id for each in await tokens.all()] == [good.id]


async def test_reads_of_more_than_an_hour_ago_no_longer_count(client: RedisClient) -> None:
    minute = int(await server_time(client) // 60)
    key = "{vedette}:agent_reads:helper"
    await client.hset(key, mapping={str(minute - 60): 99, str(minute - 58): 1, "x": "y", str(minute + 999): 5})
    budgets = ReadBudgets(client)
    assert await budgets.take("helper", 2) is None
    exhausted = await budgets.take("helper", 2)
    assert exhausted is not None
    assert 0 < exhausted.seconds <= 120
    left = {int(each) for each in await client.hgetall(key)}
    # The minute may have ended meanwhile.
    assert minute - 58 in left
    assert left <= {minute - 58, minute, minute + 1}


async def test_a_part_of_a_budget_is_taken_at_once_and_never_more_than_is_left(client: RedisClient) -> None:
    one, other = ReadBudgets(client), ReadBudgets(client)
    granted = 0
    for _ in range(300):
        granted += await one.take("helper", 500) is None
        granted += await other.take("helper", 500) is None
    assert granted == 500


async def test_usage_leaves_out_what_is_no_number(client: RedisClient) -> None:
    await client.hset("{vedette}:agent_usage:helper", mapping={"issues.get": 3, "issues.update": "x", "last": "y"})
    usage = await read_usage(client, "helper")
    assert (usage.operations, usage.last) == ({"issues.get": 3}, None)
