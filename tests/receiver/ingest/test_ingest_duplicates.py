"""When two deliveries are one, and when they only look alike."""

import asyncio
import math
import time

import pytest

from tests.receiver.running import MakeSettings, Running, Store, running
from tests.receiver.sentry import INSTALLATION, issue_body, wire
from vedette._core.ids import new_identifier
from vedette.events.identification import identify
from vedette.reconcile.arrivals import read_arrivals
from vedette.reconcile.storage import OUTDATED, STORED_NEW, RebuiltDeliveries
from vedette.store.deliveries.deliveries import Deliveries
from vedette.store.deliveries.stored_record import StoredRecord
from vedette.store.server.server_check import open_redis


async def test_a_repeated_delivery_is_answered_with_the_first_ones_id(receiver: Running, store: Store) -> None:
    first = await receiver.hook(issue_body(1))
    # A retry is serialised anew: other counts, the same event.
    again = await receiver.hook(issue_body(1, count="9"))
    assert (first.status_code, again.status_code) == (202, 200)
    assert again.json() == {"delivery": first.json()["delivery"], "duplicate": True}
    assert store.ids() == store.queued() == [first.json()["delivery"]]
    assert store.delivery(first.json()["delivery"])["duplicates"] == b"1"


async def test_repetitions_that_arrive_together_are_stored_once(receiver: Running, store: Store) -> None:
    responses = await asyncio.gather(*(receiver.hook(issue_body(1)) for _ in range(20)))
    assert sorted(response.status_code for response in responses) == [200] * 19 + [202]
    assert len({response.json()["delivery"] for response in responses}) == len(store.ids()) == 1


async def test_an_idempotency_key_recognises_what_its_meaning_does_not(receiver: Running, store: Store) -> None:
    first = await receiver.hook(issue_body(1, "assigned", count=1), Idempotency_Key="a" * 32)
    body = wire({"action": "assigned", "data": {"issue": {"id": "1"}, "assignee": {"id": 5}}})
    same_key = await receiver.hook(body, Idempotency_Key="a" * 32)
    assert [response.status_code for response in (first, same_key)] == [202, 200]
    assert len(store.ids()) == 1


async def test_what_recurs_under_another_idempotency_key_is_new_unless_its_bytes_are_the_same(
    receiver: Running, store: Store
) -> None:
    first = await receiver.hook(issue_body(1, "resolved", count=1), Idempotency_Key="a" * 32)
    again = await receiver.hook(issue_body(1, "resolved", count=2), Idempotency_Key="b" * 32)
    replay = await receiver.hook(issue_body(1, "resolved", count=2), Idempotency_Key="c" * 32)
    assert [response.status_code for response in (first, again, replay)] == [202, 202, 200]
    assert replay.json()["delivery"] == again.json()["delivery"]
    assert len(store.ids()) == 2


@pytest.mark.parametrize("action", ["created", "resolved"])
async def test_a_captured_body_is_a_duplicate_whatever_unsigned_headers_say(
    receiver: Running, store: Store, action: str
) -> None:
    first = await receiver.hook(issue_body(1, action), Idempotency_Key="0" * 32)
    for number in range(1, 6):
        again = await receiver.hook(
            issue_body(1, action), resource=f"novel{number}" if number > 3 else "issue", Idempotency_Key=f"{number:032}"
        )
        assert again.json() == {"delivery": first.json()["delivery"], "duplicate": True}
    for resource in ("error", "a b", ""):
        assert (await receiver.hook(issue_body(1, action), resource=resource)).status_code == 200
    assert len(store.ids()) == 1
    assert set(store.client.keys("{vedette}:seen:*sent*")) == set(store.client.keys("{vedette}:seen:default:sent:*"))
    # What cannot recur is known by its meaning alone.
    assert len(store.client.keys("{vedette}:seen:*")) == (1 if action == "created" else 2)
    assert store.client.hlen("{vedette}:bodies") == 1


async def test_a_key_that_is_known_beforehand_suppresses_nothing_of_another_subject(
    receiver: Running, store: Store
) -> None:
    await receiver.hook(issue_body(1, "resolved"))
    store.client.delete("{vedette}:bodies", *store.client.keys("{vedette}:seen:*"))
    key = "e" * 32
    assert (await receiver.hook(issue_body(1, "resolved"), Idempotency_Key=key)).status_code == 202
    assert (await receiver.hook(issue_body(1, "resolved"), resource="novel", Idempotency_Key=key)).status_code == 200
    assert (await receiver.hook(issue_body(2, "resolved"), Idempotency_Key=key)).status_code == 202
    novel = wire({"action": "created", "data": {"thing": 1}})
    assert (await receiver.hook(novel, resource="novel", Idempotency_Key=key)).status_code == 202
    other = wire({"action": "created", "data": {"thing": 2}})
    assert (await receiver.hook(other, resource="novel", Idempotency_Key=key)).status_code == 202


async def test_a_rebuilt_delivery_is_recognised_by_its_meaning(receiver: Running, store: Store) -> None:
    sent = await receiver.hook(issue_body(1, "resolved", count=1), Idempotency_Key="a" * 32)
    rebuilt = await receiver.hook(issue_body(1, "resolved", count=2))
    assert rebuilt.json() == {"delivery": sent.json()["delivery"], "duplicate": True}
    first = await receiver.hook(issue_body(2, "resolved", count=1))
    late = await receiver.hook(issue_body(2, "resolved", count=2), Idempotency_Key="b" * 32)
    assert late.json() == {"delivery": first.json()["delivery"], "duplicate": True}
    once = await receiver.hook(issue_body(3, count=1), Idempotency_Key="c" * 32)
    anew = await receiver.hook(issue_body(3, count=2), Idempotency_Key="d" * 32)
    assert anew.json() == {"delivery": once.json()["delivery"], "duplicate": True}


async def test_a_replay_is_a_duplicate_for_as_long_as_deliveries_are_kept(
    make_settings: MakeSettings, store: Store
) -> None:
    async with running(make_settings(deduplication_window=0.05)) as receiver:
        first = (await receiver.hook(issue_body(1, count=1))).json()["delivery"]
        assert (await receiver.hook(issue_body(1, count=2))).status_code == 200
        await asyncio.sleep(0.1)
        # Neither the first body nor the one of a retry is taken again.
        assert (await receiver.hook(issue_body(1, count=1))).json() == {"delivery": first, "duplicate": True}
        assert (await receiver.hook(issue_body(1, count=2))).json() == {"delivery": first, "duplicate": True}
        assert store.delivery(first)["duplicates"] == b"3"


async def test_the_same_body_after_the_window_is_counted_as_a_repetition(
    make_settings: MakeSettings, store: Store, redis_url: str
) -> None:
    async with running(make_settings(deduplication_window=0.05)) as receiver:
        for _ in range(3):
            assert (await receiver.hook(issue_body(1, "resolved"))).status_code == 202
            await asyncio.sleep(0.1)
        assert (await receiver.hook(issue_body(2, "resolved"))).status_code == 202
        figures = await receiver.figures()
        assert figures["vedette_deliveries_repeated_total"] == 2
    client = open_redis(redis_url)
    try:
        latest = await Deliveries(client).latest()
    finally:
        await client.aclose()
    assert [one.repetitions for one in latest] == [0, 2, 1, 0]
    assert store.client.hlen("{vedette}:bodies") == 2


async def test_a_body_under_an_unknown_resource_never_shadows_the_real_delivery(
    receiver: Running, store: Store
) -> None:
    assert (await receiver.hook(issue_body(1), resource="novel")).status_code == 202
    assert (await receiver.hook(issue_body(1), resource="other")).status_code == 200
    real = await receiver.hook(issue_body(1))
    assert real.status_code == 202
    assert store.delivery(real.json()["delivery"])["subject_key"].endswith(b" issue:1")


async def test_a_quarantined_body_is_stored_once_whatever_its_resource_is_called(
    receiver: Running, store: Store
) -> None:
    for resource in ("error", "comment", "a b", "c d", ""):
        await receiver.hook(issue_body(1), resource=resource)
    assert len(store.ids()) == 1


async def test_an_idempotency_key_that_is_none_is_passed_over(receiver: Running, store: Store) -> None:
    for key in ("x" * 500, "a b", "a;b", ""):
        await receiver.hook(issue_body(1), Idempotency_Key=key)
    assert len(store.ids()) == 1


async def test_a_later_action_on_the_same_issue_is_no_repetition(receiver: Running, store: Store) -> None:
    for action in ("created", "assigned", "resolved", "unresolved", "ignored"):
        assert (await receiver.hook(issue_body(1, action))).status_code == 202
    assert len(store.ids()) == 5


async def test_both_spellings_of_archived_are_one_event(receiver: Running) -> None:
    assert (await receiver.hook(issue_body(1, "ignored"))).status_code == 202
    assert (await receiver.hook(issue_body(1, "archived"))).status_code == 200


async def test_after_the_window_a_delivery_is_new(make_settings: MakeSettings, store: Store) -> None:
    async with running(make_settings(deduplication_window=0.2)) as receiver:
        assert (await receiver.hook(issue_body(1, count=1))).status_code == 202
        assert (await receiver.hook(issue_body(1, count=2))).status_code == 200
        await asyncio.sleep(0.3)
        assert (await receiver.hook(issue_body(1, count=3))).status_code == 202
    assert len(store.ids()) == 2


@pytest.mark.parametrize("window", [1e300, math.inf, 0.0001])
async def test_a_window_that_redis_would_refuse_loses_nothing(
    make_settings: MakeSettings, store: Store, window: float
) -> None:
    settings = make_settings()
    bounds = settings.receiver.model_copy(update={"deduplication_window": window})
    async with running(settings.model_copy(update={"receiver": bounds})) as receiver:
        response, again = [await receiver.hook(issue_body(1, "resolved"), Idempotency_Key="a" * 32) for _ in range(2)]
        assert response.status_code == 202
        assert again.status_code in {200, 202}
        assert (await receiver.figures())["vedette_deliveries_spooled_total"] == 0
    assert response.json()["delivery"] in store.queued()


async def test_what_can_happen_twice_is_held_for_a_quarter_of_an_hour_only(receiver: Running, store: Store) -> None:
    await receiver.hook(issue_body(1, "created"))
    await receiver.hook(issue_body(1, "resolved"))
    times = {name.decode(): store.client.pttl(name) for name in store.client.keys("{vedette}:seen:*")}
    created = next(left for name, left in times.items() if "issue.created" in name)
    resolved = next(left for name, left in times.items() if "issue.resolved" in name)
    assert 86_000_000 < created <= 86_400_000
    assert 800_000 < resolved <= 900_000


async def test_a_replay_under_another_resource_cannot_shadow_the_real_delivery(receiver: Running, store: Store) -> None:
    body = issue_body(1)
    replayed = await receiver.hook(body, resource="error")
    assert store.delivery(replayed.json()["delivery"])["state"] == b"quarantined"
    real = await receiver.hook(body)
    assert real.status_code == 202
    assert store.queued() == [real.json()["delivery"]]


async def test_deliveries_that_nothing_but_their_bytes_identifies_are_all_kept(receiver: Running, store: Store) -> None:
    for number in range(2):
        data = {"thing": {"id": 1, "count": number}}
        body = wire({"action": "novel", "installation": {"uuid": INSTALLATION}, "data": data})
        assert (await receiver.hook(body, resource="novel")).status_code == 202
    assert len(store.ids()) == 2


async def test_a_repetition_of_a_delivery_that_is_gone_leaves_no_stub(receiver: Running, store: Store) -> None:
    first = (await receiver.hook(issue_body(1))).json()["delivery"]
    store.client.delete("{vedette}:delivery:" + first)
    assert (await receiver.hook(issue_body(1))).json() == {"delivery": first, "duplicate": True}
    assert store.delivery(first) == {}


async def test_deliveries_of_one_millisecond_sort_as_they_were_accepted(receiver: Running, store: Store) -> None:
    await asyncio.gather(*(receiver.hook(issue_body(number)) for number in range(100)))
    assert len(store.queued()) == 100
    assert store.queued() == sorted(store.queued())


@pytest.mark.parametrize("headers", [{}, {"Idempotency_Key": "a" * 32}], ids=["without a key", "with a key"])
@pytest.mark.parametrize("action", ["created", "resolved"])
async def test_the_original_of_a_rebuilt_delivery_is_its_duplicate(
    receiver: Running, redis_url: str, action: str, headers: dict[str, str]
) -> None:
    body = issue_body(1, action)
    client = open_redis(redis_url)
    try:
        record = rebuilt_from(body, happened=round(time.time()) * 1000 - 60_000)
        assert await RebuiltDeliveries(client).submit(record, body, 0) == STORED_NEW
        late = await receiver.hook(issue_body(1, action, count=7), **headers)
        assert (late.status_code, late.json()) == (200, {"delivery": record.id, "duplicate": True})
        # A retry of the late one, serialised anew.
        retry = await receiver.hook(issue_body(1, action, count=8), **headers)
        assert retry.json()["delivery"] == record.id
    finally:
        await client.aclose()


@pytest.mark.parametrize("headers", [{}, {"Idempotency_Key": "a" * 32}], ids=["without a key", "with a key"])
@pytest.mark.parametrize("action", ["created", "resolved"])
async def test_a_delivery_that_arrived_is_not_rebuilt(
    receiver: Running, redis_url: str, action: str, headers: dict[str, str]
) -> None:
    body = issue_body(1, action)
    client = open_redis(redis_url)
    try:
        arrived = (await receiver.hook(body, **headers)).json()["delivery"]
        record = rebuilt_from(body, happened=round(time.time()) * 1000)
        known = await read_arrivals(client, "default", [record.occurrence])
        recurs = action != "created"
        assert known[record.occurrence].missing([record.happened], recurs=recurs) == []
        # A sweep that read before it arrived asks again.
        assert await RebuiltDeliveries(client).submit(record, body, 0) == OUTDATED
        assert [one.id for one in await Deliveries(client).latest()] == [arrived]
    finally:
        await client.aclose()


def rebuilt_from(body: bytes, *, happened: int) -> StoredRecord:
    """The record of a delivery that a sweep makes."""
    found = identify("issue", body)
    return StoredRecord(
        id=new_identifier(),
        key=f"default:{found.key}",
        window=86_400_000,
        integration="default",
        source="reconcile",
        resource="issue",
        action=found.action,
        subject=found.subject,
        issue=found.issue,
        accepted=time.time_ns() // 1_000_000,
        sent="",
        request_id="",
        headers="{}",
        size=len(body),
        encoding="",
        state="accepted",
        reason="",
        secret="",
        recurs=found.recurs,
        occurrence=found.occurrence,
        happened=happened,
        rebuilt="recent",
    )
