"""Budgets, pauses, revocations and the rule on untrusted text, as agents meet them."""

import asyncio
from typing import Any

import pytest

from tests.vedette.access.agent_scene import agent_scene
from tests.vedette.access.conftest import Scene
from vedette.access.agent_directory import (
    AgentDirectory,
    ExpiredAgentTokenError,
    RevokedAgentTokenError,
    UnknownAgentTokenError,
)
from vedette.api.call import Call
from vedette.api.operations import OPERATIONS
from vedette.permissions.errors import AccessDenied, BudgetExhausted
from vedette.settings.agents import AgentSettings
from vedette.store.agents.read_journal import ENTRIES_A_MINUTE
from vedette.store.agents.token_text import fingerprint, new_token
from vedette.store.agents.tokens import AgentTokens

MAY = {"issues": "read", "triage": "write", "teams": "write", "destroy-issues": "full"}
ACTING = {"mode": "act", "may": MAY}


def call(scene: Scene, name: str, body: dict[str, Any] | None = None, *query: tuple[str, str], **path: str) -> Call:
    """A call about the scene's organization, and its issue where the operation names one."""
    known = {"organization_id_or_slug": scene.world.organization_slug, "issue_id": str(scene.issue.id), **path}
    operation = OPERATIONS[name]
    return Call(operation, {each: known[each] for each in operation.parameters}, query, body)


def resolve(scene: Scene) -> Call:
    return call(scene, "issues.update", {"status": "resolved"})


async def test_writes_of_an_agent_end_at_its_budget_and_handlers_have_their_own(scene: Scene) -> None:
    agents = await agent_scene(scene, {**ACTING, "grant": {"writes_per_hour": 1}})
    assert (await agents.gate().send(resolve(scene))).sent

    with pytest.raises(BudgetExhausted, match=r"write `writes_per_hour = 2` under \[agents.helper.grant\]"):
        await agents.gate().send(call(scene, "issues.update", {"status": "unresolved"}))


async def test_reads_of_an_agent_end_at_its_budget_whichever_process_makes_them(scene: Scene) -> None:
    agents = await agent_scene(scene, {**ACTING, "grant": {"reads_per_hour": 3}})
    # Another process has counters of its own.
    other = await agent_scene(scene, {**ACTING, "grant": {"reads_per_hour": 3}})
    for gate in (agents.gate(), other.gate(), agents.gate()):
        await gate.send(call(scene, "issues.get"))

    with pytest.raises(BudgetExhausted, match=r"read 3 times within the hour.*again in (59|60) min"):
        await other.gate().send(call(scene, "issues.get"))


async def test_a_call_to_more_issues_than_the_bound_is_denied_before_any_is_read(scene: Scene) -> None:
    agents = await agent_scene(scene, {**ACTING, "grant": {"bulk": 2}})
    ids = [("id", str(number)) for number in range(1, 1002)]

    with pytest.raises(AccessDenied, match="would change 1001 issues, and this agent may change 2 at once"):
        await agents.gate().send(call(scene, "issues.update_many", {"status": "resolved"}, *ids))

    assert not scene.connection.issue_cache.issues


@pytest.mark.parametrize("paused", ["agent:helper", "*"])
async def test_a_pause_holds_an_agent(scene: Scene, paused: str) -> None:
    agents = await agent_scene(scene, ACTING)
    await scene.services.budgets.pause(paused, "ann")

    answer = await agents.gate().send(resolve(scene))

    assert not answer.sent
    assert answer.held is not None
    assert (answer.held.decision, answer.held.by) == ("paused", "ann")
    assert scene.issue.status == "unresolved"


async def test_a_pause_of_a_handler_does_not_hold_the_agent_of_its_name(scene: Scene) -> None:
    agents = await agent_scene(scene, ACTING)
    await scene.services.budgets.pause("helper", "ann")

    assert (await agents.gate().send(resolve(scene))).sent


@pytest.mark.parametrize("stop", ["pause", "revoke"])
async def test_what_is_decided_while_a_write_waits_for_the_rate_limit_stops_it(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, stop: str
) -> None:
    agents = await agent_scene(scene, ACTING)
    await agents.gate().send(call(scene, "issues.get"))
    gate, gate_is_passed, may_leave = agents.gate(), asyncio.Event(), asyncio.Event()
    send = scene.connection.transport.send

    async def wait(sent: Call) -> Any:
        gate_is_passed.set()
        await may_leave.wait()
        return await send(sent)

    monkeypatch.setattr(scene.connection.transport, "send", wait)
    task = asyncio.create_task(gate.send(resolve(scene)))
    await gate_is_passed.wait()
    if stop == "pause":
        await scene.services.budgets.pause("agent:helper", "ann")
    else:
        await AgentTokens(scene.client).revoke(agents.agent.token.id)
    await asyncio.sleep(0.6)
    may_leave.set()

    if stop == "pause":
        answer = await task
        assert answer.held is not None
        assert answer.held.decision == "paused"
    else:
        with pytest.raises(UnknownAgentTokenError):
            await task
    assert scene.issue.status == "unresolved"
    outcome = (await scene.entries())[-1]
    assert outcome.kind == "outcome"
    assert not outcome.facts["unknown"]
    assert "was not sent" in outcome.text("error")


async def test_after_reading_text_from_events_writes_wait_for_a_person(scene: Scene) -> None:
    agents = await agent_scene(scene, {**ACTING, "untrusted": "propose"})
    await agents.gate().send(call(scene, "teams.list"))
    assert (await agents.gate().send(call(scene, "teams.create", {"slug": "first"}))).sent

    await agents.gate().send(call(scene, "issues.get"))
    held = await agents.gate().send(resolve(scene))

    assert held.held is not None
    assert held.held.decision == "proposed"
    assert scene.issue.status == "unresolved"


async def test_names_of_monitors_are_texts_that_anyone_may_have_sent(scene: Scene) -> None:
    agents = await agent_scene(scene, {**ACTING, "may": {**MAY, "alerts": "read"}, "untrusted": "propose"})
    await agents.gate().send(call(scene, "monitors.list"))
    assert not (await agents.gate().send(resolve(scene))).sent


async def test_the_rule_on_untrusted_text_is_about_one_agent_and_ends(scene: Scene) -> None:
    agents = await agent_scene(scene, {**ACTING, "untrusted": "propose"})
    other = await agent_scene(scene, {**ACTING, "untrusted": "propose"}, "other")
    await agents.gate().send(call(scene, "issues.get"))
    assert (await other.gate().send(call(scene, "teams.create", {"slug": "others"}))).sent
    remaining = await scene.client.pttl("{vedette}:agent_untrusted:helper")  # type: ignore[attr-defined] # redis-py's
    assert 600_000 < remaining <= 605_000

    await scene.client.delete("{vedette}:agent_untrusted:helper")

    assert (await agents.gate().send(call(scene, "teams.create", {"slug": "own"}))).sent


async def test_the_answer_to_a_write_of_an_issue_counts_as_text_from_events(scene: Scene) -> None:
    agents = await agent_scene(scene, {**ACTING, "untrusted": "propose"})
    assert (await agents.gate().send(resolve(scene))).sent

    second = await agents.gate().send(call(scene, "issues.update", {"status": "unresolved"}))

    assert not second.sent


async def test_a_token_ends_at_its_time_and_at_its_agents(scene: Scene) -> None:
    ended = AgentDirectory(scene.client, {"helper": AgentSettings.model_validate({"expires": "2020-01-01"})})
    text, _ = await AgentTokens(scene.client).create("helper", by="ann")
    with pytest.raises(ExpiredAgentTokenError):
        await ended.authenticate(text)

    going_on = AgentDirectory(scene.client, {"helper": AgentSettings()})
    assert (await going_on.authenticate(text)).name == "helper"
    short, _ = await AgentTokens(scene.client).create("helper", by="ann", lifetime=0.001)
    await asyncio.sleep(0.01)
    with pytest.raises(ExpiredAgentTokenError):
        await going_on.authenticate(short)


async def test_a_token_of_an_agent_that_the_settings_no_longer_have_is_not_taken(scene: Scene) -> None:
    text, _ = await AgentTokens(scene.client).create("helper", by="ann")

    with pytest.raises(RevokedAgentTokenError):
        await AgentDirectory(scene.client, {"other": AgentSettings()}).authenticate(text)


async def test_a_token_of_the_settings_file_works_until_it_is_revoked(scene: Scene) -> None:
    text = new_token("helper")
    digest = fingerprint(text)
    directory = AgentDirectory(scene.client, {"helper": AgentSettings(tokens=(f"sha256:{digest}",))})
    assert (await directory.authenticate(text)).name == "helper"

    await AgentTokens(scene.client).revoke_listed("helper", digest)
    directory.forget()

    with pytest.raises(RevokedAgentTokenError):
        await directory.authenticate(text)


@pytest.mark.parametrize("text", ["", "x", "vdta_helper_", "sntryi_" + "a" * 64, "vdta_é_\ud800", "a" * 100_000])
async def test_other_texts_are_no_tokens(scene: Scene, text: str) -> None:
    agents = await agent_scene(scene, ACTING)
    with pytest.raises(UnknownAgentTokenError):
        await agents.directory.authenticate(text)


async def test_each_read_is_in_a_batch_whose_digest_the_audit_has(scene: Scene) -> None:
    agents = await agent_scene(scene, ACTING)
    for _ in range(3):
        await agents.gate().send(call(scene, "issues.get"))
    await agents.gate().send(call(scene, "issues.search", None, ("query", "is:unresolved")))

    await agents.factory.aclose()

    (entry,) = [each for each in await scene.entries() if each.kind == "reads"]
    assert entry.text("handler") == "agent:helper"
    assert entry.text("intent") == "read issues.get 3x, issues.search"
    batch = await scene.services.agents.journal.find(entry.text("batch"))
    assert batch is not None
    assert batch.is_intact
    assert batch.digest == entry.text("digest")
    assert batch.text.count('"operation":"issues.get"') == 3
    assert '"query":[["query","is:unresolved"]]' in batch.text
    await scene.client.xadd("{vedette}:agent_reads", {"agent": "helper", "digest": batch.digest, "reads": b"x" * 9})
    ((altered, _),) = await scene.client.xrevrange("{vedette}:agent_reads", count=1)
    changed = await scene.services.agents.journal.find(altered.decode())
    assert changed is not None
    assert not changed.is_intact
    assert (await scene.services.budgets.counts())["agent:helper"]["read"] == 4
    assert await scene.client.hget("{vedette}:agent_usage:helper", "issues.get") == b"3"


async def test_reads_are_written_by_themselves_within_two_seconds(scene: Scene) -> None:
    agents = await agent_scene(scene, ACTING)
    await agents.gate().send(call(scene, "issues.get"))

    await asyncio.sleep(2)

    assert [each.text("intent") for each in await scene.entries()] == ["read issues.get"]


async def test_a_read_that_is_denied_is_in_the_audit_by_itself(scene: Scene) -> None:
    agents = await agent_scene(scene, {"may": {"teams": "read"}})
    with pytest.raises(AccessDenied):
        await agents.gate().send(call(scene, "issues.get"))
    (entry,) = await scene.entries()
    assert entry.text("decision") == "denied: its grant does not allow issues.get"
    assert entry.text("source") == "agent helper (curl/8 via REST)"


async def test_a_client_names_itself_in_one_line_that_it_cannot_leave(scene: Scene) -> None:
    agents = await agent_scene(scene, ACTING)
    gate = agents.factory.gate(agents.agent, "mcp", "a)\r\nagent other (b\u202e" + "c" * 200)
    assert gate.who.isprintable()
    assert gate.who.startswith("agent helper (a]")
    assert gate.who.endswith("c via MCP)")
    assert gate.who.count("(") == gate.who.count(")") == 1
    assert len(gate.who) < 100


async def test_an_agent_that_repeats_what_it_may_not_do_fills_batches_and_not_the_audit(scene: Scene) -> None:
    agents = await agent_scene(scene, {"mode": "act", "may": {"issues": "read"}})
    for _ in range(ENTRIES_A_MINUTE + 40):
        with pytest.raises(AccessDenied):
            await agents.gate().send(resolve(scene))
    await agents.factory.aclose()

    *entries, batch = await scene.entries()
    assert len(entries) == ENTRIES_A_MINUTE
    assert batch.text("intent") == "tried issues.update 40x"
    assert batch.text("decision") == "denied or held back"
    assert batch.facts["reads"] == 40
    counts = (await scene.services.budgets.counts())["agent:helper"]
    assert (counts["denied"], counts["read"]) == (ENTRIES_A_MINUTE + 40, 0)
    assert await scene.client.hget("{vedette}:agent_usage:helper", "issues.update") is None


async def test_proposals_of_an_agent_end_at_its_budget_of_writes(scene: Scene) -> None:
    agents = await agent_scene(scene, {"may": MAY, "grant": {"writes_per_hour": 2}})
    for text in ("one", "two"):
        held = await agents.gate().send(call(scene, "issues.comment", {"text": text}))
        assert held.held is not None

    with pytest.raises(BudgetExhausted, match="has proposed 2 writes within the hour"):
        await agents.gate().send(call(scene, "issues.comment", {"text": "three"}))

    assert len(await scene.services.proposals.waiting()) == 2
