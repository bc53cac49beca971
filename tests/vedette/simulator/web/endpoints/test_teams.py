"""Teams get projects and lose them, and releases are listed by project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vedette.simulator.world import builders

if TYPE_CHECKING:
    import httpx2

    from tests.vedette.simulator.conftest import Small

TEAMS = "/api/0/projects/acme/shop/teams/"


async def test_a_team_gets_a_project_and_loses_it(in_process: httpx2.AsyncClient, small: Small) -> None:
    team = builders.add_team(small.world, "search")
    for _ in range(2):
        answer = await in_process.post(f"{TEAMS}search/")
        assert (answer.status_code, [each["slug"] for each in answer.json()["teams"]]) == (201, ["payments", "search"])
    for _ in range(2):
        answer = await in_process.delete(f"{TEAMS}{team.id}/")
        assert (answer.status_code, [each["slug"] for each in answer.json()["teams"]]) == (200, ["payments"])


async def test_an_unknown_team_is_a_404_of_its_own(in_process: httpx2.AsyncClient) -> None:
    for method in ("POST", "DELETE"):
        answer = await in_process.request(method, f"{TEAMS}nobody/")
        assert (answer.status_code, answer.json()) == (404, {"detail": "Team does not exist."})


async def test_releases_are_those_of_the_project(in_process: httpx2.AsyncClient, small: Small) -> None:
    other = builders.add_project(small.world, "search")
    builders.add_release(small.world, "shop@1", [small.project])
    builders.add_release(small.world, "both@2", [small.project, other])
    builders.add_release(small.world, "search@3", [other])
    url = "/api/0/projects/acme/shop/releases/"
    assert [each["version"] for each in (await in_process.get(url)).json()] == ["both@2", "shop@1"]
    assert [each["version"] for each in (await in_process.get(url, params={"query": "HOP"})).json()] == ["shop@1"]
