"""Dashboards are listed without their widgets, and older alert rules with Sentry's notice that they go away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vedette.simulator.world import builders, monitors

if TYPE_CHECKING:
    import httpx2

    from tests.vedette.simulator.conftest import Small

ROOT = "/api/0/organizations/acme"


async def test_dashboards_are_found_by_title_and_sorted(in_process: httpx2.AsyncClient, small: Small) -> None:
    for title in ("Beta", "alpha", "Gamma"):
        monitors.add_dashboard(small.world, title, author=small.user)

    async def titles(**query: str) -> list[str]:
        return [each["title"] for each in (await in_process.get(f"{ROOT}/dashboards/", params=query)).json()]

    assert await titles() == ["Gamma", "alpha", "Beta"]
    assert await titles(sort="title") == ["alpha", "Beta", "Gamma"]
    assert await titles(sort="-title") == ["Gamma", "Beta", "alpha"]
    assert await titles(sort="dateCreated") == ["Beta", "alpha", "Gamma"]
    assert await titles(query="BET") == ["Beta"]
    assert await titles(per_page="1") == ["Gamma"]


async def test_one_dashboard_has_its_widgets(in_process: httpx2.AsyncClient, small: Small) -> None:
    dashboard = monitors.add_dashboard(small.world, "Health", author=small.user)
    listed = (await in_process.get(f"{ROOT}/dashboards/")).json()[0]
    assert ("widgets" in listed, listed["widgetDisplay"]) == (False, ["line"])
    shown = (await in_process.get(f"{ROOT}/dashboards/{dashboard.id}/")).json()
    assert [widget["title"] for widget in shown["widgets"]] == ["Errors"]
    assert shown["createdBy"]["email"] == "ines@acme.example"
    for unknown in ("999", "default-overview"):
        assert (await in_process.get(f"{ROOT}/dashboards/{unknown}/")).status_code == 404


async def test_older_rules_are_limited_by_project_and_say_that_they_are_deprecated(
    in_process: httpx2.AsyncClient, small: Small
) -> None:
    other = builders.add_project(small.world, "other")
    for project in (small.project, other):
        monitors.add_metric_rule(small.world, project, f"of {project.slug}", owner=small.team)
    listed = await in_process.get(f"{ROOT}/alert-rules/", params={"project": str(other.id)})
    (rule,) = listed.json()
    assert (rule["name"], rule["projects"], rule["owner"]) == ("of other", ["other"], f"team:{small.team.id}")
    single = await in_process.get(f"{ROOT}/alert-rules/{rule['id']}/")
    assert single.json() == rule
    for answer in (listed, single):
        assert answer.headers["X-Sentry-Deprecation-Date"] == "2026-05-14T00:00:00+00:00"
    assert (await in_process.get(f"{ROOT}/alert-rules/999/")).status_code == 404
