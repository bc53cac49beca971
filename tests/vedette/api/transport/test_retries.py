"""Requests that are repeated, when, and those that never are."""

import time
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import pytest

from tests.vedette.api.stub import TOKEN, Reply, StubSentry, issue
from vedette.api import HttpOptions, HttpTransport, RetryingTransport, RetryPolicy, Sentry, credential
from vedette.api.call import Call
from vedette.api.errors import (
    BadRequest,
    Gone,
    NotFound,
    RateLimited,
    SentryError,
    SentryTimeout,
    SentryUnreachable,
    ServerError,
    read_detail,
)
from vedette.api.operations import OPERATIONS
from vedette.api.transport.retries import Stop, Wait
from vedette.settings.settings import WorkerSettings

GET = Call(OPERATIONS["issues.get"], {"organization_id_or_slug": "acme", "issue_id": "42"})
DEPLOY = Call(OPERATIONS["releases.create_deploy"], {"organization_id_or_slug": "acme", "version": "1"})
LIMITED = {"detail": "You are attempting to use this endpoint too frequently. Limit is 5 requests in 1 seconds"}
NOW = datetime(2026, 8, 1, 12, 0, tzinfo=UTC)


def limited(detail: str = LIMITED["detail"], **headers: str) -> RateLimited:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return RateLimited(GET, status=429, detail=read_detail({"detail": detail}), headers=named)


@pytest.mark.parametrize(
    ("error", "attempt", "verdict"),
    [
        (BadRequest(GET, status=400), 1, Stop),
        (NotFound(GET, status=404), 1, Stop),
        (Gone(GET, status=410), 1, Stop),
        (ServerError(GET, status=500), 1, Wait(0.25, 0.25)),
        (ServerError(GET, status=500), 3, Wait(1.0, 1.0)),
        (ServerError(GET, status=500), 4, Stop),
        (ServerError(GET, status=503, headers={"retry-after": "3"}), 1, Wait(3.0, 0.5)),
        (ServerError(GET, status=503, headers={"retry-after": "soon"}), 1, Wait(0.25, 0.25)),
        (ServerError(DEPLOY, status=500), 1, Stop),
        (SentryUnreachable(DEPLOY, cause="ReadError"), 1, Stop),
        (SentryUnreachable(DEPLOY, cause="ConnectError"), 1, Wait(0.25, 0.25)),
        (SentryUnreachable(GET, cause="ReadError"), 1, Wait(0.25, 0.25)),
        (limited(retry_after="2"), 1, Wait(2.0, 0.5)),
        (limited(retry_after="600"), 1, Stop),
        (limited(), 2, Wait(0.5, 0.25)),
        (limited("Concurrency limit is 25"), 1, Wait(0.25, 0.25)),
        (limited("Rate limit exceeded. Please try your query with a smaller date range or fewer projects."), 1, Stop),
        (limited("You are being rate limited for too many invitations."), 1, Stop),
        (limited(x_sentry_rate_limit_reset="None"), 1, Wait(0.25, 0.25)),
    ],
)
def test_each_failure_has_its_verdict(error: SentryError, attempt: int, verdict: Wait | type[Stop]) -> None:
    found = RetryPolicy().decide(error, attempt, 0.0)
    assert found == verdict or (isinstance(verdict, type) and isinstance(found, verdict))


@pytest.mark.parametrize(("ahead", "wait"), [(5, 5.0), (-30, 0.0), (1_000_000, 60.0)])
def test_the_end_of_the_window_is_read_by_sentrys_clock(ahead: int, wait: float) -> None:
    error = limited(x_sentry_rate_limit_reset=str(int(NOW.timestamp()) + ahead), date=format_datetime(NOW, usegmt=True))
    assert error.retry_after == wait


def test_without_a_date_the_own_clock_counts() -> None:
    error = limited(x_sentry_rate_limit_reset=str(time.time() + 7))
    assert error.retry_after == pytest.approx(7, abs=1)


def test_invitations_are_not_retryable_but_other_limits_are() -> None:
    assert not limited("You are being rate limited for too many invitations.").retryable
    assert limited().retryable
    assert Gone(GET, status=410).retry_after == 120


def test_patience_has_an_end() -> None:
    assert isinstance(RetryPolicy(patience=1.0).decide(limited(retry_after="2"), 1, 0.0), Stop)
    assert isinstance(RetryPolicy(patience=10.0).decide(limited(retry_after="2"), 2, 9.0), Stop)
    assert isinstance(RetryPolicy(attempts=3).decide(limited(retry_after="0"), 3, 0.0), Stop)


async def test_a_sentry_that_hangs_is_no_answer_within_the_policys_total_time(stub: StubSentry) -> None:
    stub.on("GET", "*", Reply(500), Reply(200, issue(), delay=30))
    policy = RetryPolicy(total=0.5)
    async with HttpTransport(stub.url, credential(TOKEN)) as http:
        sentry = Sentry(organization="acme", transport=RetryingTransport(http, policy, chance=lambda: 0.0))
        with pytest.raises(SentryTimeout, match="No answer") as caught:
            await sentry.issues.get("42")
    assert caught.value.retryable
    assert len(stub.requests) == 2


async def test_no_attempt_begins_that_could_not_end_in_time(stub: StubSentry) -> None:
    stub.on("GET", "*", Reply(500))
    policy = RetryPolicy(total=0.2)
    async with HttpTransport(stub.url, credential(TOKEN)) as http:
        with pytest.raises(ServerError):
            await Sentry(organization="acme", transport=RetryingTransport(http, policy)).issues.get("42")
    assert len(stub.requests) == 1


def test_all_that_a_call_may_take_is_less_than_a_handlers_attempt() -> None:
    policy, options, limit = RetryPolicy(), HttpOptions(), WorkerSettings().time_limit
    assert policy.total < limit
    assert options.total < policy.total
    assert options.read < options.total


async def test_a_read_is_sent_again_until_it_is_answered(stub: StubSentry, sentry: Sentry, naps: list[float]) -> None:
    stub.on("GET", "*", Reply(500), Reply(502, b"<html></html>"), Reply(429, LIMITED), Reply(200, issue()))
    assert (await sentry.issues.get("42")).id == "42"
    assert len(stub.requests) == 4
    assert naps == [0.375, 0.75, 1.125]


async def test_a_deploy_is_never_recorded_twice(stub: StubSentry, sentry: Sentry) -> None:
    stub.on("POST", "*", Reply(500))
    with pytest.raises(ServerError) as caught:
        await sentry.releases.create_deploy("1", "live")
    assert caught.value.outcome_unknown
    assert len(stub.requests) == 1


async def test_a_limited_deploy_is_sent_again_because_it_was_not_done(stub: StubSentry, sentry: Sentry) -> None:
    stub.on("POST", "*", Reply(429, LIMITED), Reply(201, {"id": "1"}))
    assert (await sentry.releases.create_deploy("1", "live")).changed


async def test_a_deletion_whose_answer_was_lost_is_done(stub: StubSentry, sentry: Sentry) -> None:
    stub.on("DELETE", "*", Reply(502), Reply(404, {"detail": "The requested resource does not exist"}))
    change = await sentry.issues.delete("42")
    assert change.skipped == "gone already"


@pytest.mark.parametrize("fresh", [True, False])
async def test_an_issue_that_a_webhook_just_named_is_waited_for(
    fresh: bool, stub: StubSentry, sentry: Sentry, naps: list[float]
) -> None:
    stub.on("GET", "*", Reply(404, {"detail": "No matching event found"}), Reply(404), Reply(200, issue()))
    view = sentry.view(fresh={"42"} if fresh else set())
    if fresh:
        assert (await view.issues.get("42")).id == "42"
        assert naps == [1.0, 2.0]
    else:
        with pytest.raises(NotFound):
            await view.issues.get("42")
        assert naps == []


async def test_what_never_appears_is_gone(stub: StubSentry, sentry: Sentry, naps: list[float]) -> None:
    stub.on("GET", "*", Reply(404))
    with pytest.raises(NotFound):
        await sentry.view(fresh={"42"}).issues.get("42")
    assert naps == [1.0, 2.0, 4.0, 8.0]


async def test_the_layers_in_between_see_the_call(stub: StubSentry, sentry: Sentry) -> None:
    seen: list[Call] = []

    class Watching:
        def __init__(self, inner: Any) -> None:
            self.inner = inner

        async def send(self, call: Call) -> Any:
            seen.append(call)
            return await self.inner.send(call)

    stub.on("GET", "*", Reply(200, issue()))
    stub.on("PUT", "*", Reply(200, issue(priority="high")))
    watched = sentry.view(transport=Watching(sentry.transport))
    await watched.issues.set_priority("42", "high")
    read, write = seen
    assert (read.intent, read.operation.writes) == ("", False)
    assert write.intent == "set priority of SHOP-4K to high"
    assert (write.issue, write.project, write.before, write.fields) == (
        "42",
        "shop",
        {"priority": "medium"},
        {"priority"},
    )
