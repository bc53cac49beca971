"""The journal: readers continue behind the place that they have reached."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.stored_world import StoredWorld
from vedette.store.deliveries.journal import InvalidPlaceError, Journal, JournalEntry
from vedette.store.server.client import RedisClient
from vedette.store.server.keys import JOURNAL, JOURNAL_LENGTH


async def test_a_late_reader_continues_without_a_gap_and_without_a_repetition(client: RedisClient) -> None:
    world, journal = StoredWorld(client), Journal(client)
    place = began = await journal.newest_place()
    found: list[JournalEntry] = []
    for _ in range(3):
        await world.accept_all([world.record(), world.record()])
        await world.plan(world.ids[-2], "triage")
        await world.end(world.ids[-2], "triage", "done")
        await world.plan(world.ids[-1])
        part = await journal.since(place)
        assert part.is_complete
        assert [one.kind for one in part.entries] == ["accepted", "accepted", "decided", "ended", "decided"]
        assert part.entries[0].place == part.entries[1].place
        assert part.place == part.entries[-1].place
        found += part.entries
        place = part.place
    assert (await journal.since(place)).entries == []
    assert (await journal.since(began)).entries == found
    for size in (1, 2):
        place, again = began, list[JournalEntry]()
        while (part := await journal.since(place, limit=size)).entries:
            again += part.entries
            place = part.place
        assert again == found


async def test_a_reader_is_told_when_entries_were_removed(client: RedisClient) -> None:
    world, journal = StoredWorld(client), Journal(client)
    await world.accept()
    place = await journal.newest_place()
    for _ in range(JOURNAL_LENGTH + 300):
        await client.xadd(JOURNAL, {"kind": "ended"}, maxlen=JOURNAL_LENGTH)
    part = await journal.since(place, limit=10)
    assert (len(part.entries), part.is_complete) == (10, False)
    assert (await journal.since(part.place, limit=10)).is_complete


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=30, deadline=None
)
@given(text=st.one_of(st.text(max_size=20), st.sampled_from(["$", "-", "+", "1", "1-", "-1", "1-1-1", "\u0661-1"])))
async def test_a_text_that_is_no_place_is_refused(client: RedisClient, text: str) -> None:
    with pytest.raises(InvalidPlaceError):
        await Journal(client).since(text)
