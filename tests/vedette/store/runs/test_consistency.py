"""Deliveries that nothing takes up are found, and nothing else is; the workers set them going."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.thread_queues import ThreadQueues
from vedette.store.deliveries.deliveries import Deliveries
from vedette.store.queues.queue_messages import fan_out_message
from vedette.store.runs.attempts import AttemptOutcome, AttemptStart, PlannedRun, RunLimits, RunMessage
from vedette.store.runs.consistency import find_stalled
from vedette.store.runs.runs import Runs
from vedette.store.server.client import RedisClient
from vedette.store.server.failover import client_in_thread
from vedette.store.server.keys import (
    PREFIX,
    SCHEDULE,
    SCHEDULER_LEADER,
    WORKERS,
    in_flight_key,
    messages_key,
    queue_key,
    run_key,
)
from workers.broker.stalled_recovery import MOST_OFTEN, StalledRecovery

Accept = Callable[..., Awaitable[str]]
ONE = RunLimits(concurrency=1)


class Place:
    """A server with one worker on its list, which takes messages on command."""

    def __init__(self, client: RedisClient, accept: Accept, url: str) -> None:
        self.client: Any = client
        self.runs = Runs(client)
        self._accept = accept
        self.queues = ThreadQueues(client_in_thread(url, 5.0), "worker")
        self.queues.heartbeat(["fan_out", "run"], timeout=60_000, recover=False)
        self.queues.promote_due(lease=600_000, most=1)
        self.recovery = StalledRecovery(self.queues.client, "worker", grace=0.0, interval=0.0)

    async def accepted(self, subject: str = "issue:42") -> str:
        delivery = await self._accept(subject=subject)
        self.queues.enqueue("fan_out", delivery, fan_out_message(delivery, 1))
        return delivery

    async def planned(self, *more: str, subject: str = "issue:42", window: int = 0) -> str:
        delivery = await self.accepted(subject)
        for taken, _ in self.queues.fetch("fan_out", 10):
            self.queues.acknowledge("fan_out", [taken])
        handlers = [PlannedRun(name, "act", window=window) for name in ("triage", *more)]
        await self.runs.plan(delivery, handlers, "")
        return delivery

    async def begin(self, delivery: str, limits: RunLimits = RunLimits()) -> AttemptStart:  # noqa: B008 - immutable
        """Take the run's message as a worker does, and begin."""
        fetched = [identifier for identifier, _ in self.queues.fetch("run", 100)]
        own = [one for one in fetched if one.startswith(delivery)]
        generation = int(await self.client.hget(run_key(delivery, "triage"), "generation"))
        message = RunMessage(
            generation, in_flight_key("run", "worker"), own[-1] if own else f"{delivery}:triage:{generation}"
        )
        begun = await self.runs.start_attempt(delivery, "triage", message, limits)
        if begun.verdict != "go":
            self.queues.acknowledge("run", [message.id])
        return begun

    async def fail(self, delivery: str, begun: AttemptStart) -> None:
        outcome = AttemptOutcome("retrying", wait=60_000, hold=60_000)
        assert await self.runs.finish_attempt(delivery, "triage", begun.attempt_token, outcome)

    async def stalled(self) -> list[tuple[str, str, str]]:
        return [(one.delivery, one.run, one.problem) for one in await find_stalled(self.client)]

    async def lose_messages(self) -> None:
        await self.client.delete(queue_key("run"), messages_key("run"), in_flight_key("run", "worker"))

    def recover(self) -> list[tuple[str, str, str]]:
        """Let the recovery look twice."""
        assert self.recovery.turn() == []
        return [(one.delivery, one.run, one.problem) for one in self.recovery.turn()]

    def queued(self, queue: str = "run") -> list[str]:
        return [one.decode() for one in self.queues.client.lrange(queue_key(queue), 0, -1)]


@pytest.fixture
def place(client: RedisClient, accept: Accept, redis_url: str) -> Place:
    return Place(client, accept, redis_url)


async def test_what_waits_for_something_is_left_alone(place: Place) -> None:
    first, behind = await place.planned(), await place.planned()
    gathered = await place.planned(subject="issue:2", window=60_000)
    active, lined = await place.planned(subject="issue:3"), await place.planned(subject="issue:4")
    later = await place.planned(subject="issue:5")
    assert (await place.begin(active, ONE)).verdict == "go"
    assert (await place.begin(lined, ONE)).why == "others are running"
    failed = await place.begin(later)
    await place.fail(later, failed)
    states = {one: (await place.runs.get(one, "triage")) for one in (first, behind, gathered, active, lined, later)}
    assert {one.state for one in states.values() if one} == {"queued", "waiting", "running", "retrying"}
    undecided = await place.accepted("issue:1")
    taken = await place.accepted("issue:2")
    assert await place.stalled() == []
    assert place.recover() == place.recover() == []
    assert place.queued("fan_out") == [undecided, taken]
    place.queues.fetch("fan_out", 1)
    assert await place.stalled() == place.recover() == []


async def test_an_accepted_delivery_without_a_message_is_queued(place: Place) -> None:
    delivery = await place.accepted()
    await place.client.delete(queue_key("fan_out"))
    assert await place.stalled() == [(delivery, "", "undecided")]
    assert place.recover() == [(delivery, "", "undecided")]
    assert place.queued("fan_out") == [delivery]
    assert await place.stalled() == []
    assert await place.client.hget(f"{PREFIX}counts", "stalled:undecided") == b"1"


async def test_a_delivery_that_never_reached_the_index_is_found_too(place: Place) -> None:
    delivery = await place.accepted()
    await place.client.delete(queue_key("fan_out"), f"{PREFIX}deliveries")
    assert place.recover() == [(delivery, "", "undecided")]
    assert [one.id for one in await Deliveries(place.client).latest()] == [delivery]


async def test_a_run_whose_message_is_lost_is_queued_under_a_new_ticket(place: Place) -> None:
    delivery = await place.planned()
    await place.lose_messages()
    assert await place.stalled() == [(delivery, "triage", "queued")]
    assert place.recover() == [(delivery, "triage", "queued")]
    assert place.queued() == [f"{delivery}:triage:2"]
    begun = await place.begin(delivery)
    assert (begun.verdict, begun.crashes) == ("go", 0)


async def test_a_message_held_by_a_worker_that_is_on_no_list_is_lost(place: Place) -> None:
    delivery = await place.planned()
    place.queues.fetch("run", 1)
    assert await place.stalled() == []
    await place.client.zrem(WORKERS, "worker")
    assert await place.stalled() == [(delivery, "triage", "queued")]


async def test_a_failed_run_that_left_the_schedule_is_tried_again(place: Place) -> None:
    delivery = await place.planned()
    await place.fail(delivery, await place.begin(delivery))
    await place.client.delete(SCHEDULE)
    assert place.recover() == [(delivery, "triage", "retrying")]
    # Its time has not come.
    assert place.queued() == []
    assert await place.client.zcard(SCHEDULE) == 1
    assert await place.stalled() == []


async def test_a_running_run_that_no_worker_has_is_taken_as_lost_and_counts_as_a_death(place: Place) -> None:
    delivery = await place.planned()
    begun = await place.begin(delivery)
    place.queues.acknowledge("run", [f"{delivery}:triage:1"])
    assert place.recover() == [(delivery, "triage", "running")]
    again = await place.begin(delivery)
    assert (again.verdict, again.attempt, again.crashes) == ("go", 2, 1)
    assert not await place.runs.finish_attempt(delivery, "triage", begun.attempt_token, AttemptOutcome("done"))


async def test_a_run_that_waits_behind_nothing_has_its_turn(place: Place) -> None:
    first, second = await place.planned(), await place.planned()
    # The first is gone without having left its lane.
    await place.client.hset(run_key(first, "triage"), "state", "done")
    await place.lose_messages()
    found = place.recover()
    assert (second, "triage", "waiting") in found
    assert (first, "", "unclosed") in found
    assert (await place.begin(second)).verdict == "go"
    summary = await Deliveries(place.client).summary(first)
    assert summary.finished is not None


async def test_a_run_in_a_line_before_nobody_has_its_turn(place: Place) -> None:
    active, lined = await place.planned(subject="issue:3"), await place.planned(subject="issue:4")
    await place.begin(active, ONE)
    await place.begin(lined, ONE)
    await place.client.hset(run_key(active, "triage"), "state", "done")
    assert (lined, "triage", "waiting") in place.recover()
    assert (await place.begin(lined, ONE)).verdict == "go"


async def test_a_run_behind_one_whose_delivery_is_gone_has_its_turn(place: Place) -> None:
    first, second = await place.planned(), await place.planned()
    await place.client.delete(f"{PREFIX}delivery:{first}")
    assert place.recover() == [(second, "triage", "waiting")]
    assert (await place.begin(second)).verdict == "go"


async def test_a_run_that_was_decided_and_not_stored_is_made(place: Place) -> None:
    delivery = await place.planned("other")
    await place.client.delete(run_key(delivery, "other"))
    assert place.recover() == [(delivery, "other", "missing")]
    run = await place.runs.get(delivery, "other")
    assert run is not None
    assert (run.state, run.handler, run.delivery) == ("queued", "other", delivery)


async def test_what_is_lost_again_and_again_is_given_up(place: Place) -> None:
    delivery = await place.planned()
    undecided = await place.accepted("issue:1")
    for _ in range(MOST_OFTEN + 1):
        await place.lose_messages()
        await place.client.delete(queue_key("fan_out"), messages_key("fan_out"))
        assert sorted(place.recover()) == sorted([(delivery, "triage", "queued"), (undecided, "", "undecided")])
    run = await place.runs.get(delivery, "triage")
    assert run is not None
    assert run.state == "quarantined"
    assert (await Deliveries(place.client).summary(undecided)).quarantined is not None
    assert await place.client.zcard(f"{PREFIX}dead") == 1
    assert await place.stalled() == []
    assert place.recover() == []


async def test_a_stall_that_passes_before_the_second_look_is_forgotten(place: Place) -> None:
    delivery = await place.planned()
    kept = await place.client.lrange(queue_key("run"), 0, -1)
    for _ in range(3):
        await place.client.delete(queue_key("run"))
        assert place.recovery.turn() == []
        await place.client.rpush(queue_key("run"), *kept)
        assert place.recovery.turn() == []
    assert place.queued() == [f"{delivery}:triage:1"]


async def test_only_the_elected_worker_recovers(place: Place) -> None:
    await place.planned()
    await place.lose_messages()
    await place.client.set(SCHEDULER_LEADER, "another")
    assert place.recovery.turn() == place.recovery.turn() == []


async def test_one_turn_looks_at_a_bounded_number_and_the_next_goes_on(place: Place) -> None:
    made = [await place.planned(subject=f"issue:{number}") for number in range(250)]
    await place.lose_messages()
    found: list[str] = []
    counts: list[int] = []
    for _ in range(60):
        turn = [one.delivery for one in place.recovery.turn()]
        counts.append(len(turn))
        found += turn
    assert sorted(found) == made
    assert max(counts) <= 50
