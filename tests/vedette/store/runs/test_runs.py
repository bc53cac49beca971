import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, cast

import pytest
from dramatiq.message import Message as DramatiqMessage

from vedette.store.deliveries.deliveries import Deliveries
from vedette.store.deliveries.journal import Journal
from vedette.store.queues.delayed import DelayedMessages
from vedette.store.queues.queue_messages import RUN_QUEUE, fan_out_message, run_id
from vedette.store.runs.attempts import AttemptOutcome, AttemptStart, PlannedDelivery, PlannedRun, RunLimits, RunMessage
from vedette.store.runs.runs import Runs
from vedette.store.server.client import RedisClient
from vedette.store.server.clock import server_time
from vedette.store.server.keys import PREFIX, SCHEDULE, messages_key, queue_key

HANDLERS = [PlannedRun("triage", "act", "demo 1"), PlannedRun("notify", "observe", "demo 1")]
TRIAGE = HANDLERS[:1]
LONG = 600_000
GATHERING = [PlannedRun("digest", "act", "demo 1", window=LONG)]
Accept = Callable[..., Awaitable[str]]


async def queued(client: RedisClient) -> list[str]:
    return [one.decode() for one in await client.lrange(queue_key(RUN_QUEUE), 0, -1)]


async def begin(runs: Runs, delivery: str, handler: str = "triage", generation: int = 1, **limits: int) -> AttemptStart:
    return await runs.start_attempt(delivery, handler, RunMessage(generation), RunLimits(**limits))


def retrying(wait: int = 1, **more: Any) -> AttemptOutcome:
    return AttemptOutcome("retrying", error="ValueError: x", wait=wait, hold=LONG, **more)


async def test_planning_queues_one_run_per_handler(client: RedisClient, accept: Accept) -> None:
    delivery = await accept()
    assert (await Runs(client).plan(delivery, HANDLERS, "SHOP-1")).new == 2
    assert await queued(client) == [f"{delivery}:triage:1", f"{delivery}:notify:1"]
    (summary,) = await Deliveries(client).latest()
    assert summary.handlers == ("triage", "notify")
    assert summary.finished is None


async def test_planning_again_changes_nothing(client: RedisClient, accept: Accept) -> None:
    delivery = await accept()
    runs = Runs(client)
    await runs.plan(delivery, HANDLERS, "")
    assert (await runs.plan(delivery, HANDLERS, "")).new == 0
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
    first = await begin(runs, delivery)
    assert (first.verdict, first.attempt, first.attempt_token) == ("go", 1, 1)
    assert await runs.finish_attempt(delivery, "triage", 1, retrying())
    second = await begin(runs, delivery, generation=2)
    assert (second.attempt, second.attempt_token, second.crashes) == (2, 2, 0)
    assert await runs.finish_attempt(delivery, "triage", 2, AttemptOutcome("done", ["resolved SHOP-1"], 5))
    (summary,) = await Deliveries(client).latest()
    assert summary.finished is None
    await begin(runs, delivery, "notify")
    assert await runs.finish_attempt(delivery, "notify", 1, AttemptOutcome("dead", [], 5, "Forbidden: x", "the trace"))
    (summary,) = await Deliveries(client).latest()
    assert summary.finished is not None
    found = {run.handler: run for run in (await runs.of([(delivery, ["triage", "notify"])]))[delivery]}
    assert (found["triage"].state, found["triage"].did, found["triage"].attempts) == ("done", ("resolved SHOP-1",), 2)
    assert (found["notify"].state, found["notify"].error) == ("dead", "Forbidden: x")
    assert (found["notify"].trace, found["notify"].source) == ("the trace", "demo 1")


async def test_a_failed_attempt_and_its_next_time_are_written_in_one_step(client: RedisClient, accept: Accept) -> None:
    delivery = await accept()
    runs = Runs(client)
    await runs.plan(delivery, TRIAGE, "")
    await begin(runs, delivery)
    await runs.finish_attempt(delivery, "triage", 1, retrying(5_000))
    run = await runs.get(delivery, "triage")
    assert run is not None
    assert run.state == "retrying"
    assert run.due is not None
    assert run.ended is not None
    assert run.due - run.ended == 5_000
    assert await client.zcard(SCHEDULE) == 1


async def test_an_older_message_and_an_older_attempt_are_refused(client: RedisClient, accept: Accept) -> None:
    delivery = await accept()
    runs = Runs(client)
    await runs.plan(delivery, TRIAGE, "")
    await begin(runs, delivery)
    await runs.finish_attempt(delivery, "triage", 1, retrying())
    assert (await begin(runs, delivery, generation=1)).verdict == "stale"
    await begin(runs, delivery, generation=2)
    assert not await runs.finish_attempt(delivery, "triage", 1, AttemptOutcome("done"))
    assert await runs.finish_attempt(delivery, "triage", 2, AttemptOutcome("done"))
    assert not await runs.finish_attempt(delivery, "triage", 2, AttemptOutcome("dead"))
    assert (await begin(runs, delivery, generation=2)).verdict == "ended"


async def test_a_message_that_this_worker_no_longer_holds_begins_nothing(client: RedisClient, accept: Accept) -> None:
    delivery = await accept()
    runs = Runs(client)
    await runs.plan(delivery, TRIAGE, "")
    message = RunMessage(1, f"{PREFIX}held", run_id(delivery, "triage", 1))
    assert (await runs.start_attempt(delivery, "triage", message)).verdict == "stale"
    await client.zadd(f"{PREFIX}held", {message.id: 1})
    assert (await runs.start_attempt(delivery, "triage", message)).verdict == "go"


async def test_beginning_again_after_a_lost_answer_counts_once_and_after_a_death_twice(
    client: RedisClient, accept: Accept
) -> None:
    delivery = await accept()
    runs = Runs(client)
    await runs.plan(delivery, TRIAGE, "")
    message = RunMessage(1)
    assert await runs.start_attempt(delivery, "triage", message) == await runs.start_attempt(
        delivery, "triage", message
    )
    again = await runs.start_attempt(delivery, "triage", RunMessage(1))
    assert (again.attempt, again.attempt_token, again.crashes) == (2, 2, 1)


async def test_a_run_that_may_have_killed_its_worker_waits_to_run_alone_and_that_counts_as_nothing(
    client: RedisClient, accept: Accept
) -> None:
    delivery = await accept()
    runs = Runs(client)
    await runs.plan(delivery, TRIAGE, "")
    await begin(runs, delivery)
    for _ in range(3):
        assert (await runs.start_attempt(delivery, "triage", RunMessage(1, isolate_after=1))).verdict == "isolated"
    assert (await runs.start_attempt(delivery, "triage", RunMessage(1))).crashes == 1


async def test_an_attempt_that_was_released_neither_counts_nor_is_a_death(client: RedisClient, accept: Accept) -> None:
    delivery = await accept()
    runs = Runs(client)
    await runs.plan(delivery, TRIAGE, "")
    await begin(runs, delivery)
    await runs.release_attempt(delivery, "triage", 1)
    again = await begin(runs, delivery)
    assert (again.verdict, again.attempt, again.attempt_token, again.crashes) == ("go", 1, 2, 0)


async def test_a_postponed_attempt_does_not_count(client: RedisClient, accept: Accept) -> None:
    delivery = await accept()
    runs = Runs(client)
    await runs.plan(delivery, TRIAGE, "")
    await begin(runs, delivery)
    await runs.finish_attempt(delivery, "triage", 1, retrying(postponed=True))
    again = await begin(runs, delivery, generation=2)
    assert (again.attempt, again.postponed) == (1, 1)


async def test_runs_of_one_subject_go_one_at_a_time_in_the_order_of_acceptance(
    client: RedisClient, accept: Accept
) -> None:
    first, second, other = [await accept(subject=subject) for subject in ("issue:1", "issue:1", "issue:2")]
    runs = Runs(client)
    for delivery in (first, second, other):
        await runs.plan(delivery, TRIAGE, "")
    assert await queued(client) == [f"{first}:triage:1", f"{other}:triage:1"]
    waiting = await runs.get(second, "triage")
    assert waiting is not None
    assert (waiting.state, waiting.reason) == ("waiting", f"behind {first}")
    await begin(runs, first)
    await runs.finish_attempt(first, "triage", 1, retrying())
    assert len(await queued(client)) == 2
    await begin(runs, first, generation=2)
    await runs.finish_attempt(first, "triage", 2, AttemptOutcome("done"))
    assert (await queued(client))[-1] == f"{second}:triage:1"


async def test_a_failing_run_lets_others_by_once_it_would_hold_them_too_long(
    client: RedisClient, accept: Accept
) -> None:
    first, second = await accept(), await accept()
    runs = Runs(client)
    for delivery in (first, second):
        await runs.plan(delivery, TRIAGE, "")
    await begin(runs, first)
    await runs.finish_attempt(first, "triage", 1, AttemptOutcome("retrying", error="x", wait=60_000, hold=30_000))
    assert (await queued(client))[-1] == f"{second}:triage:1"
    found = await runs.get(first, "triage")
    assert found is not None
    assert (found.state, found.reason) == ("retrying", "lets later ones by")
    await begin(runs, second)
    assert (await begin(runs, first, generation=2)).why == f"behind {second}"
    await runs.finish_attempt(second, "triage", 1, AttemptOutcome("done"))
    assert (await queued(client))[-1] == f"{first}:triage:3"


async def test_a_lane_goes_on_when_the_one_whose_turn_it_is_has_vanished(client: RedisClient, accept: Accept) -> None:
    first, second = await accept(), await accept()
    runs = Runs(client)
    await runs.plan(first, TRIAGE, "")
    await client.delete(f"{PREFIX}run:{first}:triage")
    await runs.plan(second, TRIAGE, "")
    assert (await queued(client))[-1] == f"{second}:triage:1"


async def test_an_older_delivery_of_the_subject_is_decided_first(client: RedisClient, accept: Accept) -> None:
    first, second = await accept(), await accept()
    await client.zadd(f"{PREFIX}subject:issue:42", {first: 0, second: 0, "00gone": 0})
    runs = Runs(client)
    assert (await runs.plan(second, TRIAGE, "")).after == first
    assert await queued(client) == []
    await runs.plan(first, TRIAGE, "")
    assert (await runs.plan(second, TRIAGE, "")).after == ""
    assert await client.zcount(f"{PREFIX}subject:issue:42", 0, 0) == 0


async def test_a_quarantined_delivery_holds_up_nobody(client: RedisClient, accept: Accept) -> None:
    first, second = await accept(), await accept()
    await client.zadd(f"{PREFIX}subject:issue:42", {first: 0, second: 0})
    await Deliveries(client).quarantine(first, "not_json")
    assert (await Runs(client).plan(second, TRIAGE, "")).new == 1


async def test_at_most_so_many_runs_of_a_handler_go_at_once(client: RedisClient, accept: Accept) -> None:
    made = [await accept(subject=f"issue:{number}") for number in range(3)]
    runs = Runs(client)
    for delivery in made:
        await runs.plan(delivery, TRIAGE, "")
    assert [(await begin(runs, one, concurrency=2)).verdict for one in made] == ["go", "go", "wait"]
    await runs.finish_attempt(made[0], "triage", 1, AttemptOutcome("done"))
    assert (await queued(client))[-1] == f"{made[2]}:triage:2"
    assert (await begin(runs, made[2], generation=2, concurrency=2)).verdict == "go"


async def test_a_throttled_handler_starts_a_burst_and_then_keeps_the_pace(client: RedisClient, accept: Accept) -> None:
    made = [await accept(subject=f"issue:{number}") for number in range(4)]
    runs = Runs(client)
    for delivery in made:
        await runs.plan(delivery, TRIAGE, "")
    verdicts = [(await begin(runs, one, rate=2, period=600)).verdict for one in made]
    assert verdicts == ["go", "go", "wait", "wait"]
    third, fourth = [await runs.get(one, "triage") for one in made[2:]]
    assert third is not None
    assert fourth is not None
    assert third.due is not None
    assert fourth.due is not None
    assert fourth.due - third.due == pytest.approx(300, abs=5)
    await asyncio.sleep(max(0.0, third.due / 1000 - await server_time(client)) + 0.001)
    assert (await begin(runs, made[2], generation=2, rate=2, period=600)).verdict == "go"


async def test_never_more_runs_begin_within_a_throttle_s_time_than_it_says(client: RedisClient, accept: Accept) -> None:
    runs, period = Runs(client), 200
    made = [await accept(subject=f"issue:{number}") for number in range(30)]
    for delivery in made:
        await runs.plan(delivery, TRIAGE, "")
    for delivery in made:
        await begin(runs, delivery, rate=10, period=period)
    # Each begins at its time, except that nothing moves for a while: what was planned for then comes late, all at once.
    await asyncio.sleep(period / 1000)
    began: list[int] = []
    while len(began) < len(made):
        for delivery in made:
            run = await client.hgetall(f"{PREFIX}run:{delivery}:triage")
            due = int(run.get(b"due", b"0"))
            seconds, microseconds = await client.time()
            if run[b"state"] == b"waiting" and due <= seconds * 1000 + microseconds // 1000:
                await begin(runs, delivery, generation=int(run[b"generation"]), rate=10, period=period)
        began = sorted([int(await client.hget(f"{PREFIX}run:{one}:triage", "started") or 0) for one in made])
        began = [moment for moment in began if moment]
    assert [second - first >= period for first, second in zip(began, began[10:], strict=False)] == [True] * 20


async def test_a_throttle_survives_the_server_s_clock_going_back(client: RedisClient, accept: Accept) -> None:
    runs, delivery = Runs(client), await accept()
    await runs.plan(delivery, TRIAGE, "")
    seconds, _ = await client.time()
    for name in ("planned", "begun"):
        await cast("Any", client).rpush(f"{PREFIX}throttle:triage:{name}", (seconds + 3600) * 1000)
    assert (await begin(runs, delivery, rate=1, period=1000)).verdict == "go"


async def test_the_events_of_a_window_become_one_run_on_the_newest(client: RedisClient, accept: Accept) -> None:
    made = [await accept() for _ in range(3)]
    runs = Runs(client)
    for delivery in made:
        await runs.plan(delivery, [PlannedRun("triage", "act", window=50)], "")
    assert await client.zcard(SCHEDULE) == 1
    states = [run.state for one in made for run in (await runs.of([(one, ["triage"])]))[one]]
    assert states == ["superseded", "superseded", "waiting"]
    finished = [one.finished is not None for one in await Deliveries(client).latest()]
    assert finished == [False, True, True]
    await asyncio.sleep(0.06)
    begun = await begin(runs, made[-1])
    assert (begun.verdict, begun.coalesced_events) == ("go", 3)
    later = await accept()
    await runs.plan(later, [PlannedRun("triage", "act", window=50)], "")
    await runs.finish_attempt(made[-1], "triage", 1, AttemptOutcome("done"))
    assert (await begin(runs, later)).coalesced_events == 1


async def test_an_older_event_that_is_stored_late_is_coalesced_into_the_newer_one(
    client: RedisClient, accept: Accept
) -> None:
    runs = Runs(client)
    older, newer = await accept(), await accept()
    # The older one waited on a receiver's disk, so that it was not there when the newer one was decided.
    await client.zrem(f"{PREFIX}subject:issue:42", older)
    for delivery in (newer, older):
        assert (await runs.plan(delivery, [PlannedRun("triage", "act", window=50)], "")).new == 1
    run = await runs.get(older, "triage")
    assert run is not None
    assert (run.state, run.reason) == ("superseded", newer)
    assert await client.hget(f"{PREFIX}delivery:{older}", "finished")
    await asyncio.sleep(0.06)
    begun = await begin(runs, newer)
    assert (begun.verdict, begun.coalesced_events) == ("go", 2)


async def test_the_journal_tells_what_happened_in_order(client: RedisClient, accept: Accept) -> None:
    await accept()
    journal = Journal(client)
    await journal.start()
    delivery = await accept()
    runs = Runs(client)
    await runs.plan(delivery, TRIAGE, "SHOP-1", PlannedDelivery(title="KeyError: total"))
    await begin(runs, delivery)
    await runs.finish_attempt(delivery, "triage", 1, AttemptOutcome("done", ["resolved SHOP-1"], 5))
    entries = await journal.follow(1.0)
    assert [(entry.kind, entry.name, entry.issue) for entry in entries] == [
        ("decided", "issue.created", "SHOP-1"),
        ("ended", "issue.created", "SHOP-1"),
    ]
    assert [entry.title for entry in entries] == ["KeyError: total", ""]
    assert entries[1].did == ("resolved SHOP-1",)
    assert await journal.follow(0.01) == []


def decode(message: bytes) -> "DramatiqMessage[object]":
    return cast("Any", DramatiqMessage).decode(message)


def test_a_message_is_what_dramatiq_would_have_written() -> None:
    message = decode(fan_out_message("d1", 1_700_000_000_000))
    expected: Any = ("fan_out", "fan_out", ("d1",), {}, {"redis_message_id": "d1"}, "d1", 1_700_000_000_000)
    assert message == DramatiqMessage(*expected)


async def test_a_run_s_message_names_delivery_handler_and_ticket(client: RedisClient, accept: Accept) -> None:
    delivery = await accept()
    await Runs(client).plan(delivery, TRIAGE, "")
    identifier = run_id(delivery, "triage", 1)
    stored = decode((await client.hgetall(messages_key(RUN_QUEUE)))[identifier.encode()])
    expected: Any = (
        "run",
        "run",
        (delivery, "triage", 1),
        {},
        {"redis_message_id": identifier},
        identifier,
        stored.message_timestamp,
    )
    assert stored == DramatiqMessage(*expected)


async def test_an_event_that_a_newer_one_stands_for_does_not_run_when_its_place_is_free(
    client: RedisClient, accept: Accept
) -> None:
    runs, window = Runs(client), [PlannedRun("triage", "act", window=1)]
    busy, older = await accept(subject="issue:1"), await accept(subject="issue:2")
    await runs.plan(busy, TRIAGE, "")
    begun = await begin(runs, busy, concurrency=1)
    await runs.plan(older, window, "")
    assert (await begin(runs, older, concurrency=1)).why == "others are running"
    newer = await accept(subject="issue:2")
    await runs.plan(newer, window, "")
    await client.delete(queue_key(RUN_QUEUE))
    assert await runs.finish_attempt(busy, "triage", begun.attempt_token, AttemptOutcome("done"))
    assert await queued(client) == []
    states = [run.state for one in (older, newer) for run in (await runs.of([(one, ["triage"])]))[one]]
    assert states == ["superseded", "waiting"]


async def test_a_window_that_a_person_ended_gathers_nothing_more(client: RedisClient, accept: Accept) -> None:
    runs, window = Runs(client), [PlannedRun("triage", "act", window=60_000)]
    cancelled, newer = await accept(), await accept()
    await runs.plan(cancelled, window, "")
    assert await DelayedMessages(client).cancel(f"{cancelled}:triage")
    await runs.plan(newer, window, "")
    run = await runs.get(cancelled, "triage")
    assert run is not None
    assert run.state == "dropped"
    assert await client.hget(f"{PREFIX}coalesce:triage:issue:42", "count") == b"1"


async def test_one_issue_id_of_two_sentrys_is_two_subjects(client: RedisClient, accept: Accept) -> None:
    runs = Runs(client)
    first, second = [await accept(subject_key=f"{tenant} issue:42") for tenant in ("sentry.io/a", "sentry.io/b")]
    assert (await runs.plan(second, TRIAGE, "")).after == ""
    await runs.plan(first, TRIAGE, "")
    third = await accept(subject_key="sentry.io/a issue:42")
    await runs.plan(third, TRIAGE, "")
    assert await queued(client) == [f"{second}:triage:1", f"{first}:triage:1"]
    assert (await runs.plan(await accept(subject_key="sentry.io/a issue:42"), GATHERING, "")).new == 1
    assert (await runs.plan(await accept(subject_key="sentry.io/b issue:42"), GATHERING, "")).new == 1
    for tenant in ("sentry.io/a", "sentry.io/b"):
        assert await client.hget(f"{PREFIX}coalesce:digest:{tenant} issue:42", "count") == b"1"
