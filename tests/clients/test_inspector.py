"""The MCP inspector, a client that others wrote, lists and calls the gateway's own tools."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.clients.judgements import intents, last_call, proposed
from tests.clients.programs import Clients, Finished
from tests.gateway.gateways import RunningGateway

ClientOf = Callable[[str], Clients]
READING = {"what_may_i_do", "search_issues", "get_issue", "get_event", "find"}
WRITING = {"update_issue", "update_issues", "comment"}


def first_object(finished: Finished) -> dict[str, Any]:
    """Return what the inspector prints first; after a tool's error it adds an object of its own."""
    found, _ = json.JSONDecoder().raw_decode(finished.output.lstrip())
    return found


async def call(clients: Clients, tool: str, **arguments: str) -> Finished:
    given = [part for name, value in arguments.items() for part in ("--tool-arg", f"{name}={value}")]
    return await clients.inspector("--method", "tools/call", "--tool-name", tool, *given)


@pytest.mark.parametrize("agent", ["nobody", "reader", "proposer", "actor"])
async def test_the_list_of_tools_is_that_of_the_agents_grant(
    gateway: RunningGateway, client_of: ClientOf, agent: str
) -> None:
    listed = first_object(await client_of(agent).inspector("--method", "tools/list"))
    tools = {tool["name"]: tool for tool in listed["tools"]}
    assert "what_may_i_do" in tools
    assert (tools.keys() >= READING) == (agent != "nobody")
    assert bool(tools.keys() & WRITING) == (agent in {"proposer", "actor"})
    for name, tool in tools.items():
        assert tool["description"]
        assert tool["annotations"]["readOnlyHint"] == (name not in WRITING | {"undo", "write_operation"}), name
    assert gateway.sentry.seen == []


async def test_a_search_keeps_the_text_of_events_apart(gateway: RunningGateway, client_of: ClientOf) -> None:
    done = await call(client_of("reader"), "search_issues", query="is:unresolved")
    assert done.code == 0, done.output
    found = first_object(done)["structuredContent"]
    assert {issue["short_id"] for issue in found["issues"]} == {"SHOP-1", "SHOP-2", "BANK-1"}
    assert "BadError" in found["from_event"]["SHOP-1"]["title"]
    assert gateway.sentry.writes() == []


async def test_a_tool_that_the_grant_hides_cannot_be_called_by_its_name(
    gateway: RunningGateway, client_of: ClientOf
) -> None:
    done = await call(client_of("reader"), "update_issue", issue="SHOP-1", status="resolved", reason="Mended")
    assert done.code != 0
    assert "SHOP-1" not in done.output
    assert gateway.sentry.writes() == []


async def test_a_proposers_update_is_an_error_that_says_what_to_do(
    gateway: RunningGateway, client_of: ClientOf
) -> None:
    done = await call(client_of("proposer"), "update_issue", issue="SHOP-1", status="resolved", reason="Mended")
    answer = first_object(done)
    assert (answer["isError"], answer["structuredContent"]["decision"]) == (True, "proposed")
    assert answer["structuredContent"]["retry"] == "Do not send it again."
    assert await proposed(gateway) == ["resolved SHOP-1"]
    assert gateway.sentry.writes() == []
    assert gateway.issues["first"].status == "unresolved"


async def test_an_actors_update_is_done_and_its_reason_recorded(gateway: RunningGateway, client_of: ClientOf) -> None:
    done = await call(client_of("actor"), "update_issue", issue="SHOP-1", status="resolved", reason="Mended in 1.1")
    assert first_object(done)["structuredContent"]["done"] == "resolved SHOP-1"
    assert gateway.issues["first"].status == "resolved"
    assert await intents(gateway, "actor") == ["resolved SHOP-1"]
    assert "Mended in 1.1" in (await last_call(gateway, "actor")).text("because")
