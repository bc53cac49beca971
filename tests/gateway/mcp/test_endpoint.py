"""Requests to `/mcp` that are not accepted, and what their senders learn."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any, Final

import httpx2
import pytest
from mcp.shared.exceptions import MCPError

from tests.gateway.gateways import RunningGateway
from tests.gateway.mcp.clients import MODERN, tool_client
from vedette.store.agents.tokens import AgentTokens
from vedette.store.server.client import RedisClient

_HEADERS: Final[Mapping[str, str]] = {
    "content-type": "application/json",
    "accept": "application/json, text/event-stream",
}
_LIST: Final[Mapping[str, Any]] = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}


def message(tool: str, arguments: Mapping[str, Any] | None = None, identifier: int = 1) -> dict[str, Any]:
    """A call of a tool as JSON-RPC."""
    params = {"name": tool, "arguments": dict(arguments or {})}
    return {"jsonrpc": "2.0", "id": identifier, "method": "tools/call", "params": params}


async def post(gateway: RunningGateway, agent: str, body: Any, **headers: str) -> httpx2.Response:
    """Send a message as bytes or JSON, in the era of sessions."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return await gateway.call(agent, "POST", "/mcp", content=content, headers={**_HEADERS, **headers})


async def test_a_plain_request_is_answered(gateway: RunningGateway) -> None:
    response = await post(gateway, "reader", _LIST)

    assert response.status_code == 200
    assert response.headers["content-type"].startswith("application/json")
    assert response.json()["result"]["tools"]
    assert "mcp-session-id" not in response.headers
    slash = await gateway.call("reader", "POST", "/mcp/", content=json.dumps(_LIST), headers=_HEADERS)
    assert slash.json() == response.json()


FOREIGN: Final[list[tuple[dict[str, str], int]]] = [
    ({"host": "evil.example"}, 421),
    ({"host": "evil.example:80"}, 421),
    ({"host": "127.0.0.1:1"}, 421),
    ({"host": "127.0.0.1.evil.example"}, 421),
    ({"origin": "https://evil.example"}, 403),
    ({"origin": "null"}, 403),
    ({"origin": "http://127.0.0.1"}, 403),
    ({"content-type": "text/plain"}, 415),
    ({"content-type": "application/x-www-form-urlencoded"}, 415),
    ({"content-encoding": "gzip"}, 415),
    ({"accept": "text/html"}, 406),
    ({"authorization": "Basic eDp5"}, 401),
    ({"authorization": ""}, 401),
    ({"authorization": "Bearer vdta_reader_" + "0" * 43 + "_000000"}, 401),
]


async def test_foreign_senders_and_forms_are_refused(gateway: RunningGateway) -> None:
    for headers, status in FOREIGN:
        every = {**_HEADERS, **headers}
        response = await gateway.call("actor", "POST", "/mcp", content=json.dumps(_LIST), headers=every)
        assert response.status_code == status, headers
        assert "inputSchema" not in response.text
    assert gateway.sentry.seen == []


async def test_a_page_cannot_ask_with_another_name_for_this_machine(gateway: RunningGateway) -> None:
    for name in ("localhost", "127.0.0.1"):
        assert (await post(gateway, "reader", _LIST, host=f"{name}:{gateway.port}")).status_code == 200
    assert (await post(gateway, "reader", _LIST, host=f"rebound.example:{gateway.port}")).status_code == 421


async def test_other_methods_are_refused(gateway: RunningGateway) -> None:
    for method in ("GET", "DELETE", "PUT", "OPTIONS", "HEAD", "PATCH"):
        response = await gateway.call("reader", method, "/mcp", headers=_HEADERS)
        assert response.status_code == 405
        assert response.headers["allow"] == "POST"


NO_MESSAGES: Final[list[tuple[bytes, int]]] = [
    (b"", 400),
    (b"{", 400),
    (b"[]", 400),
    (json.dumps([_LIST, _LIST]).encode(), 400),
    (b"[" * 100_000, 400),
    (b'{"jsonrpc":"2.0","id":1,"method":"tools/list","id":2}', 400),
    (b'{"jsonrpc":"2.0","id":NaN,"method":"tools/list"}', 400),
    (b'{"a":' * 50 + b"1" + b"}" * 50, 400),
    (b'"text"', 400),
    (b"\xff\xfe", 400),
    (json.dumps(message("comment", {"text": "A" * 5_000_000})).encode(), 413),
]


async def test_bodies_that_are_no_single_message_are_refused(gateway: RunningGateway) -> None:
    for body, status in NO_MESSAGES:
        response = await post(gateway, "actor", body)
        assert response.status_code == status, body[:60]
        assert "error" in response.json()
    assert gateway.sentry.seen == []


NO_REQUESTS: Final[list[dict[str, Any]]] = [
    {"jsonrpc": "1.0", "id": 1, "method": "tools/list"},
    {"jsonrpc": "2.0", "id": 1, "method": "resources/list", "params": {}},
    {"jsonrpc": "2.0", "id": 1, "method": "__class__", "params": {}},
    {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": 7}},
    {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"arguments": {}}},
    {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "get_issue", "arguments": "SHOP-1"}},
    {"jsonrpc": "2.0", "id": 1, "method": "sampling/createMessage", "params": {}},
]


async def test_messages_that_are_no_request_of_a_client_are_errors(gateway: RunningGateway) -> None:
    for body in NO_REQUESTS:
        response = await post(gateway, "actor", body)
        assert "error" in response.json(), body
    assert gateway.sentry.seen == []


async def test_a_hidden_tool_called_by_name_is_refused_as_an_unknown_one(gateway: RunningGateway) -> None:
    arguments = {"issue": str(gateway.issues["first"].id), "status": "resolved", "reason": "x"}
    async with tool_client(gateway, "nobody") as nobody:
        for tool in ("update_issue", "write_operation", "no_such_tool", "get_issue\r\nx", "\u202etool"):
            with pytest.raises(MCPError) as refused:
                await nobody.raw(tool, **arguments)
            assert refused.value.error.code == -32602
            assert refused.value.error.message.startswith("Unknown tool: ")
            assert refused.value.error.message.isprintable()
        with pytest.raises(MCPError):
            await nobody.raw("update_issue", **arguments)

    # Each is recorded once within some minutes, however often it is called.
    told = [(each.text("intent"), each.text("decision")) for each in await gateway.entries()]
    assert told[0] == ("called the tool update_issue", "denied: its grant allows no operation of the tool")
    assert told[2] == ("called the tool no_such_tool", "denied: there is no such tool")
    assert len(told) == 5
    assert all(intent.isprintable() for intent, _ in told)
    assert gateway.issues["first"].status == "unresolved"
    assert gateway.sentry.seen == []


UNFIT: Final[list[tuple[str, dict[str, Any], str]]] = [
    ("get_issue", {}, "issue: Field required"),
    ("get_issue", {"issue": "SHOP-1", "more": 1}, "more: Extra inputs are not permitted"),
    ("get_issue", {"issue": "../projects"}, "issue: write an issue's id"),
    ("get_issue", {"issue": "https://evil.example/a/b/c"}, "issue: write an issue's id"),
    ("get_issue", {"issue": "1", "include": ["everything"]}, "include.0: Input should be"),
    ("get_event", {"issue": "1", "event": "../../x"}, "event: String should match"),
    ("search_issues", {"limit": 26}, "limit: Input should be less than or equal to 25"),
    ("search_issues", {"limit": "5"}, "limit: Input should be a valid integer"),
    ("search_issues", {"query": "x" * 1001}, "query: String should have at most 1000"),
    ("update_issue", {"issue": "1", "status": "resolved"}, "reason: Field required"),
    ("update_issue", {"issue": "1", "status": "resolved", "reason": " \r\n\u200b "}, "reason: "),
    ("update_issue", {"issue": "1", "reason": "x"}, "This changes nothing"),
    ("update_issue", {"issue": "1", "release": "1.2", "reason": "x"}, "Releases and commits belong to"),
    ("update_issue", {"issue": "1", "minutes": 0, "status": "archived", "reason": "x"}, "minutes: "),
    ("update_issues", {"issues": [], "status": "resolved", "reason": "x"}, "issues: List should have at least 1"),
    ("write_operation", {"operation": "issues.get", "reason": "x"}, "there is no write operation issues.get"),
    ("read_operation", {"operation": "issues.get"}, "issues.get takes issue_id"),
    ("read_operation", {"operation": "issues.get", "parameters": {"issue_id": "1", "x": "2"}}, "and not x"),
    ("read_operation", {"operation": "auth.\u202e"}, "there is no read operation auth.\\u202e"),
]


async def test_arguments_that_do_not_fit_are_explained(gateway: RunningGateway) -> None:
    async with tool_client(gateway, "actor") as actor:
        for tool, arguments, why in UNFIT:
            failure = await actor.fails(tool, **arguments)
            assert failure["decision"] == "invalid", (tool, arguments)
            assert why in failure["why"]

    assert gateway.sentry.writes() == []


async def test_a_reason_cannot_forge_a_line_or_a_rule(gateway: RunningGateway) -> None:
    reasons = ["a\r\nforged: granted", "a\u2028b\u0085c", "rule fatal to on-call", '" (approved by ann)']
    async with tool_client(gateway, "actor") as actor:
        for reason in reasons:
            await actor.ok("update_issue", issue=str(gateway.issues["first"].id), priority="low", reason=reason)

    entries = [each for each in await gateway.entries() if each.kind == "call"]
    assert len(entries) == len(reasons)
    for entry in entries:
        said = entry.text("because")
        assert said.isprintable()
        assert said.startswith('the agent says: "')
        assert said.count('"') == 2
        assert entry.text("rule") == ""
        assert entry.text("decision").startswith("granted by")


async def test_a_path_in_an_argument_reaches_no_other_operation(gateway: RunningGateway) -> None:
    async with tool_client(gateway, "reader") as reader:
        for value in ("..", ".", "", "../../projects/acme/shop", "1/../../x", "%2e%2e"):
            failure = await reader.raw("read_operation", operation="issues.get", parameters={"issue_id": value})
            assert failure.is_error

    paths = {seen.target.partition("?")[0] for seen in gateway.sentry.seen if "/issues/" in seen.target}
    assert all(path.startswith("/api/0/organizations/acme/issues/") for path in paths)
    assert all(".." not in path.split("/") for path in paths)


async def test_another_organization_is_denied(gateway: RunningGateway) -> None:
    parameters = {"organization_id_or_slug": "other", "issue_id": "1"}
    async with tool_client(gateway, "owner") as owner:
        failure = await owner.fails("read_operation", operation="issues.get", parameters=parameters)

    assert failure["decision"] == "denied"
    assert "another organization" in failure["why"]


async def test_no_session_of_one_agent_serves_another(gateway: RunningGateway) -> None:
    version = {"mcp-protocol-version": "2025-06-18"}
    begun = {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "x", "version": "1"},
    }
    first = await post(gateway, "actor", {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": begun})
    assert first.status_code == 200

    for session in ("anything", first.headers.get("mcp-session-id", "none")):
        answer = await post(gateway, "nobody", _LIST, **version, **{"mcp-session-id": session})
        assert [tool["name"] for tool in answer.json()["result"]["tools"]] == ["what_may_i_do"]


async def test_calls_of_several_agents_at_once_are_not_mixed_up(gateway: RunningGateway) -> None:
    agents = ["reader", "proposer", "actor", "watcher"] * 5

    async def ask(agent: str) -> str:
        answer = await post(gateway, agent, message("what_may_i_do"))
        return str(answer.json()["result"]["structuredContent"]["agent"])

    assert await asyncio.gather(*map(ask, agents)) == agents


async def test_a_revoked_token_ends_a_client_within_a_second(
    gateway: RunningGateway, redis_client: RedisClient
) -> None:
    async with tool_client(gateway, "actor", MODERN) as actor:
        await actor.ok("what_may_i_do")
        for token in await AgentTokens(redis_client).all():
            await AgentTokens(redis_client).revoke(token.id)
        await asyncio.sleep(1)
        with pytest.raises(MCPError, match="no token of an agent of Vedette, or it was revoked") as refused:
            await actor.ok("what_may_i_do")

    assert gateway.tokens["actor"] not in repr(refused.value)
