"""What rules learn from Sentry's API, on a real socket."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.vedette.api.stub import TOKEN, Reply, Request, StubSentry, issue, serving
from vedette.api import HttpTransport, Sentry, credential
from vedette.rules.engine.engine import Subject
from vedette.rules.engine.sentry_facts import SentryFacts
from vedette.rules.issue_reader import IssueReader
from vedette.rules.model.rule import Rule
from vedette.search import Facts, Verdict, parse

ISSUE = "/api/0/organizations/acme/issues/42/"
MEMBERS = "/api/0/organizations/acme/members/"
ANN = {"id": "90", "email": "ann@example.com", "user": {"id": "3", "email": "Ann@example.com", "username": "ann"}}
OTHER = {"id": "91", "email": "bo@example.com", "user": {"id": "7", "email": "bo@example.com", "username": "bo"}}
OWNERS = [{"type": "ownershipRule", "owner": "user:3"}, {"type": "codeowners", "owner": "team:2"}]


@pytest.fixture
async def stub() -> AsyncIterator[StubSentry]:
    stub = StubSentry()
    async with serving(stub) as stub.url:
        yield stub


@pytest.fixture
async def sentry(stub: StubSentry) -> AsyncIterator[Sentry]:
    async with HttpTransport(stub.url, credential(TOKEN)) as http:
        yield Sentry(organization="acme", transport=http)


def holding(stub: StubSentry, *, assigned: Any = None, team: Reply | None = None, members: Reply | None = None) -> None:
    stub.on("GET", ISSUE, Reply(200, issue(owners=OWNERS, assignedTo=assigned)))
    stub.on("GET", "/api/0/teams/acme/2/", team or Reply(200, {"id": "2", "slug": "payments"}))
    stub.on("GET", MEMBERS, members or Reply(200, [OTHER, ANN]))


async def facts(sentry: Sentry, query: str) -> Facts:
    keys = parse(query).unknowns(Facts()) | {"assigned"}
    return await SentryFacts(IssueReader(sentry, "42")).more(Subject("issue.created", Facts(), "42"), keys)


@pytest.mark.parametrize(
    ("who", "verdict"),
    [
        ("ann@example.com", Verdict.TRUE),
        ("ann", Verdict.TRUE),
        ("3", Verdict.TRUE),
        ("#payments", Verdict.TRUE),
        ("bo@example.com", Verdict.FALSE),
        ("#checkout", Verdict.FALSE),
        ("none", Verdict.FALSE),
    ],
)
async def test_whom_sentry_suggests_is_known_by_every_name(
    stub: StubSentry, sentry: Sentry, who: str, verdict: Verdict
) -> None:
    holding(stub)
    query = f"assigned_or_suggested:{who}"
    assert parse(query).evaluate(await facts(sentry, query)) is verdict


async def test_the_first_suggestion_stays_first_by_its_id(stub: StubSentry, sentry: Sentry) -> None:
    holding(stub)
    found = await facts(sentry, "assigned_or_suggested:#payments")
    assert found.get("suggested").values == ("user:3", "email:ann@example.com", "username:ann", "team:2", "#payments")


async def test_names_are_looked_up_once_and_only_where_they_are_asked_for(stub: StubSentry, sentry: Sentry) -> None:
    holding(stub)
    await facts(sentry, "is:for_review")
    assert [request.path for request in stub.requests] == [ISSUE]
    for _ in range(3):
        await facts(sentry, "assigned_or_suggested:#payments")
    assert [request.path for request in stub.requests].count(MEMBERS) == 1


@pytest.mark.parametrize("status", [403, 404])
async def test_whose_name_is_not_to_be_had_stays_open(stub: StubSentry, sentry: Sentry, status: int) -> None:
    refused = Reply(status, {"detail": "No."})
    holding(stub, team=refused, members=refused if status == 403 else Reply(200, []))
    for who in ("ann@example.com", "#payments"):
        query = f"assigned_or_suggested:{who}"
        assert parse(query).evaluate(await facts(sentry, query)) is Verdict.UNKNOWN


async def test_a_server_that_does_not_know_the_query_names_nobody_else(stub: StubSentry, sentry: Sentry) -> None:
    def any_member(request: Request) -> Reply:
        assert ("query", "user.id:3") in request.query
        return Reply(200, [OTHER])

    stub.on("GET", MEMBERS, any_member)
    assert await sentry.members.identities("user:3") == ("user:3",)


def test_a_condition_on_suggestions_needs_the_scopes_for_their_names() -> None:
    asks = Rule(name="a", events=("issue.created",), when=parse("level:fatal assigned_or_suggested:#payments"))
    assert asks.needs == ("member:read", "team:read")
    assert Rule(name="b", events=("issue.created",), when=parse("level:fatal")).needs == ()
