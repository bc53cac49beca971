import asyncio
import time
from typing import Any

import pytest

from vedette.store.access_keys import AUDIT, AUDIT_HEAD
from vedette.store.audit import Audit
from vedette.store.client import RedisClient

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
    assert (found.problems, found.expected_found) == ((), False)


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
