"""The traps of Sentry's issue update, none of which can be written down."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.vedette.api.stub import issue
from vedette.api.change import restoring
from vedette.api.issue_diff import diff
from vedette.api.issue_update import NOBODY, InvalidUpdateError, IssueUpdate
from vedette.api.models import Issue
from vedette.api.write_descriptions import describe

NOW = datetime(2026, 8, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "resolved", "substatus": "ongoing"},
        {"substatus": "sleeping"},
        {"status_details": {"inNextRelease": True}},
        {"status": "resolved", "status_details": {"inNextRelease": False}},
        {"status": "resolved", "status_details": {"ignoreCount": 5}},
        {"status": "resolved", "status_details": {"inRelease": "1", "inNextRelease": True}},
        {"status": "resolved", "status_details": {"inCommit": {"commit": "f00"}}},
        {"status": "resolved", "status_details": {"inUpcomingRelease": True}},
        {"status": "ignored", "status_details": {"ignoreCount": 0}},
        {"status": "ignored", "status_details": {"ignoreCount": True}},
        {"status": "ignored", "status_details": {"ignoreWindow": 5}},
        {"status": "ignored", "status_details": {"ignoreCount": 5, "ignoreWindow": 10_081}},
        {"status": "ignored", "substatus": "archived_until_condition_met"},
        {"status": "ignored", "substatus": "archived_forever", "status_details": {"ignoreCount": 5}},
    ],
)
def test_a_body_that_sentry_would_misunderstand_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(InvalidUpdateError):
        IssueUpdate(**fields)


@pytest.mark.parametrize(
    ("fields", "body"),
    [
        ({"status": "ignored"}, {"status": "ignored", "substatus": "archived_until_escalating"}),
        ({"substatus": "ongoing"}, {"status": "unresolved", "substatus": "ongoing"}),
        ({"assigned_to": NOBODY}, {"assignedTo": ""}),
        ({"for_review": False}, {"inbox": False}),
        ({"has_seen": True, "is_bookmarked": False}, {"hasSeen": True, "isBookmarked": False}),
        ({}, {}),
    ],
)
def test_what_sentry_would_guess_is_said(fields: dict[str, Any], body: dict[str, Any]) -> None:
    assert IssueUpdate(**fields).body() == body


@pytest.mark.parametrize(
    ("before", "fields", "sent"),
    [
        ({"status": "resolved", "statusDetails": {"inNextRelease": True}}, {"inNextRelease": True}, False),
        ({"status": "resolved", "statusDetails": {}}, {"inNextRelease": True}, True),
        ({"status": "resolved", "statusDetails": {"inRelease": "2"}}, {"inRelease": "1"}, True),
        (
            {"status": "resolved", "statusDetails": {"inCommit": {"id": "f"}}},
            {"inCommit": {"commit": "f", "repository": "r"}},
            False,
        ),
        (
            {"status": "resolved", "statusDetails": {"inCommit": "f"}},
            {"inCommit": {"commit": "f", "repository": "r"}},
            False,
        ),
    ],
)
def test_where_an_issue_is_resolved_is_compared(before: dict[str, Any], fields: dict[str, Any], sent: bool) -> None:
    update = IssueUpdate(status="resolved", status_details=fields)
    assert bool(diff(update, Issue.model_validate(issue(**before)))) is sent


@pytest.mark.parametrize(
    ("until", "sent"),
    [
        ("2026-08-01T13:00:20Z", False),
        ("2026-08-01T14:00:00Z", True),
        ("2026-08-01T13:00:00", False),
        ("soon", True),
        (None, True),
    ],
)
def test_an_archiving_that_ends_at_the_same_time_is_the_same(until: str | None, sent: bool) -> None:
    before = issue(
        status="ignored",
        substatus="archived_until_condition_met",
        statusDetails={"ignoreUntil": until} if until else {},
    )
    update = IssueUpdate(status="ignored", status_details={"ignoreDuration": 60})
    assert bool(diff(update, Issue.model_validate(before), now=NOW)) is sent


def test_an_assignee_is_compared_by_address_too() -> None:
    before = Issue.model_validate(
        issue(assignedTo={"type": "user", "id": "5", "name": "Ann", "email": "ann@acme.example"})
    )
    assert diff(IssueUpdate(assigned_to="ann@acme.example"), before) == {}
    assert diff(IssueUpdate(assigned_to="user:5"), before) == {}
    assert diff(IssueUpdate(assigned_to=NOBODY), before) == {"assignedTo": ""}


def test_only_what_is_not_so_is_sent() -> None:
    update = IssueUpdate(status="resolved", priority="medium", assigned_to="team:9")
    assert diff(update, Issue.model_validate(issue())) == {"status": "resolved", "assignedTo": "team:9"}


@pytest.mark.parametrize(
    ("update", "text"),
    [
        (IssueUpdate(status="resolved", assigned_to="team:9"), "resolved S-1 and assigned S-1 to team payments"),
        (IssueUpdate(assigned_to=NOBODY, priority="low"), "unassigned S-1 and set priority of S-1 to low"),
        (IssueUpdate(status="unresolved"), "reopened S-1"),
        (IssueUpdate(substatus="escalating"), "reopened S-1 as escalating"),
        (IssueUpdate(for_review=True, is_subscribed=False), "put S-1 up for review and unsubscribed from S-1"),
        (IssueUpdate(status="ignored", status_details={"ignoreDuration": 1440}), "archived S-1 for 1 day"),
        (IssueUpdate(status="ignored", status_details={"ignoreDuration": 30}), "archived S-1 for 30 minutes"),
        (IssueUpdate(), "changed nothing of S-1"),
    ],
)
def test_an_update_reads_as_english(update: IssueUpdate, text: str) -> None:
    assert describe(update, "S-1", assignee="team payments") == text


@pytest.mark.parametrize(
    ("before", "update"),
    [
        ({"status": "unresolved", "substatus": "ongoing"}, IssueUpdate(status="unresolved", substatus="ongoing")),
        ({"status": "resolved", "substatus": None}, IssueUpdate(status="resolved")),
        ({"status": "ignored", "substatus": "archived_until_condition_met"}, IssueUpdate(status="ignored")),
        ({"assignedTo": ""}, IssueUpdate(assigned_to=NOBODY)),
        ({"status": "reprocessing"}, None),
        ({}, None),
    ],
)
def test_what_was_before_can_be_written_again(before: dict[str, Any], update: IssueUpdate | None) -> None:
    assert restoring(before) == update
