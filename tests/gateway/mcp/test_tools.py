"""The tools, called by the SDK's client: judged by the simulated Sentry's state and the audit."""

from typing import Any

import pytest
from mcp.client.client import ConnectMode

from tests.gateway.gateways import RunningGateway
from tests.gateway.mcp.clients import ERAS, tool_client
from vedette.store.access.proposals import Proposals


@pytest.mark.parametrize("mode", ERAS)
async def test_both_eras_of_the_protocol_list_and_call(gateway: RunningGateway, mode: ConnectMode) -> None:
    async with tool_client(gateway, "reader", mode) as reader:
        assert "get_issue" in await reader.tools()
        assert "update_issue" not in await reader.tools()
        may = await reader.ok("what_may_i_do")

    assert may["agent"] == "reader"
    assert may["areas"] == {"issues": "read", "projects": "read", "teams": "read", "releases": "read"}


async def test_an_agent_without_a_grant_has_one_tool(gateway: RunningGateway) -> None:
    async with tool_client(gateway, "nobody") as nobody:
        assert await nobody.tools() == {"what_may_i_do"}


async def test_issues_are_searched_and_read(gateway: RunningGateway) -> None:
    issue = gateway.issues["first"]
    async with tool_client(gateway, "reader") as reader:
        found = await reader.ok("search_issues", query="is:unresolved", project="shop")
        shown = await reader.ok("get_issue", issue=issue.short_id, include=["event", "activity", "tags", "comments"])
        events = await reader.ok("list_events", issue=str(issue.id))
        event = await reader.ok("get_event", issue=str(issue.id), event=events["events"][0]["id"])

    assert {each["short_id"] for each in found["issues"]} == {issue.short_id, gateway.issues["second"].short_id}
    assert found["from_event"][issue.short_id]["title"].startswith("BadError")
    assert "title" not in found["issues"][0]
    assert shown["issue"]["status"] == "unresolved"
    assert shown["from_event"]["event"]["exceptions"][0]["value"] == "BadError in shop"
    assert event["event"]["id"] == events["events"][0]["id"]
    assert event["from_event"]["exceptions"][0]["frames"]


async def test_an_agent_in_mode_act_resolves_and_takes_it_back(gateway: RunningGateway) -> None:
    issue = gateway.issues["first"]
    async with tool_client(gateway, "actor") as actor:
        done = await actor.ok("update_issue", issue=issue.short_id, status="resolved", reason="fixed by release 1.2")
        assert issue.status == "resolved"
        assert done["done"] == f"resolved {issue.short_id}"
        back = await actor.ok("undo", audit=done["audit"], reason="it came back")

    assert issue.status == "unresolved"
    assert back["done"].startswith(f"reopened {issue.short_id}")
    first = next(each for each in await gateway.entries() if each.number == done["audit"])
    assert first.text("because") == 'the agent says: "fixed by release 1.2"'
    assert first.text("source").startswith("agent actor (mcp/")
    assert "via MCP" in first.text("source")
    assert first.text("rule") == ""


async def test_a_held_back_write_is_an_error_that_names_the_proposal(gateway: RunningGateway) -> None:
    issue = gateway.issues["first"]
    async with tool_client(gateway, "proposer") as proposer:
        change = {"issue": issue.short_id, "status": "resolved", "reason": "fixed"}
        first = await proposer.fails("update_issue", **change)
        again = await proposer.fails("update_issue", **change)
        waiting = await proposer.ok("proposals")
        one = await proposer.ok("proposals", proposal=first["proposal"])

    assert first["decision"] == "proposed"
    assert first["not_done"] == f"Not done: resolved {issue.short_id}."
    assert first["retry"] == "Do not send it again."
    assert again["proposal"] == first["proposal"]
    assert [each["proposal"] for each in waiting["proposals"]] == [first["proposal"]]
    assert one["proposals"][0]["reason"] == 'the agent says: "fixed"'
    assert issue.status == "unresolved"
    assert gateway.sentry.writes() == []


async def test_an_observed_write_is_recorded_and_not_sent(gateway: RunningGateway) -> None:
    async with tool_client(gateway, "watcher") as watcher:
        failure = await watcher.fails("comment", issue=gateway.issues["first"].short_id, text="hello", reason="hi")

    assert failure["decision"] == "observed"
    assert await gateway.decisions() == ["observed"]
    assert gateway.sentry.writes() == []


async def test_a_denial_says_who_can_allow_it_with_which_line(gateway: RunningGateway) -> None:
    foreign = gateway.issues["foreign"]
    async with tool_client(gateway, "shop-agent") as agent:
        read = await agent.fails("get_issue", issue=str(foreign.id))
        write = await agent.fails("update_issue", issue=str(foreign.id), status="resolved", reason="mine")
        why = await agent.fails("why", issue=str(foreign.id))

    for failure in (read, write, why):
        assert failure["decision"] == "denied"
        assert failure["why"] == "its grant does not cover that project"
        assert "`vedette audit --agent shop-agent`" in failure["to_allow"]
        assert "[agents.shop-agent.grant]" in failure["to_allow"]
        assert failure["retry"] == "Do not retry."
    assert foreign.status == "unresolved"


async def test_a_denial_names_no_project_that_the_agent_did_not_name(gateway: RunningGateway) -> None:
    foreign = str(gateway.issues["foreign"].id)
    change = {"issue": foreign, "status": "resolved", "reason": "it is fixed"}
    async with tool_client(gateway, "shop-agent") as agent:
        failures = [await agent.fails("get_issue", issue=foreign), await agent.fails("update_issue", **change)]
        preview = await agent.ok("dry_run", tool="update_issue", arguments=change)

    assert {each["why"] for each in failures} == {"its grant does not cover that project"}
    assert preview["would"][0]["decision"] == "denied: its grant does not cover that project"
    assert all("bank" not in str(each) for each in (*failures, preview))
    assert "denied: its grant does not cover project bank" in await gateway.decisions()


async def test_several_issues_are_changed_one_by_one_so_that_each_can_be_undone(gateway: RunningGateway) -> None:
    names = [gateway.issues[name].short_id for name in ("first", "second")]
    async with tool_client(gateway, "actor") as actor:
        done = await actor.ok("update_issues", issues=names, status="resolved", reason="fixed by the same commit")
        assert [gateway.issues[name].status for name in ("first", "second")] == ["resolved", "resolved"]
        await actor.ok("undo", audit=done["done"][0]["audit"], reason="not this one")

    assert sorted(gateway.issues[name].status for name in ("first", "second")) == ["resolved", "unresolved"]


async def test_several_issues_are_proposed_once_for_each_project(gateway: RunningGateway) -> None:
    names = [issue.short_id for issue in gateway.issues.values()]
    async with tool_client(gateway, "proposer") as proposer:
        failure = await proposer.fails("update_issues", issues=names, status="resolved", reason="old")
        waiting = (await proposer.ok("proposals"))["proposals"]

    assert failure["decision"] == "proposed"
    assert sorted(len(each["write"].split(" and ")) for each in waiting) == [1, 2]
    assert gateway.sentry.writes() == []


async def test_more_issues_than_granted_are_denied_and_recorded(gateway: RunningGateway) -> None:
    names = [str(each) for each in range(1, 4)]
    async with tool_client(gateway, "shop-agent") as agent:
        failure = await agent.fails("update_issues", issues=names, status="resolved", reason="all")

    assert failure["why"] == "it would change 3 issues, and this agent may change 2 at once"
    assert "bulk = 3" in failure["to_allow"]
    assert await gateway.decisions() == [f"denied: {failure['why']}"]
    assert gateway.sentry.writes() == []


async def test_a_dry_run_says_what_would_happen_and_does_nothing(gateway: RunningGateway) -> None:
    issue = gateway.issues["first"]
    change = {"issue": issue.short_id, "status": "resolved", "reason": "fixed"}
    async with tool_client(gateway, "actor") as actor, tool_client(gateway, "proposer") as proposer:
        sent = await actor.ok("dry_run", tool="update_issue", arguments=change)
        proposed = await proposer.ok("dry_run", tool="update_issue", arguments=change)
        wrong = await actor.fails("dry_run", tool="update_issue", arguments={"issue": issue.short_id})
        hidden = await actor.fails("dry_run", tool="get_issue", arguments={"issue": issue.short_id})

    assert sent["would"][0]["would_send"] is True
    assert sent["would"][0]["write"] == f"resolved {issue.short_id}"
    assert (sent["would"][0]["before"]["status"], sent["would"][0]["after"]["status"]) == ("unresolved", "resolved")
    assert (proposed["would"][0]["would_send"], proposed["would"][0]["decision"]) == (False, "proposed")
    assert "reason: Field required" in wrong["why"]
    assert hidden["decision"] == "invalid"
    assert await gateway.entries() == []
    assert gateway.sentry.writes() == []


async def test_what_has_no_tool_is_an_operation(gateway: RunningGateway) -> None:
    async with tool_client(gateway, "actor") as actor:
        found = await actor.ok("search_operations", words="create release")
        assert found["operations"][0]["name"] == "releases.create"
        body = {"version": "9.9.9", "projects": ["shop"]}
        done = await actor.ok("write_operation", operation="releases.create", body=body, reason="shipped")
        read = await actor.ok("read_operation", operation="releases.get", parameters={"version": "9.9.9"})
        wrong = await actor.fails("read_operation", operation="releases.create")
        denied = await actor.fails("write_operation", operation="teams.create", body={"slug": "x"}, reason="new")

    assert "9.9.9" in done["done"]
    assert read["from_event"]["answer"]["version"] == "9.9.9"
    assert "there is no read operation releases.create" in wrong["why"]
    assert denied["decision"] == "denied"
    assert 'teams = "write"' in denied["to_allow"]


async def test_an_undo_of_anothers_write_is_refused_as_one_that_does_not_exist(gateway: RunningGateway) -> None:
    async with tool_client(gateway, "actor") as actor, tool_client(gateway, "shop-agent") as other:
        done = await actor.ok("update_issue", issue=gateway.issues["first"].short_id, priority="low", reason="minor")
        foreign = await other.fails("undo", audit=done["audit"], reason="mine")
        none = await other.fails("undo", audit=4711, reason="mine")

    assert foreign["why"].replace(str(done["audit"]), "N") == none["why"].replace("4711", "N")
    assert gateway.issues["first"].priority == "low"


async def test_why_tells_what_agents_did_to_an_issue(gateway: RunningGateway) -> None:
    issue = gateway.issues["first"]
    async with tool_client(gateway, "actor") as actor, tool_client(gateway, "reader") as reader:
        await actor.ok("update_issue", issue=issue.short_id, status="resolved", reason="fixed by 1.2")
        told = await reader.ok("why", issue=issue.short_id)

    assert told["issue"] == issue.short_id
    assert told["writes"][0]["by"] == "agent:actor"
    assert told["writes"][0]["what"] == f"resolved {issue.short_id}"
    assert told["writes"][0]["reason"] == 'the agent says: "fixed by 1.2"'
    assert told["writes"][0]["result"] == "done"


async def test_find_names_what_can_be_given_to_other_tools(gateway: RunningGateway) -> None:
    async with tool_client(gateway, "reader") as reader:
        projects = await reader.ok("find", what="projects")
        teams = await reader.ok("find", what="teams", name="pay")
        members = await reader.fails("find", what="members")

    assert {each["slug"] for each in projects["found"]} == {"shop", "bank"}
    assert [each["slug"] for each in teams["found"]] == ["payments"]
    assert members["decision"] == "denied"


async def test_an_assignee_is_looked_up_by_name(gateway: RunningGateway) -> None:
    issue = gateway.issues["first"]
    async with tool_client(gateway, "actor") as actor:
        await actor.ok("update_issue", issue=issue.short_id, assign_to="#payments", reason="theirs")
        assert issue.assignee is not None
        wrong = await actor.fails("update_issue", issue=issue.short_id, assign_to="#nobodys", reason="theirs")
        await actor.ok("update_issue", issue=issue.short_id, assign_to="nobody", reason="nobody's")

    assert "has no team" in wrong["why"]
    assert issue.assignee is None


async def test_a_file_is_not_for_tools(gateway: RunningGateway) -> None:
    parameters = {"project_id_or_slug": "shop", "event_id": "0" * 32, "attachment_id": "1"}
    async with tool_client(gateway, "reader") as reader:
        failure = await reader.fails("read_operation", operation="events.attachment", parameters=parameters)
    assert "answers with a file" in failure["why"]
    assert gateway.sentry.seen == []


async def test_an_operation_on_several_issues_changes_those_it_names_alone(gateway: RunningGateway) -> None:
    first, second = (gateway.issues[name] for name in ("first", "second"))
    resolve = {"operation": "issues.update_many", "body": {"status": "resolved"}, "reason": "fixed"}
    async with tool_client(gateway, "actor") as actor:
        search = await actor.fails("write_operation", **resolve, query={"query": "is:unresolved"})
        nothing = await actor.fails("write_operation", **resolve)
        await actor.ok("write_operation", **resolve, query={"id": [str(first.id)], "query": "is:unresolved"})

    for failure in (search, nothing):
        assert failure["why"] == "issues.update_many would change whatever a search finds"
    assert (first.status, second.status) == ("resolved", "unresolved")


async def test_lists_are_limited_to_the_granted_projects(gateway: RunningGateway) -> None:
    async with tool_client(gateway, "shop-agent") as agent:
        issues = await agent.ok("search_issues", query="")
        projects = await agent.ok("find", what="projects")
        foreign = await agent.fails("search_issues", query="", project="bank")

    assert {each["project"] for each in issues["issues"]} == {"shop"}
    assert [each["slug"] for each in projects["found"]] == ["shop"]
    assert foreign["decision"] == "denied"


async def test_pages_follow_each_other_by_their_cursor(gateway: RunningGateway) -> None:
    async with tool_client(gateway, "reader") as reader:
        found: list[str] = []
        page = await reader.ok("search_issues", query="", limit=2)
        found += [each["id"] for each in page["issues"]]
        while "next_cursor" in page:
            page = await reader.ok("search_issues", query="", limit=2, cursor=page["next_cursor"])
            found += [each["id"] for each in page["issues"]]

    assert sorted(found) == sorted(str(issue.id) for issue in gateway.issues.values())


async def test_tools_that_are_said_to_read_change_nothing(gateway: RunningGateway) -> None:
    issue = gateway.issues["first"].short_id
    change = {"issue": issue, "status": "resolved", "reason": "x"}
    arguments: dict[str, dict[str, Any]] = {
        **{key: {"issue": issue} for key in ("get_issue", "list_events", "get_event", "why")},
        "find": {"what": "teams"},
        "dry_run": {"tool": "update_issue", "arguments": change},
        "search_operations": {"words": "issue"},
        "read_operation": {"operation": "issues.tags", "parameters": {"issue_id": issue}},
    }
    async with tool_client(gateway, "actor") as actor:
        for tool in (await actor.client.list_tools()).tools:
            assert tool.annotations is not None
            if tool.annotations.read_only_hint:
                await actor.ok(tool.name, **arguments.get(tool.name, {}))
                assert tool.annotations.destructive_hint is False

    assert gateway.sentry.writes() == []
    assert [entry for entry in await gateway.entries() if entry.kind == "outcome"] == []
    assert await Proposals(gateway.redis, 60).waiting() == []


async def test_a_query_that_sentry_refuses_is_explained(gateway: RunningGateway) -> None:
    async with tool_client(gateway, "reader") as reader:
        failure = await reader.fails("search_issues", query="is:unresolvd level:fatal")

    assert failure["sentry_says"]
    assert failure["instead"].startswith("Correct column 4 of the query: expected one of unresolved, resolved")
    assert failure["decision"] == "invalid"
