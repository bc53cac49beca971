"""Feedback of end users is kept with its issue, and replays are counted by issue."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from vedette.simulator.world import builders

if TYPE_CHECKING:
    import httpx2

    from tests.vedette.simulator.conftest import Small
    from vedette.simulator import Issue

COUNT = "/api/0/organizations/acme/replay-count/"


async def test_feedback_that_was_sent_is_listed_newest_first(in_process: httpx2.AsyncClient, issue: Issue) -> None:
    reports = f"/api/0/organizations/acme/issues/{issue.id}/user-reports/"
    assert (await in_process.get(reports)).json() == []
    for text in ("It broke.", "Again."):
        body = {"event_id": issue.events[0].id, "name": "Bo", "email": "bo@acme.example", "comments": text}
        await in_process.post("/api/0/projects/acme/shop/user-feedback/", json=body)
    assert [report["comments"] for report in (await in_process.get(reports)).json()] == ["Again.", "It broke."]
    (page,) = (await in_process.get(reports, params={"per_page": "1"})).json()
    assert (page["event"]["id"], page["comments"]) == (issue.events[0].id, "Again.")


async def test_issues_without_replays_are_left_out(in_process: httpx2.AsyncClient, small: Small, issue: Issue) -> None:
    query = {"query": f"issue.id:[{issue.id}, 5]"}
    assert (await in_process.get(COUNT, params=query)).json() == {}
    issue.replays = [small.world.hex_id() for _ in range(60)]
    assert (await in_process.get(COUNT, params=query)).json() == {str(issue.id): 51}
    other = builders.add_project(small.world, "other")
    assert (await in_process.get(COUNT, params={**query, "project": str(other.id)})).json() == {}
    assert (await in_process.get(COUNT, params={**query, "project": "none"})).status_code == 403
    ids = (await in_process.get(COUNT, params={**query, "returnIds": "true"})).json()
    assert ids == {str(issue.id): issue.replays[:51]}


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("", "Must provide at least one issue.id, transaction, or replay_id"),
        ("issue.id:5", "Condition value must be a list of strings"),
        (f"issue.id:[{','.join('1' * 26)}]", "Too many values provided"),
    ],
)
async def test_a_query_that_names_no_issues_is_a_400(in_process: httpx2.AsyncClient, query: str, detail: str) -> None:
    answer = await in_process.get(COUNT, params={"query": query})
    assert (answer.status_code, answer.json()) == (400, {"detail": detail})
