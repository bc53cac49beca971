"""The stream of live updates: newest states, no gaps, bounds, and an end when the console or the session ends."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.exceptions import ConnectionError as LostConnectionError

from console.web.live import hub as hub_module
from console.web.live import stream as stream_module
from console.web.live.hub import place_key
from console.web.live.stream import MOST_ROWS
from console.web.live.views import LiveView, parse_view, read_view
from tests.console.web.consoles import EventReader, RunningConsole, make_settings, running_console
from tests.stored_world import StoredWorld
from vedette.store.deliveries.journal import Journal, JournalEntry
from vedette.store.server.keys import JOURNAL, JOURNAL_LENGTH

DEADLINE = 60


@asynccontextmanager
async def stream(console: RunningConsole, query: str = "", **headers: str) -> AsyncGenerator[EventReader]:
    async with (
        asyncio.timeout(DEADLINE),
        console.http.stream("GET", f"/stream?{query}", headers=console.headers("viewer", **headers)) as response,
    ):
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        yield EventReader(response)


async def test_what_happens_is_shown_with_its_newest_state(console: RunningConsole) -> None:
    world = StoredWorld(console.redis)
    async with stream(console, "view=show%3Deverything") as events:
        await events.next("hello")
        delivery = await world.accept("7")
        await world.plan(delivery, "triage")
        await world.end(delivery, "triage", "done", did=("assigned it <b>",), effect="acted")
        while True:
            _, rows = await events.rows({delivery})
            if "assigned it" in rows[delivery]:
                break
        assert "assigned it &lt;b&gt;" in rows[delivery]
        assert f'data-id="{delivery}"' in rows[delivery]


async def test_a_stream_continues_behind_its_last_event_without_gap(console: RunningConsole) -> None:
    world = StoredWorld(console.redis)
    place = await console.services.live.last_place()
    first = [await world.accept(str(number)) for number in range(5)]
    async with stream(console, f"view=show%3Deverything&after={place}") as events:
        last, _ = await events.rows(set(first))
    second = [await world.accept(str(number)) for number in range(5)]
    async with stream(console, f"view=show%3Deverything&after={place}", **{"Last-Event-ID": last}) as events:
        _, rows = await events.rows(set(second))
        assert rows.keys().isdisjoint(first)


async def test_a_place_that_the_journal_no_longer_holds_asks_for_a_reload(console: RunningConsole) -> None:
    for _ in range(3):
        await console.redis.xadd(JOURNAL, {"kind": "accepted"})
    await console.redis.register_script(
        "for n = 1, tonumber(ARGV[1]) do redis.call('XADD', KEYS[1], '*', 'kind', 'accepted') end"
        " redis.call('XTRIM', KEYS[1], 'MAXLEN', ARGV[1])"
    )(keys=[JOURNAL], args=[JOURNAL_LENGTH])
    for place in ("1-1", "no place", "9" * 40):
        async with stream(console, f"view=&after={place}") as events:
            await events.next("reload")


async def test_each_view_gets_its_own_rows(console: RunningConsole) -> None:
    world = StoredWorld(console.redis)
    views = "view=show%3Deverything%26issue%3DSHOP-7&view=show%3Dacted&after=0-0"
    quiet, other, acted = await world.accept("7"), await world.accept("8"), await world.accept("9")
    await world.plan(acted, "triage")
    await world.end(acted, "triage", "done", did=("resolved it",), effect="acted")
    for one in (quiet, other):
        await world.plan(one)
    async with stream(console, views) as events:
        _, facts = await events.next("rows")
    assert facts["views"] == [[quiet], [acted]]
    assert set(facts["rows"]) == {quiet, acted}


async def test_a_flood_is_coalesced_to_the_newest_rows_and_a_number(console: RunningConsole) -> None:
    world = StoredWorld(console.redis)
    await world.accept_all([world.record(str(number)) for number in range(MOST_ROWS + 40)])
    async with stream(console, "view=show%3Deverything&after=0-0") as events:
        _, facts = await events.next("rows")
    assert facts["views"] == [world.ids[-MOST_ROWS:]]
    assert facts["more"] == [40]


async def test_browsers_that_do_not_read_are_not_written_to(console: RunningConsole) -> None:
    world = StoredWorld(console.redis)
    request = f"GET /stream?view=show%3Deverything&after=0-0 HTTP/1.1\r\nHost: 127.0.0.1:{console.port}\r\n"
    request += f"Cookie: {console.cookie}={console.sessions['viewer']}\r\n\r\n"
    writers: list[asyncio.StreamWriter] = []
    for _ in range(20):
        reader, writer = await asyncio.open_connection("127.0.0.1", console.port, limit=1024)
        writer.write(request.encode())
        await reader.readline()
        writers.append(writer)
    for _ in range(10):
        await world.accept_all([world.record(str(number)) for number in range(100)])
    async with stream(console, "view=show%3Deverything&after=0-0") as events:
        await events.rows({world.ids[-1]})
    assert console.services.live.streams >= 20
    for writer in writers:
        writer.close()
    async with asyncio.timeout(DEADLINE):
        while console.services.live.streams:  # noqa: ASYNC110 - nothing tells when a stream has ended
            await asyncio.sleep(0.02)


async def test_at_most_so_many_streams_are_served(console: RunningConsole, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "MOST_STREAMS", 1)
    async with stream(console) as events:
        await events.next("hello")
        refused = await console.get("/stream")
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "30")


async def test_open_streams_say_goodbye_when_the_console_stops(redis_url: str) -> None:
    async with contextlib.AsyncExitStack() as stack:
        console = await stack.enter_async_context(running_console(make_settings(redis_url)))
        streams = [await stack.enter_async_context(stream(console)) for _ in range(3)]
        for events in streams:
            await events.next("hello")
        console.server.should_exit = True
        for events in streams:
            await events.next("bye")


async def test_a_stream_ends_with_its_session(console: RunningConsole, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_module, "_CHECK_EVERY", 0.0)
    async with stream(console) as events:
        await events.next("hello")
        await console.services.sessions.end(console.sessions["viewer"])
        await StoredWorld(console.redis).accept("1")
        await events.next("signed-out")


async def test_a_redis_that_goes_before_the_first_counters_is_reported(
    console: RunningConsole, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with stream(console) as events:
        await events.next("hello")
        monkeypatch.setattr(console.services.live, "counters", _lost)
        monkeypatch.setattr(Journal, "follow", _lost)
        await StoredWorld(console.redis).accept("1")
        _, facts = await events.next("away")
    assert facts["since"] > 0


async def _lost(*_: object) -> None:
    raise LostConnectionError("gone")


async def test_the_counters_come_with_the_stream(console: RunningConsole) -> None:
    async with stream(console) as events:
        _, facts = await events.next("stats")
    assert "workers" in facts["html"]


@given(st.text(max_size=300))
def test_any_text_is_read_as_a_view(text: str) -> None:
    view = parse_view(text)
    assert parse_view(view.to_query()) == view
    assert isinstance(read_view({"q": text, "show": text}), LiveView)


@given(st.text(max_size=60))
def test_any_text_is_a_place_or_the_oldest(text: str) -> None:
    first, second = place_key(text)
    assert first >= 0
    assert second >= 0


@pytest.mark.parametrize(
    ("view", "entry", "expected"),
    [
        (LiveView(), {"kind": "ended", "state": "done", "effect": "acted"}, True),
        (LiveView(), {"kind": "ended", "state": "done", "effect": "nothing"}, False),
        (LiveView(), {"kind": "ended", "state": "dead"}, True),
        (LiveView(), {"kind": "accepted"}, False),
        (LiveView("decided"), {"kind": "decided", "handlers": 1}, True),
        (LiveView("decided"), {"kind": "decided"}, False),
        (LiveView("everything"), {"kind": "accepted"}, True),
        (LiveView("everything", issue="shop-1"), {"kind": "accepted"}, True),
        (LiveView("everything", issue="SHOP-2"), {"kind": "accepted"}, False),
        (LiveView("everything", resource="issue"), {"kind": "accepted"}, True),
        (LiveView("everything", resource="error"), {"kind": "accepted"}, False),
        (LiveView("everything", handler="triage"), {"kind": "ended", "handler": "triage"}, True),
        (LiveView("everything", handler="triage"), {"kind": "ended", "handler": "notify"}, False),
    ],
)
def test_a_view_wants_what_it_shows(view: LiveView, entry: dict[str, Any], expected: bool) -> None:
    about = {"delivery": "d", "name": "issue.created", "issue": "SHOP-1", "at": 0, "since_accepted": 0}
    assert view.wants(JournalEntry(**about, **entry)) is expected
