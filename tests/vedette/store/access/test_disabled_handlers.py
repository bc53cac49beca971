"""Runs of a disabled handler wait, in order and without using anything up, until it is enabled."""

from collections.abc import Awaitable, Callable

import pytest

from vedette.store.access.disabled_handlers import DisabledHandlers
from vedette.store.runs.attempts import PlannedRun, RunLimits, RunMessage
from vedette.store.runs.consistency import find_stalled
from vedette.store.runs.run import Run
from vedette.store.runs.runs import Runs
from vedette.store.server.client import RedisClient
from vedette.store.server.keys import DEAD, DISABLED, queue_key, run_key

Accept = Callable[..., Awaitable[str]]


class Place:
    """Two handlers on deliveries, of which one can be disabled."""

    def __init__(self, client: RedisClient, accept: Accept) -> None:
        self.client = client
        self.runs = Runs(client)
        self.disabled = DisabledHandlers(client)
        self._accept = accept

    async def planned(self, subject: str) -> str:
        delivery = await self._accept(subject=subject)
        await self.runs.plan(delivery, [PlannedRun("triage", "act"), PlannedRun("notify", "act")], "")
        await self.client.delete(queue_key("run"))
        return delivery

    async def begin(self, delivery: str, handler: str = "triage") -> str:
        generation = await self.client.hget(run_key(delivery, handler), "generation")
        message = RunMessage(int(generation or 0))
        return (await self.runs.start_attempt(delivery, handler, message, RunLimits(concurrency=1))).verdict

    async def run(self, delivery: str) -> Run:
        found = await self.runs.get(delivery, "triage")
        assert found is not None
        return found

    async def queued(self) -> list[str]:
        return [one.decode().partition(":")[0] for one in await self.client.lrange(queue_key("run"), 0, -1)]


@pytest.fixture
def place(client: RedisClient, accept: Accept) -> Place:
    return Place(client, accept)


async def test_its_runs_wait_without_an_attempt_and_others_go(place: Place) -> None:
    delivery = await place.planned("issue:42")
    await place.disabled.disable("triage", "ann")
    assert await place.begin(delivery) == "wait"
    assert await place.begin(delivery, "notify") == "go"
    run = await place.run(delivery)
    assert (run.state, run.attempts, run.reason) == ("waiting", 0, "triage is disabled: `vedette enable triage`")
    assert await place.client.zcard(DEAD) == 0
    assert await place.disabled.waiting("triage") == 1


async def test_what_waits_is_not_stalled(place: Place) -> None:
    delivery = await place.planned("issue:42")
    await place.disabled.disable("triage", "ann")
    await place.begin(delivery)
    assert [one for one in await find_stalled(place.client) if "triage" in str(one)] == []


async def test_enabled_it_goes_on_in_the_order_of_its_deliveries(place: Place) -> None:
    deliveries = [await place.planned(f"issue:{number}") for number in range(3)]
    await place.disabled.disable("triage", "ann")
    for delivery in reversed(deliveries):
        await place.begin(delivery)
    assert await place.disabled.enable("triage") == (True, 3)
    assert await place.queued() == deliveries
    assert await place.begin(deliveries[0]) == "go"
    assert await place.disabled.enable("triage") == (False, 0)


async def test_a_run_that_waits_takes_no_slot_and_keeps_its_subject(place: Place) -> None:
    first, second = await place.planned("issue:42"), await place.planned("issue:42")
    await place.disabled.disable("triage", "ann")
    await place.begin(first)
    assert (await place.run(second)).state == "waiting"
    other = await place.planned("issue:43")
    await place.disabled.enable("triage")
    assert await place.queued() == [first]
    assert await place.begin(first) == "go"
    assert await place.begin(other) == "wait"
    assert (await place.run(other)).reason == "others are running"


async def test_who_disabled_what_is_known_and_an_altered_entry_holds(place: Place) -> None:
    await place.disabled.disable("triage", "ann")
    await place.client.hset(DISABLED, mapping={"notify": "junk"})
    found = await place.disabled.all()
    assert (found["triage"].by, found["notify"].by) == ("ann", "somebody")
    assert found["triage"].at > 0
    delivery = await place.planned("issue:42")
    assert await place.begin(delivery, "notify") == "wait"
