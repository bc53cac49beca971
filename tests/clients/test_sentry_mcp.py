"""Sentry's own MCP server, @sentry/mcp-server, behind the gateway: its tools under four agents."""

from collections.abc import Callable
from typing import Any

from tests.clients.judgements import calls_of, denial, intents, proposed, said
from tests.clients.programs import Clients, example_of
from tests.gateway.gateways import RunningGateway

ClientOf = Callable[[str], Clients]

MOST_TOOLS = 40
"""Of its 54 tools some ask other servers than Sentry's API, or are shown only in other set-ups."""
ACME = {"organizationSlug": "acme"}
SHOP = {**ACME, "projectSlug": "shop"}
ISSUE = {**ACME, "issueId": "SHOP-1"}
# Tool -> its arguments, a part of what it shows.
READS: dict[str, tuple[dict[str, Any], str]] = {
    "find_organizations": ({}, "acme"),
    "find_projects": (ACME, "bank"),
    "find_teams": (ACME, "payments"),
    "find_releases": (SHOP, "1.0"),
    "find_dsns": (SHOP, "Default"),
    "search_issues": ({**ACME, "query": "is:unresolved"}, "BadError"),
    "get_issue_details": (ISSUE, "BadError"),
    "get_issue_user_reports": (ISSUE, "No issue user reports"),
    "get_issue_tag_values": ({**ISSUE, "tagKey": "level"}, "error"),
    "search_events": (
        {**ACME, "dataset": "errors", "query": "level:error", "fields": ["title", "timestamp"]},
        "BadError",
    ),
    "find_monitors": (ACME, "nightly"),
    "get_monitor_details": ({**ACME, "projectSlugOrId": "shop", "monitorSlug": "nightly"}, "missed"),
    "find_uptime_monitors": (ACME, "https://shop.example/health"),
    "find_dashboards": (ACME, "Checkout health"),
    "get_dashboard_details": ({**ACME, "dashboardIdOrTitle": "Checkout health"}, "Errors"),
    "find_alert_rules": (SHOP, "Many errors"),
}
SPANNING = {"find_dashboards", "get_dashboard_details", "find_alert_rules"}
"""Tools about all projects at once, which an agent of some projects has not."""
# Tool -> its arguments, the operation that changes something, the line that grants it, how the audit tells it.
WRITES: dict[str, tuple[dict[str, Any], str, str, str]] = {
    "update_issue": (
        {**ISSUE, "status": "resolved"},
        "issues.update",
        'triage = "write"',
        "resolved SHOP-1",
    ),
    "add_issue_note": ({**ISSUE, "text": "Seen."}, "issues.comment", 'triage = "write"', "commented on SHOP-1"),
    "create_team": ({**ACME, "name": "stock"}, "teams.create", 'teams = "write"', "created a team"),
    "create_dsn": ({**SHOP, "name": "CI"}, "projects.create_key", 'projects = "write"', "created a client key"),
    "add_team_to_project": (
        {**SHOP, "teamSlug": "search"},
        "projects.add_team",
        'projects = "write"',
        "gave a team access to a project",
    ),
}


async def test_an_agent_without_access_gets_nothing_from_any_tool(gateway: RunningGateway, client_of: ClientOf) -> None:
    async with client_of("nobody").mcp_server() as server:
        assert "nobody@agents.vedette.invalid" in (await server.call("whoami")).text
        for tool, (arguments, shown) in READS.items():
            answer = await server.call(tool, **arguments)
            assert answer.failed or shown not in answer.text, tool
            assert "agent nobody may not call" in said(answer), tool
    assert gateway.sentry.seen == []
    assert {entry.text("decision").partition(":")[0] for entry in await calls_of(gateway, "nobody")} == {"denied"}


async def test_a_reader_reads_with_each_tool_and_changes_nothing(gateway: RunningGateway, client_of: ClientOf) -> None:
    async with client_of("reader").mcp_server() as server:
        for tool, (arguments, shown) in READS.items():
            answer = await server.call(tool, **arguments)
            assert not answer.failed, f"{tool}: {answer.text}"
            assert shown in answer.text, f"{tool}: {answer.text}"
        assert "missed" in (await server.call("get_monitor_details", **ACME, monitorSlug="nightly")).text
        for tool, (arguments, operation, line, _) in WRITES.items():
            answer = await server.call(tool, **arguments)
            assert answer.failed, tool
            assert denial("reader", operation, line) in said(answer)
    assert gateway.sentry.writes() == []
    denied = [entry.text("operation") for entry in await calls_of(gateway, "reader")]
    assert denied == [operation for _, operation, _, _ in WRITES.values()]


async def test_an_agent_of_one_project_hears_of_no_other(gateway: RunningGateway, client_of: ClientOf) -> None:
    foreign = gateway.issues["foreign"]
    async with client_of("limited").mcp_server() as server:
        texts: dict[str, str] = {}
        for tool, (arguments, shown) in READS.items():
            answer = await server.call(tool, **arguments)
            texts[tool] = answer.text
            if tool not in SPANNING and shown != "bank":
                assert shown in answer.text, f"{tool}: {answer.text}"
        denied = await server.call("get_issue_details", **ACME, issueId=foreign.short_id)
    assert "Not done: agent limited" in said(denied)
    assert "[agents.limited.grant]" in said(denied)
    assert "OtherError" not in denied.text
    assert "project bank" not in denied.text
    (recorded,) = [one for one in await calls_of(gateway, "limited") if "denied" in one.text("decision")][-1:]
    assert "its grant does not cover project bank" in recorded.text("decision")
    for tool, text in texts.items():
        assert "OtherError" not in text, tool
        assert "bank" not in text, tool


async def test_no_tool_at_all_lets_a_reader_change_something(gateway: RunningGateway, client_of: ClientOf) -> None:
    known = {
        "organizationSlug": "acme",
        "projectSlug": "shop",
        "issueId": "SHOP-1",
        "teamSlug": "search",
        "monitorSlug": "nightly",
        "name": "Changed",
        "url": "https://shop.example/",
        "text": "Changed",
        "eventId": gateway.issues["first"].events[0].id,
        "projectSlugOrId": "shop",
        "status": "resolved",
    }
    async with client_of("reader").mcp_server() as server:
        tools = await server.all_tools()
        assert len(tools) >= MOST_TOOLS
        for tool, schema in tools.items():
            await server.call(tool, **example_of(schema, known))
    assert gateway.sentry.writes() == []
    denied = {entry.text("operation") for entry in await calls_of(gateway, "reader")}
    assert denied >= {operation for _, operation, _, _ in WRITES.values()}


async def test_what_a_proposer_writes_waits_for_a_person(gateway: RunningGateway, client_of: ClientOf) -> None:
    async with client_of("proposer").mcp_server() as server:
        for tool, (arguments, _, _, _) in WRITES.items():
            answer = await server.call(tool, **arguments)
            assert answer.failed, tool
            assert "(409)" in answer.text, answer.text
            assert "wait for a person here, so it waits as proposal" in said(answer)
    assert gateway.sentry.writes() == []
    waiting = await proposed(gateway)
    assert len(waiting) == len(WRITES)
    assert all(any(intent.startswith(told) for intent in waiting) for *_, told in WRITES.values())


async def test_an_actor_does_what_it_may(gateway: RunningGateway, client_of: ClientOf) -> None:
    world, first = gateway.world, gateway.issues["first"]
    async with client_of("actor").mcp_server() as server:
        for tool, (arguments, _, _, _) in WRITES.items():
            answer = await server.call(tool, **arguments)
            assert not answer.failed, f"{tool}: {answer.text}"
    shop = world.project_by_slug["shop"]
    assert (first.status, [comment.text for comment in first.comments]) == ("resolved", ["Seen."])
    assert "stock" in world.team_by_slug
    assert [key.label for key in shop.keys] == ["Default", "CI"]
    assert [team.slug for team in shop.teams] == ["payments", "search"]
    told = await intents(gateway, "actor")
    assert all(intent.startswith(start) for intent, (*_, start) in zip(told, WRITES.values(), strict=True)), told
