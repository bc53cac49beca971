"""The structured outcome of a run: effect, rules, audit entries and its last attempts."""

from tests.stored_world import StoredWorld
from vedette.store.deliveries.journal import Journal
from vedette.store.queues.delayed import DelayedMessages
from vedette.store.runs.attempts import AttemptOutcome, RunMessage
from vedette.store.runs.dead_letters import DeadLetters
from vedette.store.runs.run import CODES, Run
from vedette.store.search.delivery_search import DeliveryQuery, DeliverySearch
from vedette.store.server.client import RedisClient
from vedette.store.server.keys import run_key
from vedette.store.server.scripts import script


async def run_of(world: StoredWorld, delivery: str) -> Run:
    run = await world.runs.get(delivery, "triage")
    assert run is not None
    return run


async def attempt(world: StoredWorld, delivery: str, outcome: AttemptOutcome) -> None:
    generation = await world.client.hget(run_key(delivery, "triage"), "generation")
    start = await world.runs.start_attempt(delivery, "triage", RunMessage(int(generation or 0)))
    assert await world.runs.finish_attempt(delivery, "triage", start.attempt_token, outcome)


async def test_an_outcome_has_its_effect_rules_and_audit_entries(client: RedisClient) -> None:
    world, journal = StoredWorld(client), Journal(client)
    delivery = await world.accept()
    await world.plan(delivery, "triage")
    acted = AttemptOutcome("done", ("resolved SHOP-1",), effect="acted", rules=("noise", "a, b"), audit=(7, 8))
    await attempt(world, delivery, acted)
    run = await run_of(world, delivery)
    assert (run.effect, run.rules, run.audit, run.reasons) == ("acted", ("noise", "a, b"), (7, 8), None)
    assert [(one.state, one.error) for one in run.history] == [("done", "")]
    (*_, ended) = (await journal.since("0-0")).entries
    assert (ended.effect, ended.rules, ended.audit) == ("acted", ("noise", "a, b"), (7, 8))
    search = DeliverySearch(client)
    assert (await search.deliveries(DeliveryQuery(rule="a, b"), limit=5)).ids == [delivery]
    await DeadLetters(client).replay(delivery, "triage")
    await attempt(world, delivery, AttemptOutcome("done", effect="nothing", rules=("other",), reasons="noise: no"))
    run = await run_of(world, delivery)
    assert (run.effect, run.rules, run.audit, run.reasons) == ("nothing", ("other",), (), "noise: no")
    assert (await search.deliveries(DeliveryQuery(rule="noise"), limit=5)).ids == []
    assert (await search.deliveries(DeliveryQuery(rule="other"), limit=5)).ids == [delivery]


async def test_the_last_ten_attempts_are_kept(client: RedisClient) -> None:
    world = StoredWorld(client)
    delivery = await world.accept()
    await world.plan(delivery, "triage")
    for number in range(12):
        await attempt(world, delivery, AttemptOutcome("retrying", error=f"error {number} é", wait=1000, took=number))
        await release(world, delivery)
    await attempt(world, delivery, AttemptOutcome("dead", error="x" * 5000, took=99))
    run = await run_of(world, delivery)
    assert [one.error for one in run.history[:-1]] == [f"error {number} é" for number in range(3, 12)]
    assert [one.took for one in run.history] == [*range(3, 12), 99]
    assert (run.history[-1].state, len(run.history[-1].error)) == ("dead", 300)
    assert run.effect == "failed"
    assert run.ended == run.history[-1].at


async def release(world: StoredWorld, delivery: str) -> None:
    """Let a run that waits for its next attempt be attempted now."""
    await DelayedMessages(world.client).cancel(f"{delivery}:triage")
    await DeadLetters(world.client).replay(delivery, "triage")


async def test_an_attempt_whose_worker_ended_is_in_the_history(client: RedisClient) -> None:
    world = StoredWorld(client)
    delivery = await world.accept()
    await world.plan(delivery, "triage")
    start = await world.runs.start_attempt(delivery, "triage", RunMessage(1))
    assert await world.runs.lose_attempt(delivery, "triage", 1, start.attempt_token)
    await world.runs.start_attempt(delivery, "triage", RunMessage(2))
    await world.runs.start_attempt(delivery, "triage", RunMessage(2))
    run = await run_of(world, delivery)
    assert [(one.state, one.error) for one in run.history] == [
        ("lost", "the worker's process ended during this attempt")
    ] * 2
    assert run.crashes == 2


async def test_each_code_is_known_to_the_scripts(client: RedisClient) -> None:
    show = client.register_script(
        script("runs/_shared")
        + "\nlocal all = {} for name, code in pairs(CODES) do all[#all + 1] = name all[#all + 1] = code end return all"
    )
    answer = await show(keys=["{vedette}:"], args=[])
    assert {answer[at].decode(): answer[at + 1] for at in range(0, len(answer), 2)} == CODES
