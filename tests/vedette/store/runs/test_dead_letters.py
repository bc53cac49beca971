from collections.abc import Awaitable, Callable

import pytest

from vedette.store.deliveries.deliveries import Deliveries, DeliveryNotFoundError
from vedette.store.runs.attempts import AttemptOutcome, PlannedRun, RunMessage
from vedette.store.runs.dead_letters import DeadLetters, NotReplayableError
from vedette.store.runs.runs import Runs
from vedette.store.server.client import RedisClient
from vedette.store.server.keys import DELIVERIES, DELIVERY_PREFIX, RUN_PREFIX, STORED, delivery_key, queue_key
from vedette.store.server.scripts import run_script

Accept = Callable[..., Awaitable[str]]
TRIAGE = [PlannedRun("triage", "act", "demo 1")]


async def die(client: RedisClient, delivery: str, generation: int = 1, token: int = 1, state: str = "dead") -> None:
    runs = Runs(client)
    assert (await runs.start_attempt(delivery, "triage", RunMessage(generation))).verdict == "go"
    outcome = AttemptOutcome(state, ["half of it"], 5, "ValueError: x", "the trace")  # type: ignore[arg-type]
    assert await runs.finish_attempt(delivery, "triage", token, outcome)


async def test_a_dead_run_is_kept_with_all_that_is_known_the_newest_first(client: RedisClient, accept: Accept) -> None:
    made = [await accept(subject=f"issue:{number}") for number in range(3)]
    for delivery in made:
        await Runs(client).plan(delivery, TRIAGE, "SHOP-1")
        await die(client, delivery, state="dead" if delivery != made[1] else "quarantined")
    letters = await DeadLetters(client).latest()
    assert sorted(one.id for one in letters) == [f"{delivery}:triage" for delivery in made]
    (one,) = [letter for letter in letters if letter.run.delivery == made[0]]
    assert (one.run.error, one.run.trace, one.run.source) == ("ValueError: x", "the trace", "demo 1")
    assert (one.run.attempts, one.run.did, one.delivery.label) == (1, ("half of it",), "SHOP-1")


async def test_a_replayed_run_goes_as_if_for_the_first_time(client: RedisClient, accept: Accept) -> None:
    delivery = await accept()
    runs, letters = Runs(client), DeadLetters(client)
    await runs.plan(delivery, TRIAGE, "")
    with pytest.raises(NotReplayableError, match="still going"):
        await letters.replay(delivery, "triage")
    await die(client, delivery)
    await letters.replay(delivery, "triage")
    assert await letters.latest() == []
    (summary,) = await Deliveries(client).latest()
    assert summary.finished is None
    again = await runs.start_attempt(delivery, "triage", RunMessage(2))
    assert (again.verdict, again.attempt, again.attempt_token) == ("go", 1, 2)
    await runs.finish_attempt(delivery, "triage", 2, AttemptOutcome("done"))
    run = await runs.get(delivery, "triage")
    assert run is not None
    assert (run.state, run.error, run.trace) == ("done", None, None)
    with pytest.raises(NotReplayableError, match="never was"):
        await letters.replay(delivery, "nobody")


async def test_a_delivery_is_decided_again_for_the_handlers_that_are_there_now(
    client: RedisClient, accept: Accept
) -> None:
    delivery = await accept()
    runs, letters = Runs(client), DeadLetters(client)
    with pytest.raises(NotReplayableError, match="still being worked on"):
        await letters.redispatch(delivery)
    await runs.plan(delivery, TRIAGE, "")
    await die(client, delivery)
    await letters.redispatch(delivery)
    assert await client.lrange(queue_key("fan_out"), 0, -1) == [f"{delivery}:again:1".encode()]
    assert (await runs.plan(delivery, [*TRIAGE, PlannedRun("new", "act")], "")).new == 2
    assert (await runs.start_attempt(delivery, "triage", RunMessage(1))).verdict == "stale"
    assert (await runs.start_attempt(delivery, "triage", RunMessage(2))).attempt == 1
    with pytest.raises(DeliveryNotFoundError):
        await letters.redispatch("nowhere")
    await Deliveries(client).quarantine(delivery, "not_json")
    with pytest.raises(NotReplayableError, match="quarantined"):
        await letters.redispatch(delivery)


IN_A_SECOND = -1000
"""An age that all deliveries have, those too that ended just now."""


async def test_a_delivery_goes_by_age_only_when_nothing_of_it_waits_for_a_person(
    client: RedisClient, accept: Accept
) -> None:
    delivery = await accept(accepted=1000)
    await Runs(client).plan(delivery, TRIAGE, "")
    await die(client, delivery)
    retain = client.register_script(run_script("deliveries/expire"))

    async def removed() -> int:
        keys, args = [DELIVERIES, STORED], [DELIVERY_PREFIX, RUN_PREFIX, IN_A_SECOND, 1 << 30, 0, 10, 0, 0]
        return (await retain(keys=keys, args=args))[1]

    assert await removed() == 0
    assert await DeadLetters(client).discard(delivery, "triage")
    assert not await DeadLetters(client).discard(delivery, "triage")
    assert await removed() == 1
    assert await client.exists(delivery_key(delivery)) == 0
