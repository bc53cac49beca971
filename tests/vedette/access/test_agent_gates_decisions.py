"""The decision of the gate on agents' calls is the oracle's, for all operations, grants and modes.

With VEDETTE_FULL=1 many more are tried.
"""

import os
from dataclasses import replace

import pytest

from tests.agent_decisions import (
    BULK,
    AgentCase,
    Decision,
    WriteRecorder,
    add_releases,
    agent_cases,
    check_cases,
    expected_decision,
)
from tests.vedette.access.agent_scene import agent_scene
from tests.vedette.access.conftest import Scene
from vedette.access.agent_gates import AgentGate, AgentGateFactory
from vedette.api.call import Call, Lane, fill
from vedette.api.errors import SentryError
from vedette.api.operations import OPERATIONS
from vedette.api.resources.issue_bulk import FINDS_NOTHING
from vedette.permissions.errors import AccessDenied

CLAIM = "did something harmless"
EXAMPLES = 1500 if os.environ.get("VEDETTE_FULL") == "1" else 250


def call_of(case: AgentCase, scene: Scene) -> Call:
    """The call of a case, about an issue, project and team that exist."""
    issue = scene.issue if case.project == "shop" else scene.other
    query = (("id", str(issue.id)), ("query", FINDS_NOTHING)) if case.operation.name in BULK else ()
    body = case.body if case.operation.writes else None
    # Both are for the gate to correct: a lane that overtakes others, and a claim about the write.
    return Call(case.operation, case.parameters(issue.id), query, body, lane=Lane.PERSON, intent=CLAIM)


async def decide(gate: AgentGate, call: Call) -> Decision:
    """Return the decision of the gate."""
    try:
        answer = await gate.send(call)
    except AccessDenied:
        return "denied"
    except SentryError:
        return "passed"
    if answer.held is None:
        return "passed"
    assert not answer.sent
    return "observed" if answer.held.decision == "observed" else "proposed"


@pytest.mark.timeout(600)
async def test_the_gate_decides_as_the_page_says(scene: Scene) -> None:
    add_releases(scene.world)
    end = WriteRecorder(scene.connection.transport)
    connection = replace(scene.connection, transport=end)  # type: ignore[arg-type] # a transport is all that is used
    settings_of_access = replace(scene.services, settings=scene.services.settings.model_copy(update=UNBOUNDED))

    async def check(case: AgentCase) -> Decision:
        agents = await agent_scene(scene, dict(case.settings))
        factory = AgentGateFactory(settings_of_access, agents.directory, {"default": connection})
        call = call_of(case, scene)
        end.written.clear()
        decision = await decide(factory.gate(agents.agent, "rest", "curl"), call)
        assert decision == expected_decision(case), str(case)
        is_sent = case.operation.writes and decision == "passed"
        assert [each.path for each in end.written] == [fill(case.operation.path, call.parameters)] * is_sent
        assert all(each.lane is Lane.AGENT for each in end.written)
        return decision

    await check_cases(check, agent_cases(), EXAMPLES)
    assert not [each for each in await scene.services.proposals.waiting() if CLAIM in each.intent]


UNBOUNDED = {"writes_per_issue_per_hour": 1_000_000}
"""Budgets are tested by themselves."""


async def test_no_operation_is_open_to_an_agent_without_a_grant(scene: Scene) -> None:
    agents = await agent_scene(scene, {"mode": "act"})
    for name, operation in OPERATIONS.items():
        case = AgentCase({"may": {}, "grant": {}}, operation, "shop")
        assert await decide(agents.gate(), call_of(case, scene)) == "denied", name
