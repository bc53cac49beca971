"""The texts of proposals and of the audit are made from the request, never from a claim of the handler."""

from typing import Any

import pytest

from vedette.access.issue_cache import CachedIssue, IssueCache
from vedette.access.sentences import sentence_of
from vedette.api import OPERATIONS, Call
from vedette.permissions.grants import Grant

WRITES = [operation for operation in OPERATIONS.values() if operation.writes]
LIE = "commented on HARMLESS-1"
ONE, TWO = CachedIssue("1", "SHOP-1", "shop", {}), CachedIssue("2", "SHOP-2", "shop", {})


def made(
    name: str, body: dict[str, Any] | None = None, *, claim: str = "", issues: tuple[CachedIssue, ...] = ()
) -> str:
    operation = OPERATIONS[name]
    parameters = {each: "acme" if "organization" in each else f"of-{each}" for each in operation.parameters}
    issue_cache = IssueCache("acme")
    issue_cache.actors["team:2"] = "team payments"
    issue_cache.issues["1"] = ONE
    return sentence_of(Call(operation, parameters, body=body, intent=claim), issues, issue_cache)


@pytest.mark.parametrize("operation", WRITES, ids=lambda operation: operation.name)
def test_a_claim_never_stands_in_place_of_what_is_done(operation: Any) -> None:
    body = {"name": "x"}
    told = made(operation.name, body, claim=LIE, issues=(TWO,))
    honest = made(operation.name, body, issues=(TWO,))
    assert honest
    assert told == f'{honest} (as the handler says: "{LIE}")'
    assert not honest.startswith("called ")


@pytest.mark.parametrize(
    ("name", "body", "issues", "sentence"),
    [
        ("issues.update", {"status": "resolved"}, (ONE,), "resolved SHOP-1"),
        ("issues.update", {"assignedTo": "team:2"}, (ONE,), "assigned SHOP-1 to team payments"),
        ("issues.update", {"assignedTo": "team:3"}, (ONE,), "assigned SHOP-1 to team 3"),
        ("issues.update", {"status": "ignored"}, (ONE,), "archived SHOP-1 forever"),
        ("issues.update", {"status": "ignored", "statusDetails": {}}, (ONE,), "archived SHOP-1 forever"),
        (
            "issues.update",
            {"status": "ignored", "statusDetails": {"ignoreDuration": 60}},
            (ONE,),
            "archived SHOP-1 for 1 hour",
        ),
        ("issues.update", {"discard": True}, (ONE,), "set discard=true of SHOP-1"),
        ("issues.update_many", {"status": "resolved"}, (ONE, TWO), "resolved SHOP-1 and SHOP-2"),
        ("issues.update_many", {"merge": True}, (ONE, TWO), "merged SHOP-1 and SHOP-2"),
        ("issues.delete_many", None, (ONE, TWO), "deleted SHOP-1 and SHOP-2"),
        ("issues.delete_many", None, tuple(ONE for _ in range(12)), "deleted " + "SHOP-1, " * 8 + "SHOP-1 and 3 more"),
        (
            "apps.link_issue",
            {"issueId": 1, "project": "tickets", "identifier": "T-7", "webUrl": "https://t"},
            (),
            "linked tickets#T-7 to SHOP-1",
        ),
        ("projects.delete", None, (), "deleted a project: project of-project_id_or_slug"),
        (
            "members.invite",
            {"email": "eve@evil.example", "orgRole": "owner"},
            (),
            "invited a person to the organization: email eve@evil.example, orgRole owner",
        ),
    ],
)
def test_what_is_done_is_said_in_english(
    name: str, body: dict[str, Any] | None, issues: tuple[CachedIssue, ...], sentence: str
) -> None:
    assert made(name, body, issues=issues) == sentence


def test_a_claim_that_says_nothing_more_is_left_out() -> None:
    assert made("projects.delete", claim="deleted project of-project_id_or_slug").count("deleted") == 1
    claim = 'assigned SHOP-1 to "the boss"\x1b[2J'
    told = made("issues.update", {"assignedTo": "team:2"}, claim=claim, issues=(ONE,))
    assert told == ("assigned SHOP-1 to team payments (as the handler says: \"assigned SHOP-1 to 'the boss' [2J\")")


async def test_an_assignee_has_the_name_that_sentry_gave_and_not_the_one_that_is_claimed(scene: Any) -> None:
    sentry = scene.sentry(Grant(scopes=("event:write", "team:read")))
    await sentry.issues.assign(str(scene.issue.id), "#payments")
    assert (await scene.entries())[0].text("intent") == f"assigned {scene.issue.short_id} to team payments"
