"""The scopes of a token, read from a Sentry with odd answers."""

from typing import Any, cast

import pytest
from redis.asyncio import Redis

from vedette.access.token_scopes import TokenScopes
from vedette.api import Answer, Call


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
