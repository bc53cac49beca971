"""Who is let in: the token of an agent in one header, in force at the moment that the call leaves."""

import asyncio
import base64
from datetime import UTC, datetime, timedelta

import pytest
from starlette.types import Receive, Scope, Send

from gateway.bearer_token import read_bearer_token
from gateway.rejections import NotAuthenticatedError
from tests.gateway.gateways import AGENTS, RunningGateway, running_gateway
from vedette.store.agents.tokens import AgentTokens
from vedette.store.server.client import RedisClient


async def test_without_the_token_of_an_agent_there_is_a_sentence_and_no_request(gateway: RunningGateway) -> None:
    token = gateway.tokens["actor"]
    basic = base64.b64encode(f"{token}:".encode()).decode()
    cases: dict[str, dict[str, str]] = {
        "no token": {},
        "wrong": {"Authorization": f"Bearer {token[:-1]}x"},
        "of Sentry": {"Authorization": f"Bearer sntryi_{'a' * 64}"},
        "empty": {"Authorization": "Bearer"},
        "two words": {"Authorization": f"Bearer {token} {token}"},
        "Basic": {"Authorization": f"Basic {basic}"},
        "DSN": {"Authorization": "DSN https://key@o1.ingest.sentry.io/1"},
        "X-Sentry-Auth": {"X-Sentry-Auth": "Sentry sentry_key=abc"},
        "cookie": {"Cookie": f"session={token}"},
        "scheme of another": {"Authorization": f"Token {token}"},
    }
    for name, headers in cases.items():
        response = await gateway.http.get(gateway.issue_path(), headers=headers)
        assert response.status_code == 401, name
        assert response.headers["www-authenticate"].startswith("Bearer realm="), name
        assert "vedette agents token" in response.json()["detail"], name
        assert token not in response.text, name
    assert gateway.sentry.seen == []


async def test_a_token_in_the_query_is_told_to_be_revoked_and_goes_nowhere(gateway: RunningGateway) -> None:
    token = gateway.tokens["actor"]
    for name in ("token", "access_token", "auth_token", "API_KEY"):
        alone = await gateway.http.get(gateway.issue_path(), params={name: token})
        beside = await gateway.call("actor", "GET", gateway.issue_path(), params={name: token})
        assert (alone.status_code, beside.status_code) == (401, 401)
        assert "revoke" in beside.json()["detail"]
    assert gateway.sentry.seen == []


async def test_two_authorization_headers_are_none() -> None:
    header = (b"authorization", b"Bearer abc")
    assert read_bearer_token([header]) == "abc"
    with pytest.raises(NotAuthenticatedError, match="several"):
        read_bearer_token([header, header])


async def test_an_expired_and_a_revoked_token_are_told_apart_and_open_nothing(
    redis_url: str, redis_client: RedisClient
) -> None:
    past = datetime.now(UTC) - timedelta(days=1)
    agents = {"actor": AGENTS["actor"], "old": {**AGENTS["actor"], "expires": past.isoformat()}}
    async with running_gateway(redis_url, redis_client, agents) as gateway:
        expired = await gateway.call("old", "GET", gateway.issue_path())
        store = AgentTokens(redis_client)
        for each in await store.all():
            await store.revoke(each.id)
        revoked = await gateway.call("actor", "GET", gateway.issue_path())
        assert (expired.status_code, revoked.status_code) == (401, 401)
        assert "expired" in expired.json()["detail"]
        assert gateway.sentry.seen == []


async def test_a_token_that_is_revoked_while_its_call_waits_opens_nothing_any_more(
    gateway: RunningGateway, redis_client: RedisClient
) -> None:
    """The issue is read first; the token is revoked during that read, and the write does not follow."""
    simulated, reached, go = gateway.sentry.app, asyncio.Event(), asyncio.Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == gateway.issue_path():
            reached.set()
            await go.wait()
        await simulated(scope, receive, send)

    gateway.sentry.instead = slow
    writing = asyncio.create_task(gateway.call("actor", "PUT", gateway.issue_path(), json={"status": "resolved"}))
    await asyncio.wait_for(reached.wait(), 60)
    store = AgentTokens(redis_client)
    for each in await store.all():
        await store.revoke(each.id)
    await asyncio.sleep(0.6)
    go.set()
    response = await writing

    assert response.status_code == 401
    assert "revoked" in response.json()["detail"]
    assert gateway.issues["first"].status == "unresolved"
    assert gateway.sentry.writes() == []


async def test_a_grant_that_is_taken_while_a_call_waits_sends_nothing_any_more(gateway: RunningGateway) -> None:
    """The issue is read first; the grant is changed during that read, and the write does not follow."""
    simulated, reached, go = gateway.sentry.app, asyncio.Event(), asyncio.Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == gateway.issue_path():
            reached.set()
            await go.wait()
        await simulated(scope, receive, send)

    gateway.sentry.instead = slow
    directory = gateway.services.agents
    writing = asyncio.create_task(gateway.call("actor", "PUT", gateway.issue_path(), json={"status": "resolved"}))
    await asyncio.wait_for(reached.wait(), 60)
    directory.replace({**directory.agents, "actor": directory.agents["reader"]})
    go.set()
    response = await writing

    assert response.status_code == 503
    assert "were changed while this waited" in response.json()["detail"]
    assert gateway.issues["first"].status == "unresolved"
    assert gateway.sentry.writes() == []


async def test_headers_of_an_agent_change_nothing_and_go_nowhere(gateway: RunningGateway) -> None:
    smuggled = {
        "X-Vedette-Agent": "owner",
        "X-Vedette-Decision": "granted",
        "X-Forwarded-For": "10.0.0.1",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https",
        "Forwarded": "host=evil.example",
        "X-HTTP-Method-Override": "DELETE",
        "X-Original-URL": "/api/0/organizations/acme/projects/",
        "Cookie": "session=1",
        "Accept-Language": "de",
        "User-Agent": "curl/8 \u202e",
    }
    encoded = {name: value.encode() for name, value in smuggled.items()}
    response = await gateway.call("reader", "GET", gateway.issue_path(), headers=encoded)

    assert response.status_code == 200
    assert response.headers["x-vedette-agent"] == "reader"
    sent = gateway.sentry.seen[-1].headers
    assert sent.keys() <= {"host", "accept", "accept-encoding", "connection", "user-agent", "authorization"}
    assert sent["authorization"].startswith("Bearer sntryi_")
    assert sent["user-agent"].startswith("vedette/")


async def test_a_web_page_of_another_origin_is_turned_away(gateway: RunningGateway) -> None:
    response = await gateway.call("reader", "GET", gateway.issue_path(), headers={"Origin": "https://evil.example"})
    assert response.status_code == 403
    assert "access-control-allow-origin" not in response.headers
    assert gateway.sentry.seen == []


async def test_one_agent_holds_a_bounded_number_of_calls(gateway: RunningGateway) -> None:
    simulated, go = gateway.sentry.app, asyncio.Event()

    async def waiting(scope: Scope, receive: Receive, send: Send) -> None:
        await go.wait()
        await simulated(scope, receive, send)

    gateway.sentry.instead = waiting
    calls = [asyncio.create_task(gateway.call("reader", "GET", gateway.issue_path())) for _ in range(25)]
    async with asyncio.timeout(10):
        while sum(each.done() for each in calls) < 5:  # noqa: ASYNC110 - the others are not to end
            await asyncio.sleep(0.02)
    done = [each for each in calls if each.done()]
    assert [each.result().status_code for each in done] == [429] * 5
    assert all(each.result().headers["retry-after"] == "1" for each in done)
    go.set()
    assert [(await each).status_code for each in calls if each not in done] == [200] * 20
