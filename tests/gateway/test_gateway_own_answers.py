"""What Vedette answers an agent by itself is recorded as each of its reads is, by both fronts."""

from collections import Counter

from tests.gateway.gateways import RunningGateway
from tests.gateway.mcp.clients import tool_client
from vedette.store.agents.usage import read_usage


async def recorded(gateway: RunningGateway) -> "Counter[tuple[str, str]]":
    """The reads in the audit: principal and name."""
    await gateway.services.policy.agents.journal.flush()
    found: Counter[tuple[str, str]] = Counter()
    for entry in await gateway.entries():
        if entry.kind == "reads":
            for name, count in entry.facts["operations"].items():
                found[entry.text("handler"), name] += count
    return found


async def test_questions_of_a_rest_client_about_itself_are_in_the_audit(gateway: RunningGateway) -> None:
    for path in ("/api/0/", "/api/0/auth/", "/api/0/users/me/regions/", "/api/0/", "/api/vedette/proposals/7f3a2c/"):
        await gateway.call("nobody", "GET", path, headers={"User-Agent": "sentry-cli/3"})

    assert await recorded(gateway) == {
        ("agent:nobody", "gateway.scopes"): 2,
        ("agent:nobody", "gateway.agent"): 1,
        ("agent:nobody", "gateway.regions"): 1,
        ("agent:nobody", "gateway.proposal"): 1,
    }
    (entry,) = [each for each in await gateway.entries() if each.kind == "reads"]
    assert entry.text("source") == "agent nobody (sentry-cli/3 via REST)"
    batch = await gateway.services.policy.agents.journal.find(entry.text("batch"))
    assert batch is not None
    assert batch.is_intact
    assert '"proposal":"7f3a2c"' in batch.text
    assert (await read_usage(gateway.redis, "nobody")).last is not None
    assert gateway.sentry.seen == []


async def test_a_rejected_question_about_itself_is_no_read(gateway: RunningGateway) -> None:
    assert (await gateway.call("nobody", "POST", "/api/0/", json={})).status_code in {403, 405}
    assert await recorded(gateway) == {}


async def test_tools_that_need_no_call_to_sentry_are_in_the_audit(gateway: RunningGateway) -> None:
    issue = gateway.issues["first"]
    async with tool_client(gateway, "actor") as actor:
        await actor.ok("what_may_i_do")
        await actor.ok("proposals")
        await actor.ok("search_operations", words="release")
        await actor.ok(
            "dry_run",
            tool="update_issue",
            arguments={"issue": issue.short_id, "status": "resolved", "reason": "fixed in 1.2"},
        )

    found = await recorded(gateway)
    own = {name for _, name in found if name.startswith("tool.")}
    assert own == {"tool.what_may_i_do", "tool.proposals", "tool.search_operations", "tool.dry_run"}
