"""When two deliveries are one, and when they only look alike."""

import asyncio

from tests.receiver.running import MakeSettings, Running, Store, running
from tests.receiver.sentry import INSTALLATION, issue_body, wire


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


async def test_an_idempotency_key_decides_where_there_is_one(receiver: Running, store: Store) -> None:
    first = await receiver.hook(issue_body(1), Idempotency_Key="a" * 32)
    same_key = await receiver.hook(issue_body(1, title="other"), Idempotency_Key="a" * 32)
    other_key = await receiver.hook(issue_body(1), Idempotency_Key="b" * 32)
    assert [response.status_code for response in (first, same_key, other_key)] == [202, 200, 202]
    assert len(store.ids()) == 2


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
        assert (await receiver.hook(issue_body(1))).status_code == 202
        assert (await receiver.hook(issue_body(1))).status_code == 200
        await asyncio.sleep(0.3)
        assert (await receiver.hook(issue_body(1))).status_code == 202
    assert len(store.ids()) == 2


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


async def test_deliveries_that_nothing_identifies_are_all_kept(receiver: Running, store: Store) -> None:
    body = wire({"action": "novel", "installation": {"uuid": INSTALLATION}, "data": {"thing": {"id": 1}}})
    for _ in range(2):
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
