import asyncio
import time
from typing import Any

import pytest

from vedette.store.access.audit_appender import UnreadableAuditError
from vedette.store.access.audit_chain import UnreadableKeptEntryError
from vedette.store.access.audit_log import Audit
from vedette.store.server.client import RedisClient
from vedette.store.server.keys import AUDIT, AUDIT_HEAD

YEAR = 365 * 86_400.0


@pytest.fixture
def audit(client: RedisClient) -> Audit:
    return Audit(client, YEAR)


async def filled(audit: Audit, count: int = 5) -> None:
    for number in range(count):
        await audit.append("call", {"handler": "h", "intent": f"did {number}"})


async def test_many_writers_at_once_leave_one_chain_without_gaps(client: RedisClient) -> None:
    writers = [Audit(client, YEAR) for _ in range(8)]
    await asyncio.gather(*(writers[number % 8].append("call", {"intent": str(number)}) for number in range(80)))
    found = await writers[0].verify()
    assert (found.entries, found.problems) == (80, ())
    assert [entry.number async for entry in writers[0].oldest()] == list(range(1, 81))
    assert [entry.number async for entry in writers[0].newest()] == list(range(80, 0, -1))


async def test_an_empty_audit_is_whole(audit: Audit) -> None:
    assert (await audit.verify()).problems == ()


async def test_a_removed_entry_shows(audit: Audit, client: Any) -> None:
    await filled(audit)
    place, _ = (await client.xrange(AUDIT))[2]
    await client.xdel(AUDIT, place)
    assert (await audit.verify()).problems == ("entry 3 is missing: after 2 comes 4",)


async def test_a_cut_off_end_shows(audit: Audit, client: Any) -> None:
    await filled(audit)
    place, _ = (await client.xrange(AUDIT))[-1]
    await client.xdel(AUDIT, place)
    assert "cut off" in (await audit.verify()).problems[0]


async def test_a_slipped_in_entry_shows(audit: Audit, client: Any) -> None:
    await filled(audit)
    await client.xadd(AUDIT, {"number": 6, "hash": "0" * 64, "entry": '{"kind":"call"}'})
    assert (await audit.verify()).problems


async def test_a_record_made_anew_shows_by_the_hash_that_was_kept(audit: Audit, client: Any) -> None:
    await filled(audit)
    kept = (await audit.verify()).head
    await client.delete(AUDIT, AUDIT_HEAD)
    await filled(audit, 6)
    found = await audit.verify(kept)
    assert "entry 5 is not the one that was kept" in found.problems[0]
    assert not found.expected_found
    of_hash_alone = await audit.verify(kept.rpartition("-")[2])
    assert "no entry has the hash" in of_hash_alone.problems[0]


async def test_a_tail_that_was_cut_off_with_its_head_set_back_shows_by_the_entry_that_was_kept(
    audit: Audit, client: Any
) -> None:
    await filled(audit)
    kept = (await audit.verify()).head
    entries = await client.xrange(AUDIT)
    await client.xdel(AUDIT, entries[-1][0], entries[-2][0])
    await client.hset(AUDIT_HEAD, mapping={"number": 3, "hash": entries[2][1][b"hash"]})
    assert (await audit.verify()).problems == ()
    found = await audit.verify(kept)
    assert found.problems[0].startswith("2 entries (4 to 5) are gone from the end")


async def test_a_removal_that_no_entry_tells_of_shows_though_the_head_was_moved_on(audit: Audit, client: Any) -> None:
    await filled(audit, 9)
    kept = (await audit.verify()).head
    entries = await client.xrange(AUDIT)
    await client.xdel(AUDIT, *(place for place, _ in entries[:7]))
    await client.hset(AUDIT_HEAD, mapping={"removed": 7, "removed_hash": entries[6][1][b"hash"]})
    for expected in ("", kept):
        assert (await audit.verify(expected)).problems == ("7 entries (1 to 7) were removed, and no entry tells of it",)


async def test_a_record_of_which_nothing_is_left_shows(audit: Audit, client: Any) -> None:
    await filled(audit)
    kept = (await audit.verify()).head
    newest = (await client.xrange(AUDIT))[-1][1][b"hash"]
    await client.delete(AUDIT)
    await client.hset(AUDIT_HEAD, mapping={"removed": 5, "removed_hash": newest})
    assert (await audit.verify()).problems[0].startswith("all 5 entries are gone")
    assert any("before their time" in problem for problem in (await audit.verify(kept)).problems)
    await client.delete(AUDIT_HEAD)
    assert (await audit.verify(kept)).problems[0].startswith("5 entries (1 to 5) are gone from the end")


async def test_an_entry_that_was_kept_and_is_past_its_age_is_no_problem(audit: Audit, client: RedisClient) -> None:
    await filled(audit)
    kept = (await audit.verify()).head
    await asyncio.sleep(0.06)
    brief = Audit(client, 0.05)
    await brief.append("call", {"intent": "later"})
    found = await brief.verify(kept)
    assert (found.problems, found.expected_found) == ((), True)
    assert "past its age" in found.remarks[0]
    # For one who keeps entries for a year, the same removal came too early.
    assert any("before their time" in problem for problem in (await audit.verify(kept)).problems)


async def test_what_is_no_entry_is_refused(audit: Audit) -> None:
    with pytest.raises(UnreadableKeptEntryError, match="NUMBER-TIME-HASH"):
        await audit.verify("abc")


async def test_a_writer_whose_clock_is_a_year_ahead_removes_nothing_and_dates_nothing_wrongly(
    audit: Audit, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await filled(audit, 12)
    real = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: real() + 366 * 86_400 * 1_000_000_000)
    monkeypatch.setattr(time, "time", lambda: real() / 1e9 + 366 * 86_400)
    await filled(audit, 3)
    monkeypatch.undo()
    assert await client.xlen(AUDIT) == 15
    assert all(abs(entry.at / 1000 - time.time()) < 60 for entry in [entry async for entry in audit.newest()])
    assert (await audit.verify()).problems == ()


async def test_a_head_that_was_altered_is_said_in_a_sentence(audit: Audit, client: Any) -> None:
    await filled(audit)
    await client.hset(AUDIT_HEAD, "number", "junk")
    with pytest.raises(UnreadableAuditError, match="no write is sent"):
        await audit.append("call", {})
    assert (await audit.verify()).problems


async def test_a_chain_is_followed_while_others_append(audit: Audit, client: RedisClient) -> None:
    other = Audit(client, 0.1)
    await filled(audit, 20)
    appending = asyncio.create_task(filled(other, 60))
    while not appending.done():
        assert (await audit.verify()).problems == ()
    await appending


async def test_entries_past_their_age_go_and_the_chain_still_holds(audit: Audit, client: RedisClient) -> None:
    await filled(audit)
    await asyncio.sleep(0.06)
    await Audit(client, 0.05).append("call", {"intent": "later"})
    found = await audit.verify()
    assert (found.entries, found.problems) == (1, ())
    assert [entry.number async for entry in audit.oldest()] == [6]


async def test_a_call_is_found_with_its_outcome(audit: Audit) -> None:
    await filled(audit)
    number = await audit.append("call", {"intent": "archived"})
    await audit.append("outcome", {"of": number, "status": 200})
    found = await audit.get(number)
    assert found is not None
    call, outcome = found
    assert call.text("intent") == "archived"
    assert outcome is not None
    assert outcome.facts["status"] == 200
    assert abs(call.at / 1000 - time.time()) < 60
    assert await audit.get(99) is None
