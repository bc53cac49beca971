"""Changing several issues: Sentry's fallback to a search cannot be stepped into."""

from typing import Any

import pytest

from tests.vedette.api.stub import Reply, Request, StubSentry, issue
from vedette.api import InvalidUpdateError, IssueUpdate, Sentry

ISSUES = "/api/0/organizations/acme/issues/"
OTHER = {"id": "8", "name": "Pay", "slug": "pay", "platform": None}


def holding(stub: StubSentry, *issues: dict[str, Any]) -> None:
    def find(request: Request) -> Reply:
        wanted = [value for name, value in request.query if name == "group"]
        return Reply(200, [each for each in issues if each["id"] in wanted])

    stub.on("GET", ISSUES, find)


async def test_each_project_gets_a_call_with_its_own_ids(stub: StubSentry, sentry: Sentry) -> None:
    holding(
        stub,
        issue(id="1", shortId="SHOP-1"),
        issue(id="2", shortId="PAY-2", project=OTHER),
        issue(id="3", shortId="SHOP-3"),
    )
    stub.on("PUT", ISSUES, Reply(200, {"status": "resolved"}))
    changes = await sentry.issues.update_many(["1", "2", "3"], IssueUpdate(status="resolved"))
    assert [change.intent for change in changes] == ["resolved SHOP-1", "resolved PAY-2", "resolved SHOP-3"]
    assert all(change.changed for change in changes)
    first, second = stub.sent("PUT")
    assert [value for name, value in first.query if name == "id"] == ["2"]
    assert [value for name, value in second.query if name == "id"] == ["1", "3"]
    assert ("query", "timesSeen:<0") in first.query
    assert [value for name, value in first.query if name == "project"] == ["8"]  # older servers take no slugs


async def test_stale_and_finished_issues_are_left_out(stub: StubSentry, sentry: Sentry) -> None:
    holding(stub, issue(id="1", status="resolved", substatus=None), issue(id="2"))
    stub.on("PUT", ISSUES, Reply(200, {"status": "resolved"}))
    changes = await sentry.issues.update_many(["1", "2", "404"], IssueUpdate(status="resolved"))
    assert [(change.changed, change.skipped) for change in changes] == [(False, "already so"), (True, None)]
    assert [value for name, value in stub.sent("PUT")[0].query if name == "id"] == ["2"]


async def test_nothing_is_sent_when_all_ids_are_stale(stub: StubSentry, sentry: Sentry) -> None:
    holding(stub)
    assert await sentry.issues.update_many(["404", "405"], IssueUpdate(status="resolved")) == []
    assert await sentry.issues.delete_many(["404"]) == []
    assert await sentry.issues.delete_many([]) == []
    assert {request.method for request in stub.requests} == {"GET"}


async def test_issues_of_one_project_are_merged(stub: StubSentry, sentry: Sentry) -> None:
    holding(stub, issue(id="1", shortId="SHOP-1"), issue(id="2", shortId="SHOP-2"))
    stub.on("PUT", ISSUES, Reply(200, {"merge": {"parent": "1", "children": ["2"]}}))
    change = await sentry.issues.merge(["1", "2"])
    assert change.intent == "merged SHOP-1 and SHOP-2"
    assert change.after == {"merge": {"parent": "1", "children": ["2"]}}
    assert stub.sent("PUT")[0].body == {"merge": True}


@pytest.mark.parametrize("issues", [["1"], ["1", "404"], ["1", "2"]])
async def test_merging_wants_two_of_one_project(issues: list[str], stub: StubSentry, sentry: Sentry) -> None:
    holding(stub, issue(id="1"), issue(id="2", project=OTHER))
    with pytest.raises(InvalidUpdateError, match="one project"):
        await sentry.issues.merge(issues)
    assert stub.sent("PUT") == []


async def test_several_issues_are_deleted_by_id(stub: StubSentry, sentry: Sentry) -> None:
    holding(stub, *(issue(id=str(number), shortId=f"SHOP-{number}") for number in range(1, 13)))
    stub.on("DELETE", ISSUES, Reply(204))
    (change,) = await sentry.issues.delete_many([str(number) for number in range(1, 13)])
    assert change.intent.startswith("deleted SHOP-1, SHOP-2,")
    assert change.intent.endswith("SHOP-9 and 3 more")


async def test_more_than_sentry_takes_at_once_is_refused(sentry: Sentry) -> None:
    with pytest.raises(InvalidUpdateError, match="at most 1000"):
        await sentry.issues.update_many([str(number) for number in range(1001)], IssueUpdate(status="resolved"))


async def test_one_projects_issues_are_changed_by_its_address(stub: StubSentry, sentry: Sentry) -> None:
    holding(stub, issue(id="1", shortId="SHOP-1"), issue(id="2", shortId="SHOP-2", status="resolved", substatus=None))
    stub.on("PUT", "/api/0/projects/acme/shop/issues/", Reply(200, {"status": "resolved"}))
    changes = await sentry.issues.update_in_project("shop", ["1", "2"], IssueUpdate(status="resolved"))
    assert [change.changed for change in changes] == [True, False]
    assert [value for name, value in stub.sent("PUT")[0].query if name == "id"] == ["1"]
    await sentry.issues.update_in_project("shop", ["2", "404"], IssueUpdate(status="resolved"))
    assert len(stub.sent("PUT")) == 1


async def test_one_projects_issues_are_deleted_by_its_address(stub: StubSentry, sentry: Sentry) -> None:
    holding(stub, issue(id="1", shortId="SHOP-1"), issue(id="2", shortId="SHOP-2"))
    stub.on("DELETE", "/api/0/projects/acme/shop/issues/", Reply(204))
    change = await sentry.issues.delete_in_project("shop", ["1", "2"])
    assert change is not None
    assert change.intent == "deleted SHOP-1 and SHOP-2"
    assert await sentry.issues.delete_in_project("shop", ["404"]) is None
    assert len(stub.sent("DELETE")) == 1


async def test_an_issue_of_another_project_stops_a_projects_bulk_call(stub: StubSentry, sentry: Sentry) -> None:
    holding(stub, issue(id="1"), issue(id="2", shortId="PAY-2", project=OTHER))
    with pytest.raises(InvalidUpdateError, match="PAY-2 is not of project shop"):
        await sentry.issues.update_in_project("shop", ["1", "2"], IssueUpdate(status="resolved"))
    assert stub.sent("PUT") == []
