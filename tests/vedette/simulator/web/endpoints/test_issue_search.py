"""Searching issues: terms, direct hits, and that no text breaks it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vedette.simulator import Actor, ErrorReport, RateLimits, World, create_app, record_error
from vedette.simulator.web.call import ApiError
from vedette.simulator.web.endpoints.issue_search import search_test
from vedette.simulator.world import builders, transitions
from vedette.simulator.world.people import Assignee

if TYPE_CHECKING:
    from tests.vedette.simulator.conftest import Small
    from vedette.simulator import Issue

URL = "/api/0/organizations/acme/issues/"


def fill(small: Small) -> None:
    world, person = small.world, Actor(user=small.user)
    other = builders.add_project(world, "api", teams=[small.team])
    reports = {
        "timeout": (small.project, ErrorReport("Timeout", "too slow", level="fatal", tags=(("zone", "eu"),))),
        "noise": (small.project, ErrorReport("Error", "ResizeObserver loop", level="warning", platform="javascript")),
        "other": (other, ErrorReport("KeyError", "x", environment="staging")),
        "done": (small.project, ErrorReport("Done", "y")),
        "away": (small.project, ErrorReport("Away", "z")),
    }
    for project, report in reports.values():
        record_error(world, project, report)
    found = {issue.report.type: issue for issue in world.issues.values()}
    record_error(world, small.project, reports["timeout"][1])
    transitions.assign(world, found["Timeout"], person, Assignee(small.team))
    transitions.resolve(world, found["Done"], person)
    transitions.archive(world, found["Away"], person, "archived_until_escalating")


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        (None, {"Timeout", "Error", "KeyError"}),
        ("", {"Timeout", "Error", "KeyError", "Done", "Away"}),
        ("is:resolved", {"Done"}),
        ("is:archived", {"Away"}),
        ("is:archived_until_escalating", {"Away"}),
        ("is:unresolved is:unassigned", {"Error", "KeyError"}),
        ("!is:unassigned", {"Timeout"}),
        ("assigned:#payments", {"Timeout"}),
        ("has:assignee", {"Timeout"}),
        ("level:fatal", {"Timeout"}),
        ("level:[fatal,warning]", {"Timeout", "Error"}),
        ("!level:error is:unresolved", {"Timeout", "Error"}),
        ("project:api", {"KeyError"}),
        ("zone:eu", {"Timeout"}),
        ("environment:staging", {"KeyError"}),
        ("platform:javascript", {"Error"}),
        ("error.type:Key*", {"KeyError"}),
        ("resizeobserver", {"Error"}),
        ('title:"Timeout: too slow"', {"Timeout"}),
        ("times_seen:>1", {"Timeout"}),
        ("firstSeen:-1h level:fatal", {"Timeout"}),
        ("firstSeen:+1h", set[str]()),
        ("lastSeen:>2020-01-01T00:00:00 level:warning", {"Error"}),
    ],
)
async def test_a_query_finds(in_process: httpx2.AsyncClient, small: Small, query: str | None, wanted: set[str]) -> None:
    fill(small)
    answer = await in_process.get(URL, params={} if query is None else {"query": query})
    assert {issue["metadata"]["type"] for issue in answer.json()} == wanted


@pytest.mark.parametrize("query", ["is:lost", 'title:"open', "firstSeen:soon", "times_seen:many"])
async def test_a_query_that_cannot_be_read_is_a_400(in_process: httpx2.AsyncClient, query: str) -> None:
    answer = await in_process.get(URL, params={"query": query})
    assert (answer.status_code, list(answer.json())) == (400, ["detail"])


async def test_the_order_is_what_was_asked_for(in_process: httpx2.AsyncClient, small: Small) -> None:
    fill(small)
    answer = await in_process.get(URL, params={"query": "", "sort": "freq", "limit": "1"})
    assert [issue["count"] for issue in answer.json()] == ["2"]
    assert (await in_process.get(URL, params={"sort": "luck"})).status_code == 400


async def test_an_event_id_and_a_short_id_are_hit_directly_without_a_link(
    in_process: httpx2.AsyncClient, small: Small
) -> None:
    event = record_error(small.world, small.project, ErrorReport("E", "v"))
    assert event is not None
    for params in ({"query": event.id}, {"query": "shop-1", "shortIdLookup": "1"}):
        answer = await in_process.get(URL, params=params)
        assert [issue["id"] for issue in answer.json()] == [str(event.issue.id)]
        assert answer.headers["X-Sentry-Direct-Hit"] == "1"
        assert "Link" not in answer.headers
    assert (await in_process.get(URL, params={"query": event.id})).json()[0]["matchingEventId"] == event.id


async def test_a_project_out_of_reach_refuses_the_whole_call(in_process: httpx2.AsyncClient) -> None:
    answer = await in_process.get(URL, params={"project": ["shop", "secret"]})
    assert answer.status_code == 403


async def test_a_search_is_read_anew_after_each_change(in_process: httpx2.AsyncClient, small: Small) -> None:
    fill(small)
    before = (await in_process.get(URL)).headers["X-Hits"]
    transitions.resolve(small.world, next(iter(small.world.issues.values())), Actor())
    assert (before, (await in_process.get(URL)).headers["X-Hits"]) == ("3", "2")


@given(st.text(alphabet=st.sampled_from(list("ab:!*\"[]<>=-+.1h is# '\\"))))
def test_any_text_is_either_read_or_refused(text: str) -> None:
    world = World("acme", seed=1)
    event = record_error(world, builders.add_project(world, "shop"), ErrorReport("a", "b"))
    assert event is not None
    try:
        test = search_test(world, text)
    except ApiError as error:
        status_code = error.answer.status
    else:
        status_code = 200 if test(event.issue) in {True, False} else 500
    assert status_code in {200, 400}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 2**70) | st.text(max_size=8), lambda inner: st.lists(inner, max_size=2)
)
FIELDS = [
    "status",
    "substatus",
    "statusDetails",
    "assignedTo",
    "priority",
    "inbox",
    "hasSeen",
    "isBookmarked",
    "isSubscribed",
    "isPublic",
    "merge",
    "ignoreCount",
    "ignoreDuration",
    "snoozeDuration",
]
DETAILS = ["inNextRelease", "inRelease", "inCommit", "ignoreDuration", "ignoreWindow", "ignoreCount"]
STATUSES = st.sampled_from(["resolved", "ignored", "unresolved", "resolvedInNextRelease", "muted"])


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=4),
    st.none() | STATUSES,
    st.none() | st.dictionaries(st.sampled_from(DETAILS), JSON, max_size=2),
)
def test_any_body_of_an_update_is_a_200_or_a_400(
    body: dict[str, Any], state: str | None, details: dict[str, Any] | None
) -> None:
    body |= ({"status": state} if state else {}) | ({"statusDetails": details} if details is not None else {})

    async def send() -> int:
        world = World("acme", seed=1)
        token = builders.add_token(world, "internal", ["event:admin"], integration=builders.add_integration(world))
        event = record_error(world, builders.add_project(world, "shop"), ErrorReport("a", "b"))
        assert event is not None
        app = create_app(world, limits=RateLimits(manner="self-hosted"))
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://sim") as client:
            url = f"{URL}{event.issue.id}/"
            answer = await client.put(url, json=body, headers={"Authorization": f"Bearer {token.secret}"})
            return answer.status_code

    assert asyncio.run(send()) in {200, 400}


async def test_a_negated_has_assigned_finds_nothing(in_process: httpx2.AsyncClient, issue: Issue) -> None:
    async def found(query: str) -> list[str]:
        answer = await in_process.get("/api/0/organizations/acme/issues/", params={"query": query})
        return [each["id"] for each in answer.json()]

    assert await found("is:unassigned") == [str(issue.id)]
    assert await found("!has:assigned") == []


async def test_a_bare_wildcard_is_true_without_the_tag_too(in_process: httpx2.AsyncClient, issue: Issue) -> None:
    answer = await in_process.get("/api/0/organizations/acme/issues/", params={"query": "no_such_tag:*"})
    assert [each["id"] for each in answer.json()] == [str(issue.id)]
