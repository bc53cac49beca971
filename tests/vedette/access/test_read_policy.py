"""A grant that is limited to projects reads those projects, and of the organization only their part."""

from typing import Any

import pytest

from vedette import AccessDenied
from vedette.access.targets import READS_OF_ISSUES
from vedette.api import OPERATIONS, Call
from vedette.permissions.grants import Grant
from vedette.simulator.world import builders, monitors

SCOPES = ("event:admin", "project:admin", "project:releases", "org:admin", "team:admin", "member:admin", "alerts:write")
LIMITED = Grant(scopes=SCOPES, projects=("shop",))
OF_PROJECTS = {
    "alerts.rule",
    "monitors.get",
    "issues.replay_count",
    "alerts.rules",
    "monitors.list",
    "uptime.list",
    "events.search",
    "events.validate",
    "traces.attributes",
    "organizations.projects",
    "teams.list",
    "teams.get",
    "releases.list",
}
OF_ORGANIZATION = [
    operation.name
    for operation in OPERATIONS.values()
    if not operation.writes
    and operation.required
    and not {"issue_id", "project_id_or_slug"} & set(operation.parameters)
    and operation.name not in OF_PROJECTS | READS_OF_ISSUES
]


async def read(scene: Any, name: str, grant: Grant = LIMITED, **given: str) -> Any:
    operation = OPERATIONS[name]
    known = {"organization_id_or_slug": "acme", "team_id_or_slug": "payments", **given}
    return (
        await scene.sentry(grant).send(Call(operation, {each: known.get(each, "1") for each in operation.parameters}))
    ).body


@pytest.mark.parametrize("name", OF_ORGANIZATION)
async def test_what_is_about_the_organization_is_denied(scene: Any, name: str) -> None:
    with pytest.raises(AccessDenied, match="it is about the whole organization, and the grant is limited to shop"):
        await read(scene, name)
    assert (await scene.decisions())[-1].startswith("denied: it is about the whole organization")


async def test_an_operation_that_the_grant_names_is_open(scene: Any) -> None:
    named = Grant(scopes=SCOPES, projects=("shop",), operations=("issues.*", "members.list"))
    assert [member["email"] for member in await read(scene, "members.list", named)]
    pattern = Grant(scopes=SCOPES, projects=("shop",), operations=("members.*",))
    with pytest.raises(AccessDenied, match=r'name the read itself: `operations = \["members.\*", "members.list"\]`'):
        await read(scene, "members.list", pattern)


async def test_lists_show_what_is_of_the_granted_projects(scene: Any) -> None:
    lonely = builders.add_team(scene.world, "lonely")
    assert lonely.slug == "lonely"
    assert [one["slug"] for one in await read(scene, "organizations.projects")] == ["shop"]
    (team,) = await read(scene, "teams.list")
    assert (team["slug"], [one["slug"] for one in team["projects"]]) == ("payments", ["shop"])
    assert set(await read(scene, "teams.get")) == {"id", "slug", "name"}
    assert {"lonely", "payments"} <= {one["slug"] for one in await read(scene, "teams.list", Grant(scopes=SCOPES))}


async def test_monitors_and_rules_show_those_of_the_granted_projects(scene: Any) -> None:
    world, shop = scene.world, scene.world.project_by_slug["shop"]
    other = builders.add_project(world, "other")
    for project in (shop, other):
        monitors.add_monitor(world, project, f"of-{project.slug}", "Nightly")
        monitors.add_url_monitor(world, project, f"http://{project.slug}.example/", "Up")
        monitors.add_metric_rule(world, project, f"of-{project.slug}")
    assert [one["slug"] for one in await read(scene, "monitors.list")] == ["of-shop"]
    assert [one["url"] for one in await read(scene, "uptime.list")] == ["http://shop.example/"]
    assert [one["projects"] for one in await read(scene, "alerts.rules")] == [["shop"]]
    own, foreign = world.metric_rules
    assert (await read(scene, "monitors.get", monitor_id_or_slug="of-shop"))["slug"] == "of-shop"
    assert (await read(scene, "alerts.rule", alert_rule_id=str(own)))["projects"] == ["shop"]
    with pytest.raises(AccessDenied, match="its grant covers none of the projects"):
        await read(scene, "monitors.get", monitor_id_or_slug="of-other")
    with pytest.raises(AccessDenied, match="its grant covers none of the projects"):
        await read(scene, "alerts.rule", alert_rule_id=str(foreign))


async def test_a_team_can_still_be_assigned_to(scene: Any) -> None:
    sentry = scene.sentry(Grant(scopes=("event:write", "team:read", "member:read"), projects=("shop",)))
    assert (await sentry.issues.assign(str(scene.issue.id), "#payments")).changed
    assert not any(decision.startswith("denied") for decision in await scene.decisions())
