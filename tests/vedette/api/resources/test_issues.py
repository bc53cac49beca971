"""Reading an issue and changing it, through a real socket."""

from dataclasses import dataclass
from typing import Any

import pytest

from tests.vedette.api.stub import Reply, Request, StubSentry, issue
from vedette.api import InvalidUpdateError, IssueUpdate, Sentry
from vedette.api.models import Issue

ISSUE = "/api/0/organizations/acme/issues/42/"
NOTES = f"{ISSUE}notes/"


@dataclass(frozen=True)
class Named:
    issue_id: str | None = "42"
    short_id: str | None = "SHOP-4K"


def answering_updates(stub: StubSentry, **before: Any) -> None:
    """Answer reads with the issue and writes with the issue as the body makes it."""

    def update(request: Request) -> Reply:
        after = issue(**before)
        for name in ("status", "substatus", "statusDetails", "priority"):
            if name in request.body:
                after[name] = request.body[name]
        if request.body.get("assignedTo"):
            kind, _, key = request.body["assignedTo"].partition(":")
            after["assignedTo"] = {"type": kind, "id": key, "name": "payments"}
        elif "assignedTo" in request.body:
            after["assignedTo"] = None
        if after["status"] == "resolved":
            after["substatus"] = None
        return Reply(200, after)

    stub.on("GET", ISSUE, Reply(200, issue(**before)))
    stub.on("PUT", ISSUE, update)


async def test_an_issue_is_read_and_keeps_what_is_unknown(stub: StubSentry, sentry: Sentry) -> None:
    stub.on("GET", ISSUE, Reply(200, issue(level="apocalyptic", moonPhase="waxing")))
    found = await sentry.issues.get("42")
    assert found.short_id == "SHOP-4K"
    assert found.level == "apocalyptic"
    assert found.model_extra is not None
    assert found.model_extra["moonPhase"] == "waxing"
    assert found.count == "12"
    assert found.project is not None
    assert found.project.slug == "shop"


async def test_an_issue_can_be_named_by_its_short_id_and_by_an_event(stub: StubSentry, sentry: Sentry) -> None:
    stub.on("GET", "/api/0/organizations/acme/issues/SHOP-4K/", Reply(200, issue()))
    stub.on("GET", ISSUE, Reply(200, issue()))
    assert (await sentry.issues.get("SHOP-4K")).id == "42"
    assert (await sentry.issues.get(Named())).id == "42"


async def test_an_event_without_an_issue_is_refused(sentry: Sentry) -> None:
    with pytest.raises(InvalidUpdateError, match="names no issue"):
        await sentry.issues.resolve(Named(issue_id=None))


@pytest.mark.parametrize(
    ("options", "details", "intent"),
    [
        ({}, None, "resolved SHOP-4K"),
        ({"in_next_release": True}, {"inNextRelease": True}, "resolved SHOP-4K in the next release"),
        ({"in_release": "2.1.0"}, {"inRelease": "2.1.0"}, "resolved SHOP-4K in release 2.1.0"),
        ({"in_release": "latest"}, {"inRelease": "latest"}, "resolved SHOP-4K in the latest release"),
        (
            {"in_commit": ("f00", "acme/shop")},
            {"inCommit": {"commit": "f00", "repository": "acme/shop"}},
            "resolved SHOP-4K in commit f00 of acme/shop",
        ),
    ],
)
async def test_resolving_says_where(
    stub: StubSentry, sentry: Sentry, options: dict[str, Any], details: object, intent: str
) -> None:
    answering_updates(stub)
    change = await sentry.issues.resolve("42", **options)
    (sent,) = stub.sent("PUT")
    assert sent.body == {"status": "resolved"} | ({"statusDetails": details} if details else {})
    assert (change.intent, change.changed) == (intent, True)
    assert change.issue is not None
    assert change.issue.status == "resolved"
    assert change.before["status"] == "unresolved"
    assert change.after["status"] == "resolved"


@pytest.mark.parametrize(
    ("options", "body", "intent"),
    [
        ({}, {"substatus": "archived_until_escalating"}, "archived SHOP-4K until it escalates"),
        ({"forever": True}, {"substatus": "archived_forever"}, "archived SHOP-4K forever"),
        (
            {"minutes": 120},
            {"substatus": "archived_until_condition_met", "statusDetails": {"ignoreDuration": 120}},
            "archived SHOP-4K for 2 hours",
        ),
        (
            {"events": 100, "events_within_minutes": 45},
            {
                "substatus": "archived_until_condition_met",
                "statusDetails": {"ignoreCount": 100, "ignoreWindow": 45},
            },
            "archived SHOP-4K until 100 more events within 45 minutes",
        ),
        (
            {"users": 1},
            {"substatus": "archived_until_condition_met", "statusDetails": {"ignoreUserCount": 1}},
            "archived SHOP-4K until 1 more user",
        ),
    ],
)
async def test_archiving_says_for_how_long(
    stub: StubSentry, sentry: Sentry, options: dict[str, Any], body: dict[str, Any], intent: str
) -> None:
    answering_updates(stub)
    change = await sentry.issues.archive("42", **options)
    assert stub.sent("PUT")[0].body == {"status": "ignored", **body}
    assert change.intent == intent


async def test_the_kind_of_archiving_changes_by_way_of_reopening(stub: StubSentry, sentry: Sentry) -> None:
    archived = issue(status="ignored", substatus="archived_forever")
    reopened = issue(status="unresolved", substatus="ongoing")
    quiet = issue(status="ignored", substatus="archived_until_escalating")
    stub.on("GET", ISSUE, Reply(200, archived))
    stub.on("PUT", ISSUE, Reply(200, archived), Reply(200, reopened), Reply(200, quiet))
    change = await sentry.issues.archive("42")
    assert [sent.body["status"] for sent in stub.sent("PUT")] == ["ignored", "unresolved", "ignored"]
    assert change.changed
    assert change.unconfirmed == frozenset()


@pytest.mark.parametrize(
    ("before", "method", "arguments"),
    [
        ({"status": "resolved", "substatus": None}, "resolve", ()),
        ({"status": "ignored", "substatus": "archived_until_escalating"}, "archive", ()),
        ({}, "unresolve", ()),
        ({"assignedTo": {"type": "team", "id": "9", "name": "payments"}}, "assign", ("user:9",)),
        ({"assignedTo": {"type": "user", "id": "9", "name": "Ann"}}, "assign", ("user:9",)),
        ({}, "unassign", ()),
        ({"priority": "high"}, "set_priority", ("high",)),
    ],
)
async def test_what_is_so_already_is_not_written(
    stub: StubSentry, sentry: Sentry, before: dict[str, Any], method: str, arguments: tuple[str, ...]
) -> None:
    answering_updates(stub, **before)
    change = await getattr(sentry.issues, method)("42", *arguments)
    different = before.get("assignedTo", {}).get("type") == "team"
    assert change.changed is different
    assert len(stub.sent("PUT")) == int(different)
    if not different:
        assert change.skipped == "already so"
        assert change.undo is None


async def test_an_issue_that_was_read_is_not_read_again(stub: StubSentry, sentry: Sentry) -> None:
    answering_updates(stub)
    change = await sentry.issues.set_priority(Issue.model_validate(issue()), "high")
    assert stub.sent("GET") == []
    assert change.intent == "set priority of SHOP-4K to high"


async def test_reviewing_asks_for_the_inbox_first(stub: StubSentry, sentry: Sentry) -> None:
    stub.on("GET", ISSUE, Reply(200, issue(inbox={"reason": 0, "date_added": "2026-08-01T10:00:00Z"})))
    stub.on("PUT", ISSUE, Reply(200, issue()))
    change = await sentry.issues.mark_reviewed("42")
    assert ("expand", "inbox") in stub.sent("GET")[0].query
    assert stub.sent("PUT")[0].body == {"inbox": False}
    assert change.intent == "marked SHOP-4K as reviewed"
    assert change.before == {"inbox": True}


async def test_what_is_reviewed_already_is_left(stub: StubSentry, sentry: Sentry) -> None:
    stub.on("GET", ISSUE, Reply(200, issue(inbox=None)))
    assert not (await sentry.issues.mark_reviewed("42")).changed


async def test_a_change_can_be_taken_back(stub: StubSentry, sentry: Sentry) -> None:
    answering_updates(stub, assignedTo={"type": "user", "id": "5", "name": "Ann"})
    change = await sentry.issues.assign("42", "user:9")
    assert change.undo == IssueUpdate(assigned_to="user:5")


async def test_a_comment_names_the_issue_as_people_do(stub: StubSentry, sentry: Sentry) -> None:
    note = {"id": "77", "type": "note", "data": {"text": "Looking."}, "dateCreated": "2026-08-02T10:00:00Z"}
    stub.on("POST", NOTES, Reply(201, note))
    stub.on("GET", ISSUE, Reply(200, issue()))
    assert (await sentry.issues.comment("42", "Looking.")).intent == "commented on issue 42"
    assert (await sentry.issues.comment(Named(), "Looking.")).intent == "commented on SHOP-4K"
    await sentry.issues.get("42")
    change = await sentry.issues.comment("42", "Looking.")
    assert change.intent == "commented on SHOP-4K"
    assert change.comment is not None
    assert change.comment.text == "Looking."
    assert stub.sent("POST")[0].body == {"text": "Looking."}


async def test_the_same_comment_twice_is_said_to_be_there(stub: StubSentry, sentry: Sentry) -> None:
    stub.on("POST", NOTES, Reply(400, {"detail": "You have already posted that comment."}))
    change = await sentry.issues.comment("42", "Looking.")
    assert not change.changed
    assert change.skipped == "said within the last hour"


async def test_a_merged_issue_is_changed_under_its_new_id(stub: StubSentry, sentry: Sentry) -> None:
    stub.on("GET", "/api/0/organizations/acme/issues/41/", Reply(200, issue()))
    stub.on("PUT", ISSUE, Reply(200, issue(priority="low")))
    change = await sentry.issues.set_priority("41", "low")
    assert change.issue is not None
    assert change.issue.id == "42"
