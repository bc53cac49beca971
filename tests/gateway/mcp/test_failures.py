"""Failures of Sentry and of Redis, as agents are answered them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from mcp.shared.exceptions import MCPError
from starlette.types import Receive, Scope, Send

from tests.gateway.gateways import AGENTS, READS, RunningGateway, running_gateway
from tests.gateway.mcp.clients import tool_client
from tests.gateway.rest.test_sentry_errors import answering
from tests.receiver.servers import own_server
from vedette.simulator import ErrorReport, record_error
from vedette.store.server.client import RedisClient
from vedette.store.server.server_check import open_redis

RESOLVE = {"status": "resolved", "reason": "fixed"}


async def test_an_outage_of_sentry_says_when_to_retry(gateway: RunningGateway) -> None:
    name = gateway.issues["first"].short_id
    page = b"<html><title>Log in</title><script>alert(1)</script></html>"
    async with tool_client(gateway, "actor") as actor:
        gateway.sentry.instead = answering(400, b'{"detail": "Invalid \\u202equery"}')
        refused = await actor.fails("search_issues", query="is:")
        gateway.sentry.instead = answering(200, page, "text/html")
        html = await actor.fails("get_issue", issue=name)
        for odd in (b'{"issues": []}', b'[{"title": "no id"}]', b"[7]"):
            gateway.sentry.instead = answering(200, odd)
            unreadable = await actor.fails("search_issues", query="")
            assert unreadable["decision"] == "failed"
            assert "Sentry's API would not give" in unreadable["why"]
        gateway.sentry.instead = answering(404, b'{"detail": "The requested resource does not exist"}')
        missing = await actor.fails("get_issue", issue="SHOP-99")

    assert refused["retry"] == "Do not retry."
    assert refused["sentry_says"].startswith("Invalid")
    assert refused["sentry_says"].isprintable()
    assert "script" not in str(html)
    assert html["retry"].startswith("Retry")
    assert missing["not_done"] == "Not done: issues.get."


async def test_a_write_that_sentry_may_have_done_is_said_to_be_unknown(gateway: RunningGateway) -> None:
    issue = gateway.issues["first"]
    simulated = gateway.sentry.app
    broken = answering(502, b"{}")

    async def failing(scope: Scope, receive: Receive, send: Send) -> None:
        await (broken if scope["method"] == "POST" else simulated)(scope, receive, send)

    gateway.sentry.instead = failing
    async with tool_client(gateway, "actor") as actor:
        failure = await actor.fails("comment", issue=issue.short_id, text="hello", reason="greeting")

    assert failure["not_done"] == "It is unknown whether issues.comment was done."
    assert failure["retry"] == "Read the issue before you retry."


async def test_redis_that_goes_away_fails_closed(tmp_path: Path) -> None:
    with own_server(tmp_path) as server:
        client = open_redis(server.url)
        async with running_gateway(server.url, client) as gateway:
            simulated = gateway.sentry.app
            issue = gateway.issues["first"]

            async def killing(scope: Scope, receive: Receive, send: Send) -> None:
                if scope["path"] == gateway.issue_path():
                    server.kill()
                await simulated(scope, receive, send)

            gateway.sentry.instead = killing
            async with tool_client(gateway, "actor") as actor:
                during = await actor.fails("update_issue", issue=str(issue.id), **RESOLVE)
                with pytest.raises(MCPError, match="cannot reach its Redis") as later:
                    await actor.raw("what_may_i_do")

            assert during["not_done"] == "Nothing was sent."
            assert during["retry"] == "Retry after 5 s."
            assert later.value.error.message.startswith("Vedette cannot reach its Redis")
            assert gateway.sentry.writes() == []
            assert issue.status == "unresolved"
        await client.aclose()


HIDING = {
    **AGENTS,
    "hiding": {"mode": "act", "may": READS, "grant": {"hide": ["user", "contexts"]}},
}


@pytest.fixture
async def hiding(redis_url: str, redis_client: RedisClient) -> AsyncIterator[RunningGateway]:
    async with running_gateway(redis_url, redis_client, HIDING) as running:
        yield running


async def test_hidden_classes_of_data_are_left_out_of_every_tool(hiding: RunningGateway) -> None:
    report = ErrorReport("PrivateError", "private", user="ann-7", tags=(("user", "email:ann@example.com"),))
    event = record_error(hiding.world, hiding.world.project_by_slug["shop"], report)
    assert event is not None
    name = str(event.issue.id)
    async with tool_client(hiding, "hiding") as agent, tool_client(hiding, "reader") as reader:
        shown = str(await reader.ok("get_event", issue=name))
        parameters = {"issue_id": name, "event_id": "latest"}
        texts = [
            str(await agent.ok("get_event", issue=name)),
            str(await agent.ok("list_events", issue=name)),
            str(await agent.ok("get_issue", issue=name, include=["event", "tags"])),
            str(await agent.ok("read_operation", operation="events.get_for_issue", parameters=parameters)),
        ]
        may = await agent.ok("what_may_i_do")

    assert "ann-7" in shown
    assert "trace_id" in shown
    for text in texts:
        assert "ann" not in text
        assert "203.0.113.77" not in text
        assert "trace_id" not in text
    assert may["hidden"] == ["user", "contexts"]
