"""The steps of a write before it is sent, at a real server: all or none, in one round trip."""

import asyncio
import time
from typing import Any

import pytest

from vedette.store.access.audit_log import Audit
from vedette.store.access.departures import Admission, Departure, Departures, NotAdmittedError
from vedette.store.access.own_writes import OwnWrites
from vedette.store.access.write_budgets import BudgetLimits, WriteBudgets
from vedette.store.server.client import RedisClient
from vedette.store.server.keys import AUDIT, AUDIT_HEAD, own_writes_key

ISSUE = "one.example/acme:42"
LIMITS = BudgetLimits(per_issue=2)
ADMISSION = Admission("triage", (ISSUE,), LIMITS)


@pytest.fixture
def audit(client: RedisClient) -> Audit:
    return Audit(client, 3600.0)


@pytest.fixture
def departures(client: RedisClient, audit: Audit) -> Departures:
    return Departures(client, audit)


def departure(client: RedisClient) -> Departure:
    return Departure(
        ADMISSION, OwnWrites(client, 60.0).notes_of([ISSUE], "triage", ["issue.resolved"], "", person=False)
    )


async def calls(client: Any) -> int:
    """Return how many scripts the server has run."""
    stats = await client.info("commandstats")
    return sum(stats.get(f"cmdstat_{name}", {}).get("calls", 0) for name in ("evalsha", "eval"))


async def test_a_write_is_admitted_counted_noted_and_recorded(
    departures: Departures, client: RedisClient, audit: Audit
) -> None:
    leaving = departure(client)
    assert await departures.depart(leaving, {"intent": "resolved it"}) == 1
    assert await WriteBudgets(client).written("triage") == 1
    assert [note.decode() for note in await client.hgetall(own_writes_key(ISSUE))] == list(leaving.notes.ids.values())
    assert [(entry.kind, entry.text("intent")) async for entry in audit.oldest()] == [("call", "resolved it")]
    assert (await audit.verify()).problems == ()


@pytest.mark.parametrize("is_paused", [True, False])
async def test_a_write_that_is_held_back_leaves_nothing(
    departures: Departures, client: RedisClient, audit: Audit, is_paused: bool
) -> None:
    budgets = WriteBudgets(client)
    if is_paused:
        await budgets.pause("*", "ann")
    else:
        for _ in range(2):
            await departures.depart(departure(client), {})
    before = await client.hlen(own_writes_key(ISSUE)), await budgets.written("triage"), await audit.head()
    with pytest.raises(NotAdmittedError) as refused:
        await departures.depart(departure(client), {})
    decision = refused.value.decision
    assert (decision.verdict, decision.detail) == (("paused", "ann") if is_paused else ("issue", "2"))
    assert before == (await client.hlen(own_writes_key(ISSUE)), await budgets.written("triage"), await audit.head())


async def test_an_order_departs_during_a_pause_and_is_not_counted(departures: Departures, client: RedisClient) -> None:
    budgets = WriteBudgets(client)
    await budgets.pause("*", "ann")
    assert await departures.depart(Departure(), {"decision": "undone by ann"}) == 1
    assert await budgets.written("") == 0


async def test_the_only_writer_takes_one_round_trip_for_each_entry(
    departures: Departures, client: RedisClient, audit: Audit
) -> None:
    # Both scripts are known to the server after this.
    await audit.append("outcome", {"of": await departures.depart(departure(client), {})}, counter="triage sent")
    before = await calls(client)
    number = await departures.depart(departure(client), {})
    await audit.append("outcome", {"of": number}, counter="triage sent")
    assert await calls(client) - before == 2
    assert await WriteBudgets(client).counts() == {"triage": {"sent": 2}}


async def test_an_entry_of_another_process_costs_one_more(
    departures: Departures, client: RedisClient, audit: Audit
) -> None:
    await departures.depart(Departure(ADMISSION), {})
    await Audit(client, 3600.0).append("order", {})
    before = await calls(client)
    assert await departures.depart(Departure(ADMISSION), {}) == 3
    assert await calls(client) - before == 2
    # What did not follow the newest entry was not counted either.
    assert await WriteBudgets(client).written("triage") == 2
    assert (await audit.verify()).problems == ()


async def test_departures_of_many_processes_keep_one_chain_and_exact_budgets(client: RedisClient, audit: Audit) -> None:
    processes = [Departures(client, Audit(client, 3600.0)) for _ in range(6)]
    limits = Admission("triage", (ISSUE,), BudgetLimits(per_hour=20))
    results = await asyncio.gather(
        *(processes[n % 6].depart(Departure(limits), {"n": n}) for n in range(40)), return_exceptions=True
    )
    numbers = sorted(result for result in results if isinstance(result, int))
    assert numbers == list(range(1, 21))
    assert sum(isinstance(result, NotAdmittedError) for result in results) == 20
    found = await audit.verify()
    assert (found.entries, found.problems) == (20, ())


async def test_an_entry_is_dated_by_the_server_though_it_was_remembered_wrongly(
    departures: Departures, client: RedisClient, audit: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    await departures.depart(Departure(), {})
    # As after a suspended machine, or a step of the server's clock.
    real = time.monotonic
    monkeypatch.setattr("vedette.store.access.audit_appender.time.monotonic", lambda: real() + 3600)
    assert await departures.depart(Departure(), {}) == 2
    monkeypatch.undo()
    first, second = [entry.at async for entry in audit.oldest()]
    assert 0 <= second - first < 600_000


async def test_a_chain_that_begins_anew_is_followed(departures: Departures, client: Any, audit: Audit) -> None:
    for _ in range(3):
        await departures.depart(Departure(), {})
    await client.delete(AUDIT, AUDIT_HEAD)
    assert await departures.depart(Departure(), {}) == 1
    assert (await audit.verify()).problems == ()
