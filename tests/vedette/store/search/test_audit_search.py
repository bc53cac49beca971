"""The audit, searched through its indexes."""

import itertools
import random
from typing import Any

import pytest

from tests.counting_client import count_trips
from vedette.store.access.audit_log import Audit, AuditEntry
from vedette.store.search.audit_search import AuditQuery, AuditSearch
from vedette.store.search.cursor import Cursor
from vedette.store.server.client import RedisClient
from vedette.store.server.keys import AUDIT, PREFIX

YEAR = 365 * 86_400.0


async def fill(audit: Audit, number: int) -> None:
    chance = random.Random(number)  # noqa: S311 - entries that can be made again
    for _ in range(number):
        handler, issue = chance.choice(("triage", "agent:bot")), chance.choice(("", "1", "2"))
        rule = chance.choice(("", "noise"))
        facts: dict[str, Any] = {"handler": handler, "issue": issue, "rule": rule, "after": {"kind": "outcome"}}
        facts |= {"project": "shop", "label": f"SHOP-{issue}" if issue else "", "delivery": chance.choice(("", "d1"))}
        facts |= {"issues": [issue, "9"]} if chance.random() < 0.3 else {}
        entry = await audit.append(chance.choice(("call", "order", "reads")), facts)
        if chance.random() < 0.5:
            await audit.append("outcome", {"of": entry, "handler": handler, "issue": issue, "status": 200})


def holds(query: AuditQuery, entry: AuditEntry) -> bool:
    issues = {entry.text("issue"), entry.text("label").lower(), *entry.facts.get("issues", ())}
    values = ("handler", query.handler), ("rule", query.rule), ("project", query.project), ("delivery", query.delivery)
    is_one = all(wanted in {"", entry.text(name)} for name, wanted in values)
    if entry.kind == "reads":
        # They are about no issue and no rule, whatever an altered one says.
        return query.with_reads and not (query.issue or query.rule or query.project or query.delivery) and is_one
    return entry.kind != "outcome" and is_one and (not query.issue or query.issue.lower() in issues)


async def test_every_query_finds_what_a_walk_finds(client: RedisClient) -> None:
    audit, search = Audit(client, YEAR), AuditSearch(client)
    await fill(audit, 60)
    entries = [entry async for entry in audit.newest()]
    outcomes = {entry.facts["of"]: entry for entry in entries if entry.kind == "outcome"}
    for handler, issue, rule, delivery, with_reads in itertools.product(
        *(("", "triage", "agent:bot", "x"), ("", "1", "shop-2", "9"), ("", "noise"), ("", "d1"), (False, True))
    ):
        query = AuditQuery(handler=handler, issue=issue, rule=rule, delivery=delivery, with_reads=with_reads)
        expected = [(one, outcomes.get(one.number)) for one in entries if holds(query, one)]
        found: list[Any] = []
        cursor: Cursor | None = None
        while True:
            page = await search.find(query, limit=4, cursor=cursor, steps=7)
            found += page.entries
            if page.following is None:
                break
            cursor = Cursor.read(str(page.following))
        assert found == expected, query


async def test_a_span_of_time_bounds_what_is_found(client: RedisClient) -> None:
    audit, search = Audit(client, YEAR), AuditSearch(client)
    await fill(audit, 5)
    entries = [entry async for entry in audit.newest() if entry.kind in {"call", "order"}]
    now = entries[0].at
    for handler in ("", entries[0].text("handler")):
        assert (await search.find(AuditQuery(since=now + 60_000, handler=handler), limit=9)).entries == []
        assert (await search.find(AuditQuery(until=now - 60_000, handler=handler), limit=9)).entries == []
        assert (await search.find(AuditQuery(now - 60_000, now + 60_000, handler), limit=9)).entries


async def test_an_entry_is_found_by_its_number_in_one_round_trip(client: RedisClient) -> None:
    counting, counted = count_trips(client)
    audit = Audit(client, YEAR)
    await fill(audit, 150)
    entries = {entry.number: entry async for entry in audit.oldest()}
    outcomes = {entry.facts["of"]: entry for entry in entries.values() if entry.kind == "outcome"}
    again = Audit(counted, YEAR)
    for number in range(1, len(entries) + 1, 7):
        counting.trips = 0
        assert await again.get(number) == (entries[number], outcomes.get(number))
        assert counting.trips == 1
    assert await again.get(0) is None
    assert await again.get(len(entries) + 1) is None


async def test_entries_that_expire_leave_no_index(client: Any) -> None:
    await fill(Audit(client, YEAR), 30)
    gone = Audit(client, 0.0)
    for _ in range(60):
        await gone.append("order", {"handler": "last", "intent": "x"})
    kept = [entry async for entry in gone.oldest()]
    names = set(await client.keys(f"{PREFIX}audit:*"))
    assert len(kept) < 15
    assert {entry.text("handler") for entry in kept} == {"last"}
    assert names == {f"{AUDIT}:head".encode(), f"{AUDIT}:handler:last".encode()}
    assert await client.zcard(f"{AUDIT}:handler:last") == len(kept)


@pytest.mark.parametrize("text", ["", "no JSON", "[]", '{"kind":7,"issues":"x","handler":["a"]}', '{"issues":[1,{}]}'])
async def test_an_entry_that_was_altered_is_listed_and_harms_no_search(client: Any, text: str) -> None:
    audit, search = Audit(client, YEAR), AuditSearch(client)
    await audit.append("order", {"handler": "h"})
    await client.xadd(AUDIT, {"number": 2, "hash": "0" * 64, "entry": text})
    assert [entry.number for entry, _ in (await search.find(AuditQuery(), limit=5)).entries] == [2, 1]
    assert await audit.get(2) is not None
