"""Answers that no healthy Sentry gives: each ends as a value or as a typed error, in bounded time and memory."""

import gzip
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vedette.api.stub import TOKEN, Reply, StubSentry, issue
from vedette.api import HttpOptions, HttpTransport, Sentry, credential
from vedette.api.call import Call
from vedette.api.errors import AnswerTooLarge, RateLimited, ServerError, UnreadableAnswer, read_detail
from vedette.api.operations import OPERATIONS
from vedette.api.paging import next_cursor

GET = Call(OPERATIONS["issues.get"], {"organization_id_or_slug": "acme", "issue_id": "42"})
NOW = datetime(2026, 8, 1, 12, 0, tzinfo=UTC)
DATE = {"date": format_datetime(NOW, usegmt=True)}
ODD = ["inf", "-inf", "nan", "1e999", "9" * 400, "1_0", "soon", "", "²", "Thu, 99 Abc 99999 99:99:99 GMT"]


def limited(**headers: str) -> RateLimited:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return RateLimited(GET, status=429, detail=read_detail({"detail": "too frequently"}), headers={**DATE, **named})


@pytest.mark.parametrize("value", ODD)
def test_an_odd_time_is_no_time(value: str) -> None:
    assert limited(retry_after=value).retry_after is None
    assert limited(x_sentry_rate_limit_reset=value).reset is None
    assert ServerError(GET, status=503, headers={"retry-after": value}).retry_after is None


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("0", 0.0), ("-5", 0.0), ("7.5", 7.5), ("600", 60.0), ("999999999999", 60.0), ("1e300", 60.0)],
)
def test_a_wait_is_bounded(value: str, seconds: float) -> None:
    assert limited(retry_after=value).retry_after == seconds
    assert ServerError(GET, status=503, headers={"retry-after": value}).retry_after == seconds


@pytest.mark.parametrize(("ahead", "seconds"), [(20, 20.0), (-20, 0.0), (3600, 60.0)])
def test_a_wait_may_be_given_as_a_date_of_sentrys_clock(ahead: int, seconds: float) -> None:
    date = format_datetime(datetime.fromtimestamp(NOW.timestamp() + ahead, UTC), usegmt=True)
    assert limited(retry_after=date).retry_after == seconds


@given(st.text())
def test_no_header_raises(text: str) -> None:
    error = limited(retry_after=text, x_sentry_rate_limit_reset=text, date=text)
    assert error.retry_after is None or 0 <= error.retry_after <= 60


@pytest.mark.parametrize("header", ["<" * 200_000, '<a>; rel="' * 20_000, "<" + "a-" * 100_000, "<a>" + "; " * 100_000])
def test_of_a_link_header_only_the_beginning_is_read(header: str) -> None:
    link = '<https://sentry.io/>; rel="next"; results="true"; cursor="0:1:0"'
    assert next_cursor(header) is None
    assert next_cursor(f"{header[:100_000]}, {link}") is None
    assert next_cursor(f"{link}, {header}") == "0:1:0"


def test_a_broken_link_does_not_hide_the_next_one() -> None:
    assert next_cursor('<<<broken, <https://a>; rel="next"; results="true"; cursor="0:1:0"') == "0:1:0"


@pytest.mark.parametrize("page", ["<" * 300_000, "<title" * 50_000, "<title>" * 50_000, "<h1>" + "<a" * 100_000])
def test_of_an_errors_page_only_the_beginning_is_read(page: str) -> None:
    assert len(read_detail(page).text) <= 500
    assert "Gateway" not in read_detail(f"{page}</title><h1>Gateway</h1>").text


async def test_a_compressed_answer_is_not_unpacked_without_a_bound(stub: StubSentry) -> None:
    bomb = gzip.compress(b" " * 50_000_000)
    stub.on("GET", "*", Reply(200, bomb, {"content-encoding": "gzip"}), Reply(200, issue()))
    options = HttpOptions(largest=1_000_000)
    async with HttpTransport(stub.url, credential(TOKEN), options=options) as http:
        sentry = Sentry(organization="acme", transport=http)
        with pytest.raises(AnswerTooLarge, match="1,000,000 bytes") as caught:
            await sentry.issues.get("42")
        assert caught.value.largest == 1_000_000
        assert (await sentry.issues.get("42")).id == "42"


async def test_of_an_errors_page_only_the_beginning_is_kept(stub: StubSentry) -> None:
    page = gzip.compress(b"<title>502 Bad Gateway</title>" + b" " * 50_000_000)
    stub.on(
        "GET", "*", Reply(502, page, {"content-encoding": "gzip", "content-type": "text/html"}), Reply(200, issue())
    )
    options = HttpOptions(largest=1_000_000)
    async with HttpTransport(stub.url, credential(TOKEN), options=options) as http:
        sentry = Sentry(organization="acme", transport=http)
        with pytest.raises(ServerError, match="502 Bad Gateway"):
            await sentry.issues.get("42")
        assert (await sentry.issues.get("42")).id == "42"


async def test_a_large_answer_within_the_bound_is_read_whole(stub: StubSentry, sentry: Sentry) -> None:
    stub.on("GET", "*", Reply(200, issue(title="x" * 3_000_000)))
    assert len((await sentry.issues.get("42")).title) == 3_000_000


@pytest.mark.parametrize("identifier", [float("nan"), float("inf"), 1.5, True, None, "", []])
async def test_what_is_no_id_is_not_taken_for_one(identifier: Any, stub: StubSentry, sentry: Sentry) -> None:
    stub.on("GET", "*", Reply(200, issue(id=identifier)))
    with pytest.raises(UnreadableAnswer, match="Issue: id"):
        await sentry.issues.get("42")


@pytest.mark.parametrize("auth", [{"scopes": None}, {"scopes": "org:read"}, {"scopes": [7, None]}, None])
async def test_odd_scopes_of_a_token_are_none(auth: Any, stub: StubSentry, sentry: Sentry) -> None:
    stub.on("GET", "*", Reply(200, {"version": "0", "auth": auth}))
    assert (await sentry.auth.whoami()).scopes == frozenset()


async def test_an_empty_object_where_a_person_was_due_is_nobody(stub: StubSentry, sentry: Sentry) -> None:
    stub.on("PUT", "*", Reply(200, {"id": "9", "email": "ann@example.com", "pending": True, "user": {}}))
    stub.on("GET", "*", Reply(200, issue(assignedTo={})))
    written = await sentry.members.update("9", role="member", team_roles=[])
    assert written.changed
    assert written.result is not None
    assert written.result.user is None
    assert (await sentry.issues.get("42")).assignee is None
