"""The scopes of a token, read from a Sentry with odd answers."""

import asyncio
from typing import Any, cast

import pytest
from redis.asyncio import Redis

from vedette.access.token_scopes import TokenScopes
from vedette.api import Answer, Call
from vedette.store.server.server_check import open_redis


class Saying:
    """Answers whoami with the same body each time."""

    def __init__(self, body: Any) -> None:
        self.body = body
        self.calls: list[Call] = []

    async def send(self, call: Call) -> Answer:
        self.calls.append(call)
        return Answer(200, {}, self.body)


@pytest.mark.parametrize("body", [{"auth": []}, {"auth": 7}, {"auth": {"scopes": 7}}, {"user": []}, [], None])
async def test_an_odd_answer_leaves_the_scopes_unknown(redis_url: str, body: Any) -> None:
    client = cast("Any", Redis).from_url(redis_url)
    scopes = TokenScopes(client, "default", Saying(body))
    assert await scopes.get() is None
    await client.aclose()


async def test_an_unreadable_answer_is_not_asked_for_before_every_call(redis_url: str) -> None:
    client = cast("Any", Redis).from_url(redis_url)
    saying = Saying({"auth": []})
    scopes = TokenScopes(client, "default", saying)
    assert [await scopes.get() for _ in range(3)] == [None] * 3
    assert len(saying.calls) == 1
    await client.aclose()


class Slow(Saying):
    """Answers whoami when it is told to."""

    def __init__(self) -> None:
        super().__init__({"auth": {"scopes": ["event:read"]}})
        self.is_asked, self.may_answer = asyncio.Event(), asyncio.Event()

    async def send(self, call: Call) -> Answer:
        answer = await super().send(call)
        self.is_asked.set()
        await self.may_answer.wait()
        return answer


async def test_all_calls_share_one_question_and_one_that_is_cancelled_ends_none(redis_url: str) -> None:
    client = open_redis(redis_url)
    slow = Slow()
    scopes = TokenScopes(client, "default", slow)
    asking = [asyncio.create_task(scopes.get()) for _ in range(64)]
    await slow.is_asked.wait()
    asking[0].cancel()
    await asyncio.wait(asking[:1])
    slow.may_answer.set()
    assert await asyncio.gather(*asking[1:]) == [frozenset({"event:read"})] * 63
    assert len(slow.calls) == 1
    await client.aclose()


async def test_scopes_are_remembered_without_a_look_at_redis(redis_url: str) -> None:
    client: Any = open_redis(redis_url)
    scopes = TokenScopes(client, "default", Saying({"auth": {"scopes": ["event:read"]}}), remembered_for=60)
    await scopes.get()
    before = (await client.info("commandstats")).get("cmdstat_get", {}).get("calls", 0)
    assert await scopes.get() == frozenset({"event:read"})
    assert (await client.info("commandstats")).get("cmdstat_get", {}).get("calls", 0) == before
    await client.aclose()
