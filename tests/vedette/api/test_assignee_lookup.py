"""Finding out who is meant, through a real socket."""

import pytest

from tests.vedette.api.stub import Reply, StubSentry, issue
from vedette.api import Sentry, UnknownAssigneeError
from vedette.api.models import Actor, Member, Team, User

ISSUE = "/api/0/organizations/acme/issues/42/"
TEAM = "/api/0/teams/acme/payments/"
MEMBERS = "/api/0/organizations/acme/members/"
FORBIDDEN = Reply(403, {"detail": "You do not have permission to perform this action."})
PAYMENTS = {"id": "45", "slug": "payments", "name": "Payments"}
ANN = {
    "id": "3",
    "email": "ann@acme.example",
    "name": "Ann",
    "user": {"id": "9", "name": "Ann", "username": "ann", "email": "Ann@acme.example"},
}


@pytest.fixture
def ready(stub: StubSentry) -> StubSentry:
    stub.on("GET", ISSUE, Reply(200, issue()))
    stub.on("PUT", ISSUE, Reply(200, issue(assignedTo={"type": "team", "id": "45", "name": "x"})))
    stub.on("GET", TEAM, Reply(200, PAYMENTS))
    stub.on("GET", MEMBERS, Reply(200, [ANN]))
    return stub


@pytest.mark.parametrize(
    ("who", "key", "label"),
    [
        ("team:payments", "team:45", "team payments"),
        ("#payments", "team:45", "team payments"),
        ("payments", "team:45", "team payments"),
        ("ann@acme.example", "user:9", "ann@acme.example"),
        ("user:ANN@acme.example", "user:9", "ann@acme.example"),
        ("Ann", "user:9", "ann@acme.example"),
        ("user:7", "user:7", "user 7"),
        ("7", "user:7", "user 7"),
        (Team.model_validate(PAYMENTS), "team:45", "team payments"),
        (User(id="9", name="Ann"), "user:9", "Ann"),
        (Member.model_validate(ANN), "user:9", "ann@acme.example"),
        (Actor(type="team", id="45", name="payments"), "team:45", "team payments"),
        (Actor(type="user", id="9", name="Ann", email="ann@acme.example"), "user:9", "ann@acme.example"),
    ],
)
async def test_people_and_teams_are_found_as_people_write_them(
    ready: StubSentry, sentry: Sentry, who: str | Team | User | Member | Actor, key: str, label: str
) -> None:
    change = await sentry.issues.assign("42", who)
    assert ready.sent("PUT")[0].body == {"assignedTo": key}
    assert change.intent == f"assigned SHOP-4K to {label}"


async def test_who_was_found_is_remembered(ready: StubSentry, sentry: Sentry) -> None:
    for _ in range(3):
        await sentry.issues.assign("42", "team:payments")
        await sentry.view().issues.assign("42", "ann@acme.example")
    assert [request.path for request in ready.sent("GET")].count(TEAM) == 1
    assert [request.path for request in ready.sent("GET")].count(MEMBERS) == 1


async def test_without_the_scope_for_teams_the_list_is_asked(stub: StubSentry, sentry: Sentry) -> None:
    stub.on("GET", ISSUE, Reply(200, issue()))
    stub.on("PUT", ISSUE, Reply(200, issue()))
    stub.on("GET", TEAM, FORBIDDEN)
    stub.on("GET", "/api/0/organizations/acme/teams/", Reply(200, [{"id": "44", "slug": "payments-api"}, PAYMENTS]))
    await sentry.issues.assign("42", "team:payments")
    assert stub.sent("PUT")[0].body == {"assignedTo": "team:45"}


async def test_without_the_scope_for_members_sentry_looks_the_address_up(stub: StubSentry, sentry: Sentry) -> None:
    stub.on("GET", ISSUE, Reply(200, issue()))
    stub.on("PUT", ISSUE, Reply(200, issue()))
    stub.on("GET", MEMBERS, FORBIDDEN)
    await sentry.issues.assign("42", "ann@acme.example")
    await sentry.issues.assign("42", "user:ann")
    assert [sent.body["assignedTo"] for sent in stub.sent("PUT")] == ["ann@acme.example", "ann"]


@pytest.mark.parametrize(
    ("who", "members", "says"),
    [
        ("team:gone", [], "no team 'gone'"),
        ("#gone", [], "no team 'gone'"),
        ("Nobody", [], "no member or team 'Nobody'"),
        ("ann@acme.example", [{**ANN, "user": None}], "accepted the invitation"),
        ("Ann", [ANN, {**ANN, "user": {"id": "10", "name": "ann"}}], "2 members of acme are called 'Ann'"),
        (" ", [], "use unassign"),
    ],
)
async def test_nobody_or_more_than_one_is_said(
    who: str, members: list[object], says: str, stub: StubSentry, sentry: Sentry
) -> None:
    stub.on("GET", MEMBERS, Reply(200, members))
    with pytest.raises(UnknownAssigneeError, match=says):
        await sentry.issues.assign("42", who)
    assert stub.sent("PUT") == []


async def test_an_invitation_cannot_be_assigned_to(sentry: Sentry) -> None:
    with pytest.raises(UnknownAssigneeError, match="not accepted"):
        await sentry.issues.assign("42", Member(id="3", email="ann@acme.example"))
