"""A preview says what the gate then does, and leaves nothing behind."""

from typing import Any

import pytest

from tests.vedette.access.agent_scene import AgentScene, agent_scene
from tests.vedette.access.conftest import Scene
from vedette.access.agents.preview import Preview, preview
from vedette.api.call import Call
from vedette.api.operations import OPERATIONS
from vedette.permissions.errors import AccessDenied

MAY = {"issues": "read", "triage": "write"}
SETTINGS: dict[str, dict[str, Any]] = {
    "acts": {"mode": "act", "may": MAY},
    "proposes": {"may": MAY},
    "observes": {"mode": "observe", "may": MAY},
    "acts elsewhere": {"mode": "propose", "modes": {"bank": "act"}, "may": MAY},
    "acts here": {"mode": "propose", "modes": {"shop": "act"}, "may": MAY},
    "reads": {"mode": "act", "may": {"issues": "read"}},
    "other project": {"mode": "act", "may": MAY, "grant": {"projects": ["bank"]}},
    "other field": {"mode": "act", "may": MAY, "grant": {"fields": ["priority"]}},
    "no writes": {"mode": "act", "may": MAY, "grant": {"writes_per_hour": 0}},
}


def resolve(scene: Scene) -> Call:
    parameters = {"organization_id_or_slug": scene.world.organization_slug, "issue_id": str(scene.issue.id)}
    return Call(OPERATIONS["issues.update"], parameters, body={"status": "resolved"})


async def previewed(agents: AgentScene) -> Preview:
    scene = agents.scene
    return await preview(scene.services, scene.connection, agents.gate().inner.context, resolve(scene))


async def stored(scene: Scene) -> dict[bytes, object]:
    """Return everything that Redis holds, but for the rate limit of Sentry, which the reads of a preview use."""
    found: dict[bytes, object] = {}
    client: Any = scene.client
    for key in sorted(await client.keys("*")):
        if b"limit" not in key:
            found[key] = await client.dump(key)
    return found


@pytest.mark.parametrize("name", SETTINGS)
async def test_a_preview_is_what_the_gate_then_decides(scene: Scene, name: str) -> None:
    agents = await agent_scene(scene, SETTINGS[name])
    await scene.connection.token.get()
    before = await stored(scene)

    said = await previewed(agents)

    assert await stored(scene) == before
    assert scene.issue.status == "unresolved"
    if said.denial is not None:
        with pytest.raises(AccessDenied) as denied:
            await agents.gate().send(resolve(scene))
        assert said.denial == denied.value.denial
        return
    answer = await agents.gate().send(resolve(scene))
    entry = next(each for each in await scene.entries() if each.kind == "call")
    assert said.decision == entry.text("decision")
    assert said.intent == entry.text("intent")
    assert dict(said.before) == entry.facts["before"]
    assert said.would_send is answer.sent


async def test_a_preview_sees_pauses_and_used_budgets(scene: Scene) -> None:
    agents = await agent_scene(scene, {"mode": "act", "may": MAY, "grant": {"writes_per_hour": 1}})
    await agents.gate().send(resolve(scene))

    assert "1 times within the hour" in (await previewed(agents)).decision
    await scene.services.budgets.pause("agent:helper", "ann")
    assert (await previewed(agents)).decision == "paused by ann"


async def test_previews_use_up_no_budget(scene: Scene) -> None:
    agents = await agent_scene(scene, {"mode": "act", "may": MAY, "grant": {"writes_per_hour": 1}})

    said = [await previewed(agents) for _ in range(3)]

    assert [each.would_send for each in said] == [True, True, True]
    assert (await agents.gate().send(resolve(scene))).sent
    assert await scene.services.budgets.written("agent:helper") == 1


async def test_reads_have_no_preview(scene: Scene) -> None:
    agents = await agent_scene(scene, {"may": MAY})
    call = Call(OPERATIONS["issues.get"], resolve(scene).parameters)

    with pytest.raises(ValueError, match="only writes"):
        await preview(scene.services, scene.connection, agents.gate().inner.context, call)
