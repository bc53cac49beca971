"""What an update of an issue does, field by field, traps included."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from vedette.simulator import Actor, ErrorReport, record_error
from vedette.simulator.world import builders, transitions
from vedette.simulator.world.people import Assignee
from vedette.simulator.world.projects import Commit

if TYPE_CHECKING:
    import httpx2

    from tests.vedette.simulator.conftest import Small
    from vedette.simulator import Issue, Webhook


def begin(small: Small, issue: Issue, start: str) -> None:
    if start == "archived":
        transitions.archive(small.world, issue, Actor(user=small.user), "archived_forever")
    elif start == "resolved":
        transitions.resolve(small.world, issue, Actor(user=small.user))


async def put(client: httpx2.AsyncClient, issue: Issue, body: dict[str, Any]) -> httpx2.Response:
    return await client.put(f"/api/0/organizations/acme/issues/{issue.id}/", json=body)


@pytest.mark.parametrize(
    ("start", "body", "wanted"),
    [
        ("open", {"status": "resolved"}, ("resolved", None)),
        ("open", {"status": "ignored"}, ("ignored", "archived_forever")),
        ("open", {"status": "muted"}, ("ignored", "archived_forever")),
        (
            "open",
            {"status": "ignored", "substatus": "archived_until_escalating"},
            ("ignored", "archived_until_escalating"),
        ),
        ("open", {"status": "ignored", "ignoreDuration": 30}, ("ignored", "archived_until_condition_met")),
        (
            "open",
            {"status": "ignored", "statusDetails": {"ignoreCount": 9}},
            ("ignored", "archived_until_condition_met"),
        ),
        # With statusDetails present the same keys beside it are not looked at.
        ("open", {"status": "ignored", "statusDetails": {}, "ignoreCount": 9}, ("ignored", "archived_forever")),
        ("open", {"status": "ignored", "statusDetails": {"ignoreCount": 0}}, ("ignored", "archived_forever")),
        # A substatus alone is accepted and does nothing.
        ("open", {"substatus": "archived_until_escalating"}, ("unresolved", "new")),
        ("open", {"substatus": None}, ("unresolved", "new")),
        ("open", {"status": "unresolved", "substatus": "ongoing"}, ("unresolved", "new")),
        ("archived", {"status": "unresolved"}, ("unresolved", "new")),
        ("archived", {"status": "unresolved", "substatus": "escalating"}, ("unresolved", "escalating")),
        # The mode of an archive that stands is not changed.
        (
            "archived",
            {"status": "ignored", "substatus": "archived_until_escalating"},
            ("ignored", "archived_forever"),
        ),
        ("resolved", {"status": "unresolved"}, ("unresolved", "ongoing")),
        ("resolved", {"status": "resolved"}, ("resolved", None)),
        ("open", {"inbox": False}, ("unresolved", "ongoing")),
        ("open", {"unheard of": 1}, ("unresolved", "new")),
        ("open", {}, ("unresolved", "new")),
    ],
)
async def test_status_and_substatus_become(
    in_process: httpx2.AsyncClient,
    small: Small,
    issue: Issue,
    start: str,
    body: dict[str, Any],
    wanted: tuple[str, str | None],
) -> None:
    begin(small, issue, start)
    answer = await put(in_process, issue, body)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["status"], answer.json()["substatus"]) == wanted


async def test_an_old_issue_out_of_the_archive_is_ongoing(in_process: httpx2.AsyncClient, issue: Issue) -> None:
    issue.first_seen -= timedelta(days=8)
    await put(in_process, issue, {"status": "ignored"})
    answer = await put(in_process, issue, {"status": "unresolved"})
    assert answer.json()["substatus"] == "ongoing"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"status": "done"}, "status"),
        ({"substatus": "sleeping"}, "substatus"),
        ({"status": "resolved", "substatus": "ongoing"}, "substatus"),
        ({"status": "ignored", "substatus": "regressed"}, "substatus"),
        ({"priority": "urgent"}, "priority"),
        ({"assignedTo": None}, "assignedTo"),
        ({"assignedTo": "nobody@acme.example"}, "assignedTo"),
        ({"assignedTo": "team:999999"}, "assignedTo"),
        ({"assignedTo": "payments"}, "assignedTo"),
        ({"inbox": "perhaps"}, "inbox"),
        ({"status": "ignored", "statusDetails": {"ignoreDuration": "soon"}}, "statusDetails"),
        ({"status": "ignored", "statusDetails": {"ignoreWindow": 10081}}, "statusDetails"),
        ({"status": "ignored", "ignoreCount": -1}, "ignoreCount"),
        ({"status": "ignored", "ignoreDuration": 2**40}, "ignoreDuration"),
        ({"status": "resolved", "statusDetails": {"inRelease": "shop@9.9"}}, "statusDetails"),
        ({"status": "resolved", "statusDetails": {"inRelease": "latest"}}, "statusDetails"),
        ({"status": "resolved", "statusDetails": {"inNextRelease": True}}, "statusDetails"),
        ({"status": "resolvedInNextRelease"}, "statusDetails"),
        ({"status": "resolved", "statusDetails": {"inCommit": {"commit": "abc"}}}, "statusDetails"),
        ({"status": "resolved", "statusDetails": {"inCommit": {"commit": "a", "repository": "b"}}}, "statusDetails"),
        ({"status": "resolved", "statusDetails": "now"}, "statusDetails"),
        ([1], "non_field_errors"),
    ],
)
async def test_a_wrong_field_is_a_400_on_it_and_changes_nothing(
    in_process: httpx2.AsyncClient, issue: Issue, body: Any, field: str
) -> None:
    answer = await put(in_process, issue, body)
    assert answer.status_code == 400
    assert list(answer.json()) == [field]
    assert (issue.status, issue.substatus, issue.assignee) == ("unresolved", "new", None)


async def test_resolving_in_the_next_release_ignores_the_value(
    in_process: httpx2.AsyncClient, small: Small, issue: Issue
) -> None:
    builders.add_release(small.world, "shop@1.0", [small.project])
    answer = await put(in_process, issue, {"status": "resolved", "statusDetails": {"inNextRelease": False}})
    assert answer.json()["statusDetails"]["inNextRelease"] is True


async def test_resolving_in_a_commit_that_is_released_is_kept_as_its_release(
    in_process: httpx2.AsyncClient, small: Small, issue: Issue
) -> None:
    commit = Commit("c" * 40, "acme/shop", "", "", "", small.world.clock())
    builders.add_repository(small.world, "acme/shop", [commit])
    details = {"inCommit": {"commit": commit.id, "repository": "acme/shop"}}
    answer = await put(in_process, issue, {"status": "resolved", "statusDetails": details})
    assert answer.json()["statusDetails"] == {"inCommit": commit.id}
    builders.add_release(small.world, "shop@1.0", [small.project], commits=[commit])
    await put(in_process, issue, {"status": "unresolved"})
    answer = await put(in_process, issue, {"status": "resolved", "statusDetails": details})
    assert answer.json()["statusDetails"] == {"inRelease": "shop@1.0"}


async def test_an_archive_for_a_time_reads_back_as_its_end(
    in_process: httpx2.AsyncClient, small: Small, issue: Issue
) -> None:
    answer = await put(in_process, issue, {"status": "ignored", "statusDetails": {"ignoreDuration": 60}})
    details = answer.json()["statusDetails"]
    assert "ignoreDuration" not in details
    assert details["ignoreUntil"].endswith("Z")
    assert details["ignoreCount"] is None


async def test_each_way_to_name_an_assignee_leads_to_it(
    in_process: httpx2.AsyncClient, small: Small, issue: Issue
) -> None:
    user, team = small.user, small.team
    for text, wanted in (
        (str(user.id), ("user", str(user.id))),
        (f"user:{user.id}", ("user", str(user.id))),
        ("ines", ("user", str(user.id))),
        ("ines@acme.example", ("user", str(user.id))),
        (f"team:{team.id}", ("team", str(team.id))),
    ):
        answer = await put(in_process, issue, {"assignedTo": text})
        assigned = answer.json()["assignedTo"]
        assert (assigned["type"], assigned["id"]) == wanted
    answer = await put(in_process, issue, {"assignedTo": ""})
    assert answer.json()["assignedTo"] is None


async def test_only_teams_and_people_of_the_project_can_be_assigned(
    in_process: httpx2.AsyncClient, small: Small, issue: Issue
) -> None:
    team = builders.add_team(small.world, "search")
    builders.add_member(small.world, "bo@acme.example", "Bo", teams=[team])
    for text in (f"team:{team.id}", "bo@acme.example"):
        answer = await put(in_process, issue, {"assignedTo": text})
        assert answer.status_code == 400
        assert "assignedTo" in answer.json()


async def test_writing_again_what_is_so_tells_nobody(
    in_process: httpx2.AsyncClient, small: Small, issue: Issue, heard: list[Webhook]
) -> None:
    for _ in range(2):
        await put(in_process, issue, {"status": "resolved", "assignedTo": f"team:{small.team.id}"})
    assert [webhook.action for webhook in heard] == ["resolved", "assigned"]
    assert heard[0].data["resolution_type"] == "now"
    assert list(heard[1].data) == ["assignee", "issue"]
    assert heard[1].data["assignee"] == {"type": "team", "name": "payments", "id": small.team.id}


async def test_reassigning_and_unassigning_send_no_webhook(
    in_process: httpx2.AsyncClient, small: Small, issue: Issue, heard: list[Webhook]
) -> None:
    transitions.assign(small.world, issue, Actor(user=small.user), Assignee(small.user))
    heard.clear()
    await put(in_process, issue, {"assignedTo": f"team:{small.team.id}"})
    await put(in_process, issue, {"assignedTo": ""})
    assert heard == []


async def test_a_priority_is_set_and_locked(in_process: httpx2.AsyncClient, issue: Issue) -> None:
    answer = await put(in_process, issue, {"priority": "low"})
    assert answer.json()["priority"] == "low"
    assert answer.json()["priorityLockedAt"]


async def test_sharing_again_replaces_the_link(in_process: httpx2.AsyncClient, issue: Issue) -> None:
    first = (await put(in_process, issue, {"isPublic": True})).json()["shareId"]
    second = (await put(in_process, issue, {"isPublic": True})).json()["shareId"]
    assert first != second
    assert (await put(in_process, issue, {"isPublic": False})).json()["shareId"] is None


async def test_seen_marks_are_for_people_only(in_process: httpx2.AsyncClient, small: Small, issue: Issue) -> None:
    assert (await put(in_process, issue, {"hasSeen": True})).json()["hasSeen"] is False
    answer = await in_process.put(
        f"/api/0/organizations/acme/issues/{issue.id}/",
        json={"hasSeen": True, "isBookmarked": True},
        headers={"Authorization": f"Bearer {small.user_token.secret}"},
    )
    assert answer.json()["hasSeen"] is True
    assert answer.json()["isBookmarked"] is True


async def test_discarding_deletes_and_refuses_what_would_come(
    in_process: httpx2.AsyncClient, small: Small, issue: Issue
) -> None:
    answer = await put(in_process, issue, {"discard": True, "status": "resolved"})
    assert answer.status_code == 400
    answer = await put(in_process, issue, {"discard": True})
    assert (answer.status_code, answer.content) == (204, b"")
    assert record_error(small.world, small.project, issue.report) is None
    assert (await in_process.get(f"/api/0/organizations/acme/issues/{issue.id}/")).status_code == 404


async def test_discarding_needs_event_admin(in_process: httpx2.AsyncClient, small: Small, issue: Issue) -> None:
    token = builders.add_token(small.world, "internal", ["event:write"], integration=small.integration)
    answer = await in_process.put(
        f"/api/0/organizations/acme/issues/{issue.id}/",
        json={"discard": True},
        headers={"Authorization": f"Bearer {token.secret}"},
    )
    assert answer.status_code == 400
    assert "discard" in answer.json()


async def test_a_bulk_call_with_only_stale_ids_changes_what_the_search_finds(
    in_process: httpx2.AsyncClient, issue: Issue
) -> None:
    answer = await in_process.put("/api/0/organizations/acme/issues/?id=1", json={"status": "resolved"})
    assert answer.json() == {"status": "resolved", "statusDetails": {}}
    assert issue.status == "resolved"
    answer = await in_process.put("/api/0/organizations/acme/issues/?id=1", json={"status": "resolved"})
    assert answer.status_code == 204


async def test_merging_leads_the_old_ids_to_the_survivor(
    in_process: httpx2.AsyncClient, small: Small, issue: Issue
) -> None:
    record_error(small.world, small.project, issue.report)
    event = record_error(small.world, small.project, ErrorReport("KeyError", "x"))
    assert event is not None
    child = event.issue
    url = f"/api/0/projects/acme/shop/issues/?id={issue.id}&id={child.id}"
    small.world.base_url = "http://sim"
    answer = await in_process.put(url, json={"merge": True, "isPublic": False, "status": "unresolved"})
    assert answer.json()["merge"] == {"parent": str(issue.id), "children": [str(child.id)]}
    read = await in_process.get(f"/api/0/organizations/acme/issues/{child.id}/")
    assert (read.json()["id"], read.json()["count"]) == (str(issue.id), "3")
    assert record_error(small.world, small.project, child.report).issue is issue  # type: ignore[union-attr]


async def test_merging_across_projects_and_releases_for_several_are_refused(
    in_process: httpx2.AsyncClient, small: Small, issue: Issue
) -> None:
    other = builders.add_project(small.world, "api", teams=[small.team])
    event = record_error(small.world, other, ErrorReport("KeyError", "x"))
    assert event is not None
    url = f"/api/0/organizations/acme/issues/?id={issue.id}&id={event.issue.id}"
    answer = await in_process.put(url, json={"merge": True})
    assert (answer.status_code, list(answer.json())) == (400, ["detail"])
    answer = await in_process.put(url, json={"status": "resolved", "statusDetails": {"inNextRelease": True}})
    assert (answer.status_code, list(answer.json())) == (400, ["detail"])
