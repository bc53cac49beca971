from collections.abc import Callable
from typing import Any

import pytest

from console.rendering.explanation import lines_of
from tests.vedette.access.agent_scene import agent_scene
from vedette.admin.explain import explain_delivery, explain_issue
from vedette.admin.session import AdminSession
from vedette.api.call import Call
from vedette.api.operations import OPERATIONS
from vedette.permissions.grants import Grant
from vedette.store.access.handler_roster import HandlerRoster, RosterHandler, write_roster
from vedette.store.access.refused_tokens import RefusedTokens
from vedette.store.deliveries.deliveries import DeliveryNotFoundError

GRANT = Grant(scopes=("event:admin",))


async def test_a_delivery_is_explained_by_runs_and_reasons(session: AdminSession, record: Callable[..., str]) -> None:
    delivery = record("SHOP-4K", "31", triage={"state": "done"})
    found = await explain_delivery(session, delivery)
    assert [run.handler for run in found.runs] == ["triage"]
    assert found.left_out["runbook"] == "it asks for comment.*"
    assert f"`vedette replay {delivery}` decides again" in found.left_out["plugin"]
    with pytest.raises(DeliveryNotFoundError):
        await explain_delivery(session, "nosuch")


async def test_a_handler_that_is_off_or_for_other_projects_says_so(
    session: AdminSession, record: Callable[..., str]
) -> None:
    delivery = record("SHOP-4K", "31", triage={"state": "done"})
    handlers = (
        RosterHandler("triage", ("issue.*",), "act", "vedette"),
        RosterHandler("quiet", ("issue.*",), "off", "vedette", missing=("no search is set", "no channel is set")),
        RosterHandler("silent", ("issue.*",), "off", "vedette"),
        RosterHandler("nightly", (), "act", "plugin.py"),
        RosterHandler("picky", ("issue.*",), "act", "plugin.py", when="level:fatal"),
    )
    await write_roster(session.redis, HandlerRoster(handlers, (), names=tuple(each.name for each in handlers)))
    found = await explain_delivery(session, delivery)
    assert found.left_out["quiet"] == "no search is set; no channel is set"
    assert found.left_out["silent"] == "it is off"
    assert found.left_out["nightly"] == "it asks for its schedule only"
    assert "(only when level:fatal)" in found.left_out["picky"]
    await session.redis.hset(
        f"{{vedette}}:delivery:{delivery}", mapping={"state": "quarantined", "reason": "unreadable"}
    )
    assert (await explain_delivery(session, delivery)).left_out["picky"] == "the delivery is quarantined"


async def test_the_history_of_an_issue_has_deliveries_calls_and_proposals(
    scene: Any, sentry_session: AdminSession, record: Callable[..., str]
) -> None:
    issue = str(scene.issue.id)
    delivery = record("SHOP-4K", issue, triage={"state": "done"})
    await scene.sentry(GRANT, name="triage").issues.resolve(issue)
    await scene.sentry(GRANT, mode="propose").issues.set_priority(issue, "low")
    found = await explain_issue(sentry_session, issue)
    assert [one.delivery.id for one in found.deliveries] == [delivery]
    assert {line.entry.text("handler") for line in found.calls} == {"triage", "plugin"}
    assert [one.handler for one in found.proposals] == ["plugin"]


async def test_the_writes_of_agents_to_its_issue_are_told_with_a_delivery(
    scene: Any, sentry_session: AdminSession, record: Callable[..., str]
) -> None:
    agents = await agent_scene(scene, {"mode": "act", "may": {"triage": "write", "issues": "read"}})
    parameters = {"organization_id_or_slug": "acme", "issue_id": str(scene.issue.id)}
    await agents.gate().send(Call(OPERATIONS["issues.update"], parameters, body={"status": "resolved"}))
    await agents.gate().send(Call(OPERATIONS["issues.get"], parameters))
    await agents.factory.aclose()
    about_it, about_another = record("SHOP-1", str(scene.issue.id)), record("SHOP-2", str(scene.second.id))

    found = await explain_delivery(sentry_session, about_it)

    assert [line.entry.text("intent") for line in found.of_agents] == [f"resolved {scene.issue.short_id}"]
    told = "agent helper (curl/8 via REST): audit 1: resolved SHOP-1 (granted by [agents.helper.grant], done)"
    assert any(told in line for line in lines_of(found))
    assert (await explain_delivery(sentry_session, about_another)).of_agents == ()


async def test_an_issue_without_calls_has_a_history(session: AdminSession, record: Callable[..., str]) -> None:
    record("SHOP-4K", "31", triage={"state": "done"})
    found = await explain_issue(session, "SHOP-4K")
    assert (len(found.deliveries), found.calls, found.proposals) == (1, (), ())


async def test_a_delivery_that_waits_for_a_token_to_be_decided_says_so(
    session: AdminSession, record: Callable[..., str]
) -> None:
    delivery = record("SHOP-5", "32")
    await session.redis.hdel(f"{{vedette}}:delivery:{delivery}", "runs")
    assert not (await explain_delivery(session, delivery)).is_token_refused
    await RefusedTokens(session.redis).refuse("default", "f1", 401, "Invalid token")
    explanation = await explain_delivery(session, delivery)
    assert explanation.is_token_refused
    assert "Sentry refuses the token of default" in lines_of(explanation)[1]
    await RefusedTokens(session.redis).accept("default", "f2")
    assert not (await explain_delivery(session, delivery)).is_token_refused
