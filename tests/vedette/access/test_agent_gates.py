"""Agents behind the gate: what is granted, held back, denied and recorded."""

import json
from typing import Any

import pytest

from tests.vedette.access.agent_scene import agent_scene
from tests.vedette.access.conftest import Scene
from vedette.access.agent_directory import UnknownAgentTokenError
from vedette.api.call import Call
from vedette.api.operations import OPERATIONS
from vedette.permissions.errors import AccessDenied
from vedette.simulator import ErrorReport, record_error
from vedette.store.agents.tokens import AgentTokens

TRIAGE = {"may": {"issues": "read", "triage": "write"}}


def resolve(scene: Scene) -> Call:
    """The call that resolves the scene's issue."""
    parameters = {"organization_id_or_slug": scene.world.organization_slug, "issue_id": str(scene.issue.id)}
    return Call(OPERATIONS["issues.update"], parameters, body={"status": "resolved"})


def read(scene: Scene, name: str = "issues.get") -> Call:
    """The call that reads the scene's issue."""
    parameters = {"organization_id_or_slug": scene.world.organization_slug, "issue_id": str(scene.issue.id)}
    return Call(OPERATIONS[name], parameters)


async def test_an_agent_in_mode_act_writes_and_the_audit_names_it_with_its_client(scene: Scene) -> None:
    agents = await agent_scene(scene, {**TRIAGE, "mode": "act"})

    answer = await agents.gate().send(resolve(scene))

    assert answer.sent
    assert scene.issue.status == "resolved"
    entry = next(each for each in await scene.entries() if each.kind == "call")
    assert entry.text("source") == "agent helper (curl/8 via REST)"
    assert entry.text("handler") == "agent:helper"
    assert answer.audit == entry.number


async def test_an_agent_proposes_unless_said_and_the_answer_names_the_proposal(scene: Scene) -> None:
    agents = await agent_scene(scene, TRIAGE)

    first = await agents.gate().send(resolve(scene))
    again = await agents.gate().send(resolve(scene))

    assert not first.sent
    assert first.held is not None
    assert again.held is not None
    waiting = await scene.services.proposals.waiting()
    assert [each.id for each in waiting] == [first.held.proposal]
    assert (first.held.decision, first.held.is_repeated) == ("proposed", False)
    assert (again.held.proposal, again.held.is_repeated) == (first.held.proposal, True)
    assert scene.issue.status == "unresolved"


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({}, 'write `triage = "write"` under [agents.helper.may]'),
        ({"may": {"triage": "write"}, "grant": {"projects": ["bank"]}}, "[agents.helper.grant]"),
        ({"may": {"triage": "write"}, "grant": {"fields": ["priority"]}}, 'fields = ["priority", "status"]'),
    ],
)
async def test_a_denial_has_the_line_that_would_allow_it(scene: Scene, settings: dict[str, Any], line: str) -> None:
    agents = await agent_scene(scene, {**settings, "mode": "act"})

    with pytest.raises(AccessDenied) as caught:
        await agents.gate().send(resolve(scene))

    assert line in str(caught.value)
    assert scene.issue.status == "unresolved"


async def test_an_answer_keeps_the_bytes_that_sentry_sent(scene: Scene) -> None:
    agents = await agent_scene(scene, TRIAGE)

    answer = await agents.gate().send(read(scene))

    assert answer.content is not None
    assert answer.content.startswith(b"{")
    assert answer.body["id"] == str(scene.issue.id)


async def test_a_wrong_token_is_unknown_and_not_repeated_in_the_error(scene: Scene) -> None:
    agents = await agent_scene(scene, TRIAGE)
    wrong = agents.token[:-1] + ("0" if agents.token[-1] != "0" else "1")

    with pytest.raises(UnknownAgentTokenError) as caught:
        await agents.directory.authenticate(wrong)

    assert wrong not in str(caught.value)


async def test_a_revoked_token_stops_a_request_that_is_already_in_the_gate(scene: Scene) -> None:
    agents = await agent_scene(scene, {**TRIAGE, "mode": "act"})
    gate = agents.gate()
    await AgentTokens(scene.client).revoke(agents.agent.token.id)
    agents.directory.forget()

    with pytest.raises(UnknownAgentTokenError):
        await gate.send(resolve(scene))

    assert scene.issue.status == "unresolved"


async def test_a_long_list_is_passed_on_as_it_came_and_read_when_it_is_asked_for(scene: Scene) -> None:
    shop = scene.world.project_by_slug["shop"]
    for number in range(40):
        record_error(scene.world, shop, ErrorReport(f"Error{number}", f"bad {number}"))
    agents = await agent_scene(scene, TRIAGE)
    parameters = {"organization_id_or_slug": scene.world.organization_slug}

    answer = await agents.gate().send(Call(OPERATIONS["issues.search"], parameters))

    assert not answer.is_read
    assert answer.content is not None
    assert answer.body == json.loads(answer.content)
    assert len(answer.body) == 43


async def test_a_write_of_an_agent_is_noted_so_that_its_echo_is_recognised(scene: Scene) -> None:
    agents = await agent_scene(scene, {**TRIAGE, "mode": "act"})
    await agents.gate().send(resolve(scene))
    issue = scene.connection.scoped(str(scene.issue.id))

    own = await scene.services.own_writes.echo_of(issue, "d1", ["issue.resolved"], "", person=False)

    assert own is not None
    assert own.principal == "agent:helper"
