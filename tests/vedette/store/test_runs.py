from collections.abc import Awaitable, Callable
from typing import Any, cast

from dramatiq.message import Message

from vedette.store.client import RedisClient
from vedette.store.deliveries import Deliveries
from vedette.store.journal import Journal
from vedette.store.keys import messages_key, queue_key
from vedette.store.messages import RUN_QUEUE, fan_out_message
from vedette.store.runs import Outcome, Runs

HANDLERS = [("triage", "act"), ("notify", "observe")]
Accept = Callable[..., Awaitable[str]]


async def test_planning_queues_one_run_per_handler(client: RedisClient, accept: Accept) -> None:
    delivery = await accept()
    assert await Runs(client).plan(delivery, HANDLERS, "SHOP-1") == 2
    queued = await client.lrange(queue_key(RUN_QUEUE), 0, -1)
    assert [one.decode() for one in queued] == [f"{delivery}:triage", f"{delivery}:notify"]
    (summary,) = await Deliveries(client).latest()
    assert summary.handlers == ("triage", "notify")
    assert summary.finished is None


async def test_planning_again_changes_nothing(client: RedisClient, accept: Accept) -> None:
    delivery = await accept()
    runs = Runs(client)
    await runs.plan(delivery, HANDLERS, "")
    assert await runs.plan(delivery, HANDLERS, "") == 0
    assert await client.llen(queue_key(RUN_QUEUE)) == 2


async def test_a_delivery_that_nobody_asks_for_is_finished(client: RedisClient, accept: Accept) -> None:
    delivery = await accept()
    await Runs(client).plan(delivery, [], "")
    (summary,) = await Deliveries(client).latest()
    assert summary.handlers == ()
    assert summary.finished is not None


async def test_a_delivery_is_finished_with_the_last_of_its_runs(client: RedisClient, accept: Accept) -> None:
    delivery = await accept()
    runs = Runs(client)
    await runs.plan(delivery, HANDLERS, "")
    assert await runs.begin(delivery, "triage") == 1
    assert not await runs.settle(delivery, "triage", Outcome("retrying", [], 5, "ValueError: x"))
    assert await runs.begin(delivery, "triage") == 2
    assert not await runs.settle(delivery, "triage", Outcome("done", ["resolved SHOP-1"], 5))
    await runs.begin(delivery, "notify")
    assert await runs.settle(delivery, "notify", Outcome("dead", [], 5, "Forbidden: x"))
    (summary,) = await Deliveries(client).latest()
    assert summary.finished is not None
    found = {run.handler: run for run in (await runs.of([(delivery, ["triage", "notify"])]))[delivery]}
    assert (found["triage"].state, found["triage"].did, found["triage"].attempts) == ("done", ("resolved SHOP-1",), 2)
    assert (found["notify"].state, found["notify"].error) == ("dead", "Forbidden: x")


async def test_the_journal_tells_what_happened_in_order(client: RedisClient, accept: Accept) -> None:
    await accept()
    journal = Journal(client)
    await journal.start()
    delivery = await accept()
    runs = Runs(client)
    await runs.plan(delivery, HANDLERS[:1], "SHOP-1")
    await runs.begin(delivery, "triage")
    await runs.settle(delivery, "triage", Outcome("done", ["resolved SHOP-1"], 5))
    entries = await journal.follow(1.0)
    assert [(entry.kind, entry.name, entry.issue) for entry in entries] == [
        ("decided", "issue.created", "SHOP-1"),
        ("ended", "issue.created", "SHOP-1"),
    ]
    assert entries[1].did == ("resolved SHOP-1",)
    assert await journal.follow(0.01) == []


def decode(message: bytes) -> "Message[object]":
    return cast("Any", Message).decode(message)


def test_a_message_is_what_dramatiq_would_have_written() -> None:
    message = decode(fan_out_message("d1", 1_700_000_000_000))
    assert message == Message("fan_out", "fan_out", ("d1",), {}, {"redis_message_id": "d1"}, "d1", 1_700_000_000_000)


async def test_a_run_s_message_names_delivery_and_handler(client: RedisClient, accept: Accept) -> None:
    delivery = await accept()
    await Runs(client).plan(delivery, HANDLERS[:1], "")
    stored = (await client.hgetall(messages_key(RUN_QUEUE)))[f"{delivery}:triage".encode()]
    assert decode(stored).args == (delivery, "triage")
