"""Monitors of jobs and URLs are listed by project, and show what they observed within a period."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from vedette.simulator.world import builders, monitors

if TYPE_CHECKING:
    import httpx2

    from tests.vedette.simulator.conftest import Small

ROOT = "/api/0/organizations/acme"
PROJECT = "/api/0/projects/acme/shop"


def monitoring_of(small: Small) -> monitors.JobMonitor:
    return monitors.add_monitor(small.world, small.project, "nightly", "Nightly")


async def test_a_job_shows_its_state_and_its_checkins_newest_first(
    in_process: httpx2.AsyncClient, small: Small
) -> None:
    monitor = monitors.add_monitor(small.world, small.project, "nightly", "Nightly work", schedule="0 4 * * *")
    for hours, status in ((200, "ok"), (25, "ok"), (1, "missed")):
        monitors.check_in(small.world, monitor, status, ago=timedelta(hours=hours))
    (listed,) = (await in_process.get(f"{ROOT}/monitors/")).json()
    assert (listed["slug"], listed["config"]["schedule"], listed["project"]["slug"]) == ("nightly", "0 4 * * *", "shop")
    assert [each["status"] for each in listed["environments"]] == ["missed_checkin"]
    for url in (f"{ROOT}/monitors/nightly/", f"{ROOT}/monitors/{monitor.id}/", f"{PROJECT}/monitors/nightly/"):
        assert (await in_process.get(url)).json() == listed
        checkins = await in_process.get(f"{url}checkins/", params={"statsPeriod": "2d"})
        assert [each["status"] for each in checkins.json()] == ["missed", "ok"]
    assert (await in_process.get(f"{ROOT}/monitors/nightly/checkins/", params={"environment": "test"})).json() == []


async def test_a_url_shows_its_checks_and_whether_it_is_up(in_process: httpx2.AsyncClient, small: Small) -> None:
    monitor = monitors.add_url_monitor(small.world, small.project, "https://shop.example/health", "Shop")
    for minutes, status in ((3000, 200), (2, 200), (1, 503)):
        monitors.check_url(small.world, monitor, status, ago=timedelta(minutes=minutes))
    (listed,) = (await in_process.get(f"{ROOT}/uptime/")).json()
    assert (listed["url"], listed["uptimeStatus"]) == ("https://shop.example/health", 2)
    url = f"{PROJECT}/uptime/{monitor.id}/"
    assert (await in_process.get(url)).json() == listed
    checks = (await in_process.get(f"{url}checks/", params={"statsPeriod": "1h"})).json()
    assert [(each["httpStatusCode"], each["checkStatus"]) for each in checks] == [(503, "failure"), (200, "success")]


async def test_lists_are_limited_by_project_environment_and_text(in_process: httpx2.AsyncClient, small: Small) -> None:
    other = builders.add_project(small.world, "other")
    for project in (small.project, other):
        monitors.check_in(small.world, monitors.add_monitor(small.world, project, f"of-{project.slug}", "Job"), "ok")
        monitors.add_url_monitor(small.world, project, f"https://{project.slug}.example", "Page")
    for query in ({"project": str(other.id)}, {"projectSlug": "other"}, {"query": "OTHER"}):
        for path, key in (("monitors", "slug"), ("uptime", "url")):
            (found,) = (await in_process.get(f"{ROOT}/{path}/", params=query)).json()
            assert "other" in found[key]
    assert len((await in_process.get(f"{ROOT}/monitors/", params={"environment": "production"})).json()) == 2
    assert (await in_process.get(f"{ROOT}/uptime/", params={"environment": "test"})).json() == []
    assert (await in_process.get(f"{ROOT}/uptime/", params={"project": "none"})).status_code == 403


@pytest.mark.parametrize("path", ["monitors/none/", "monitors/none/checkins/", "uptime/5/", "uptime/5/checks/"])
async def test_an_unknown_monitor_is_a_404(in_process: httpx2.AsyncClient, path: str) -> None:
    assert (await in_process.get(f"{PROJECT}/{path}")).status_code == 404


async def test_a_monitor_is_not_found_under_another_project(in_process: httpx2.AsyncClient, small: Small) -> None:
    other = builders.add_project(small.world, "other")
    monitors.add_monitor(small.world, other, "nightly", "Nightly")
    url_monitor = monitors.add_url_monitor(small.world, other, "https://other.example", "Page")
    for path in ("monitors/nightly/", f"uptime/{url_monitor.id}/"):
        assert (await in_process.get(f"{PROJECT}/{path}")).status_code == 404
        assert (await in_process.get(f"/api/0/projects/acme/other/{path}")).status_code == 200


async def test_checkins_are_counted_by_hour_and_status(in_process: httpx2.AsyncClient, small: Small) -> None:
    noon = datetime(2026, 11, 28, 12, tzinfo=UTC)
    small.world.clock = lambda: noon
    monitor = monitoring_of(small)
    for minutes, status in ((150, "ok"), (90, "ok"), (70, "missed"), (10, "error")):
        monitors.check_in(small.world, monitor, status, ago=timedelta(minutes=minutes))
    until = int(noon.timestamp())
    query = {"since": str(until - 2 * 3600), "until": str(until), "resolution": "1h"}
    for root in (ROOT, PROJECT):
        counted = (await in_process.get(f"{root}/monitors/nightly/stats/", params=query)).json()
        assert [(each["ts"] - until, each["ok"], each["missed"], each["error"]) for each in counted] == [
            (-7200, 1, 1, 0),
            (-3600, 0, 0, 1),
            (0, 0, 0, 0),
        ]
    assert len((await in_process.get(f"{ROOT}/monitors/nightly/stats/")).json()) == 25
    for wrong in ({"resolution": "1s", "since": "0"}, {"resolution": "soon"}, {"since": "yesterday"}):
        assert (await in_process.get(f"{ROOT}/monitors/nightly/stats/", params=wrong)).status_code == 400


async def test_a_period_that_is_none_is_a_400(in_process: httpx2.AsyncClient, small: Small) -> None:
    monitors.add_monitor(small.world, small.project, "nightly", "Nightly")
    answer = await in_process.get(f"{ROOT}/monitors/nightly/checkins/", params={"statsPeriod": "soon"})
    assert (answer.status_code, answer.json()) == (400, {"detail": "Invalid statsPeriod."})
