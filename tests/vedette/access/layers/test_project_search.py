"""Searches of agents that are limited to some projects, and the other reads of the whole organization."""

from dataclasses import replace

import pytest

from tests.vedette.access.agent_scene import AgentScene, agent_scene
from tests.vedette.access.conftest import Scene
from vedette.api.call import Call
from vedette.api.operations import OPERATIONS
from vedette.permissions.errors import AccessDenied
from vedette.simulator.world import builders

ALL_AREAS = dict.fromkeys(
    ("issues", "triage", "projects", "teams", "releases", "members", "alerts", "organization"), "full"
)
LIMITED = {"may": ALL_AREAS, "grant": {"projects": ["shop"]}, "mode": "act"}


@pytest.fixture
async def agents(scene: Scene) -> AgentScene:
    return await agent_scene(scene, LIMITED)


def call(scene: Scene, name: str, *query: tuple[str, str], **parameters: str) -> Call:
    """A call of the scene's organization."""
    return Call(OPERATIONS[name], {"organization_id_or_slug": scene.world.organization_slug, **parameters}, query)


@pytest.mark.parametrize("query", [(), (("project", "-1"),)])
async def test_a_search_that_names_no_project_finds_the_granted_ones_and_says_so(
    scene: Scene, agents: AgentScene, query: tuple[tuple[str, str], ...]
) -> None:
    answer = await agents.gate().send(call(scene, "issues.search", *query))

    assert {each["project"]["slug"] for each in answer.body} == {"shop"}
    assert len(answer.body) == 2
    assert answer.is_narrowed


async def test_a_search_that_names_a_granted_project_is_left_as_it_is(scene: Scene, agents: AgentScene) -> None:
    identifier = str(scene.world.project_by_slug["shop"].id)

    answer = await agents.gate().send(call(scene, "issues.search", ("project", identifier)))

    assert len(answer.body) == 2
    assert not answer.is_narrowed


@pytest.mark.parametrize("name", ["project", "projectSlug"])
async def test_a_search_that_names_another_project_is_denied(scene: Scene, agents: AgentScene, name: str) -> None:
    bank = scene.world.project_by_slug["bank"]
    # The slug is what the agent wrote itself; of an id it does not learn the slug.
    value, told = (str(bank.id), "that project") if name == "project" else ("bank", "project bank")

    with pytest.raises(AccessDenied, match=f"does not cover {told}"):
        await agents.gate().send(call(scene, "events.search", (name, value), ("field", "title")))


async def test_an_issue_of_another_project_is_denied_although_its_area_is_granted(
    scene: Scene, agents: AgentScene
) -> None:
    with pytest.raises(AccessDenied, match="does not cover that project"):
        await agents.gate().send(call(scene, "issues.get", issue_id=str(scene.other.id)))
    with pytest.raises(AccessDenied, match="does not cover that project"):
        await agents.gate().send(call(scene, "issues.comments", issue_id=str(scene.other.id)))


async def test_lists_show_the_granted_projects_alone(scene: Scene, agents: AgentScene) -> None:
    projects = await agents.gate().send(call(scene, "organizations.projects"))
    organization = await agents.gate().send(call(scene, "organizations.get"))

    assert [each["slug"] for each in projects.body] == ["shop"]
    assert "teams" not in organization.body
    assert "bank" not in str(organization.body)


async def test_what_is_about_no_project_is_read(scene: Scene, agents: AgentScene) -> None:
    members = await agents.gate().send(call(scene, "members.list"))

    assert [each["email"] for each in members.body] == ["ines@acme.example"]


async def test_a_release_of_other_projects_is_denied(scene: Scene, agents: AgentScene) -> None:
    builders.add_release(scene.world, "shop@1", [scene.world.project_by_slug["shop"]])
    builders.add_release(scene.world, "bank@1", [scene.world.project_by_slug["bank"]])

    own = await agents.gate().send(call(scene, "releases.get", version="shop@1"))
    with pytest.raises(AccessDenied, match="covers none of the projects"):
        await agents.gate().send(call(scene, "releases.get", version="bank@1"))

    assert own.body["version"] == "shop@1"


async def test_writes_to_a_release_are_about_its_projects(scene: Scene, agents: AgentScene) -> None:
    for slug in ("shop", "bank"):
        builders.add_release(scene.world, f"{slug}@1", [scene.world.project_by_slug[slug]])
    builders.add_release(scene.world, "both@1", [scene.world.project_by_slug[slug] for slug in ("shop", "bank")])

    def finalize(version: str) -> Call:
        return replace(call(scene, "releases.update", version=version), body={"dateReleased": "2026-11-28T00:00:00Z"})

    assert (await agents.gate().send(finalize("shop@1"))).sent
    for version in ("bank@1", "both@1"):
        with pytest.raises(AccessDenied, match="does not cover that project"):
            await agents.gate().send(finalize(version))
    assert (await agents.gate().send(call(scene, "releases.deploys", version="shop@1"))).body == []
    with pytest.raises(AccessDenied, match="does not cover that project"):
        await agents.gate().send(call(scene, "releases.deploys", version="bank@1"))


async def test_a_grant_for_no_project_that_exists_denies_a_search(scene: Scene) -> None:
    agents = await agent_scene(scene, {"may": {"issues": "read"}, "grant": {"projects": ["none-*"]}})

    with pytest.raises(AccessDenied, match=r"no project that its grant covers \(none-\*\)"):
        await agents.gate().send(call(scene, "issues.search"))
