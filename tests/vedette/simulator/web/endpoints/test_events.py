"""Event queries are limited to the projects that they name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vedette.simulator import ErrorReport, record_error
from vedette.simulator.world import builders

if TYPE_CHECKING:
    import httpx2

    from tests.vedette.simulator.conftest import Small
    from vedette.simulator import Issue

EVENTS = "/api/0/organizations/acme/events/"


async def test_a_query_finds_the_events_of_its_projects(
    in_process: httpx2.AsyncClient, small: Small, issue: Issue
) -> None:
    other = builders.add_project(small.world, "other")
    record_error(small.world, other, ErrorReport("OtherError", "other"))
    query = {"field": "title", "dataset": "errors"}

    async def titles(**more: str) -> list[str]:
        answer = await in_process.get(EVENTS, params={**query, **more})
        return [row["title"] for row in answer.json()["data"]]

    assert sorted(await titles()) == sorted(await titles(project="-1")) == ["OtherError: other", issue.title]
    assert await titles(project=str(small.project.id)) == [issue.title]
    assert await titles(projectSlug="other") == ["OtherError: other"]
    assert (await in_process.get(EVENTS, params={**query, "project": "none"})).status_code == 403


async def test_environments_and_tags_are_those_of_the_named_projects(
    in_process: httpx2.AsyncClient, small: Small, issue: Issue
) -> None:
    other = builders.add_project(small.world, "other")
    report = ErrorReport("OtherError", "other", environment="staging", tags=(("customer", "1"),))
    record_error(small.world, other, report)
    assert issue.project is small.project
    for path, key, foreign in (("environments", "name", "staging"), ("tags", "key", "customer")):
        url = f"/api/0/organizations/acme/{path}/"
        assert foreign in {each[key] for each in (await in_process.get(url)).json()}
        own = await in_process.get(url, params={"project": str(small.project.id)})
        assert foreign not in {each[key] for each in own.json()}
