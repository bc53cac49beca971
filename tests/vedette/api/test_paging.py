"""Cursors, and lists that move while they are read."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vedette.api.stub import Reply, StubSentry, issue
from vedette.api import Sentry
from vedette.api.errors import UnreadableAnswer
from vedette.api.paging import next_cursor


def linked(cursor: str, results: str = "true") -> dict[str, str]:
    return {"link": f'<http://x/?cursor={cursor}>; rel="next"; results="{results}"; cursor="{cursor}"'}


@pytest.mark.parametrize(
    ("header", "cursor"),
    [
        (None, None),
        ("", None),
        (linked("0:100:0")["link"], "0:100:0"),
        (linked("0:100:0", "false")["link"], None),
        ('<https://x/?cursor=0%3A100%3A0>; rel="next"; results="true"', "0:100:0"),
        ('<https://x/?a=1>; rel="previous"; results="true"; cursor="0:0:1"', None),
        ('<http://[::broken>; rel="next"; results="true"', None),
        ("nonsense; rel=next", None),
    ],
)
def test_the_next_cursor_is_found(header: str | None, cursor: str | None) -> None:
    assert next_cursor(header) == cursor


@given(st.text())
def test_no_header_breaks_the_reader(header: str) -> None:
    next_cursor(header)
    next_cursor(f'<{header}>; rel="next"')


async def test_an_object_that_moved_to_the_next_page_comes_once(stub: StubSentry, sentry: Sentry) -> None:
    ids = ["1", "2"], ["2", "3"]
    pages = [[issue(id=each) for each in page] for page in ids]
    stub.on("GET", "*", Reply(200, pages[0], linked("0:2:0")), Reply(200, pages[1]))
    assert [each.id async for each in sentry.issues.search()] == ["1", "2", "3"]


async def test_a_short_or_empty_page_is_not_the_end(stub: StubSentry, sentry: Sentry) -> None:
    stub.on(
        "GET",
        "*",
        Reply(200, [], linked("0:100:0")),
        Reply(200, [issue()], linked("0:200:0")),
        Reply(200, [], linked("0:300:0", "false")),
    )
    assert len(await sentry.issues.search().collect()) == 1
    assert len(stub.requests) == 3


async def test_stopping_early_reads_no_further_page(stub: StubSentry, sentry: Sentry) -> None:
    stub.on("GET", "*", Reply(200, [issue(id="1"), issue(id="2")], linked("0:2:0")))
    first = await sentry.issues.search().first()
    assert first is not None
    assert first.id == "1"
    assert len(stub.requests) == 1
    assert await sentry.issues.search().collect(0) == []


async def test_a_page_that_follows_itself_ends_with_an_error(stub: StubSentry, sentry: Sentry) -> None:
    stub.on("GET", "*", Reply(200, [issue()], linked("0:100:0")))
    with pytest.raises(UnreadableAnswer, match="the same page follows itself"):
        await sentry.issues.search().collect()


@pytest.mark.parametrize("body", [{"detail": "odd"}, [{"shortId": "no id"}], ["text"], "text"])
async def test_a_list_of_another_form_is_an_error(body: Any, stub: StubSentry, sentry: Sentry) -> None:
    stub.on("GET", "*", Reply(200, body))
    with pytest.raises(UnreadableAnswer):
        await sentry.issues.search().collect()
