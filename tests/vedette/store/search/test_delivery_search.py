import itertools
import random
from typing import Any

import pytest

from tests.stored_world import TENANTS, StoredWorld
from vedette.store.deliveries.deliveries import DeliverySummary
from vedette.store.queues.delayed import DelayedMessages
from vedette.store.runs.attempts import AttemptOutcome, RunMessage
from vedette.store.runs.dead_letters import DeadLetters
from vedette.store.runs.run import Run
from vedette.store.search.cursor import Cursor
from vedette.store.search.delivery_search import DeliveryQuery, DeliverySearch
from vedette.store.server.client import RedisClient
from vedette.store.server.keys import (
    DELIVERIES,
    DELIVERY_PREFIX,
    HANDLERS,
    KNOWN_TENANTS,
    PREFIX,
    REBUILT,
    RUN_PREFIX,
    STORED,
    run_key,
)
from vedette.store.server.scripts import run_script

AFTER = 10_000_000_000_000


@pytest.fixture
def world(client: RedisClient) -> StoredWorld:
    return StoredWorld(client)


async def every(search: DeliverySearch, query: DeliveryQuery, *, limit: int = 7, steps: int = 10) -> list[str]:
    found: list[str] = []
    cursor: Cursor | None = None
    while True:
        page = await search.deliveries(query, limit=limit, cursor=cursor, steps=steps)
        assert len(page.ids) <= limit
        found += page.ids
        if page.following is None:
            return found
        cursor = Cursor.read(str(page.following))


def holds(query: DeliveryQuery, delivery: DeliverySummary, runs: list[Run]) -> bool:
    return (
        (not query.issue or query.issue.lower() in {delivery.issue, f"shop-{delivery.issue}"})
        and query.resource in {"", delivery.resource}
        and (bool(delivery.rebuilt) or not query.rebuilt)
        and query.since <= delivery.accepted <= (query.until or AFTER)
        and (
            not (query.handler or query.states)
            or any(
                query.handler in {"", run.handler} and (not query.states or run.state in query.states) for run in runs
            )
        )
    )


@pytest.mark.parametrize("seed", range(3))
async def test_every_query_finds_what_a_walk_through_all_finds(world: StoredWorld, seed: int) -> None:
    await world.fill(random.Random(seed), 60)  # noqa: S311 - a world that can be made again
    search = DeliverySearch(world.client, TENANTS)
    deliveries = await world.deliveries.latest(limit=1000)
    runs = await world.runs.of([(one.id, one.runs or ()) for one in deliveries])
    moments = (0, deliveries[20].accepted)
    queries = [
        DeliveryQuery(since, until, issue, "", resource, handler, states, rebuilt)
        for since, until, issue, resource, handler, states, rebuilt in itertools.product(
            *(moments, (0, deliveries[5].accepted), ("", "2", "shop-2", "9"), ("", "comment", "absent")),
            *(("", "triage", "absent"), ((), ("dead", "quarantined"), ("done",)), (False, True)),
        )
    ]
    for query in queries:
        expected = [one.id for one in deliveries if holds(query, one, runs[one.id])]
        assert await every(search, query, steps=50) == expected, query
    assert await every(search, DeliveryQuery(), limit=1, steps=1) == [one.id for one in deliveries]


async def test_the_state_of_a_run_is_indexed_at_each_step(world: StoredWorld) -> None:
    search, delivery = DeliverySearch(world.client), await world.accept()

    async def states() -> set[str]:
        run = await world.runs.get(delivery, "triage")
        assert run is not None
        found = {name for name in STATES if await every(search, DeliveryQuery(handler="triage", states=(name,)))}
        assert found == {name for name in STATES if await every(search, DeliveryQuery(states=(name,)))} == {run.state}
        return found

    await world.plan(delivery, "triage")
    assert await states() == {"queued"}
    await world.end(delivery, "triage", "running")
    assert await states() == {"running"}
    await world.runs.release_attempt(delivery, "triage", 1)
    assert await states() == {"queued"}
    await world.end(delivery, "triage", "retrying")
    assert await states() == {"retrying"}
    assert await DelayedMessages(world.client).cancel(f"{delivery}:triage")
    assert await states() == {"dropped"}
    letters = DeadLetters(world.client)
    await letters.replay(delivery, "triage", delay=100)
    assert await states() == {"waiting"}
    assert await DelayedMessages(world.client).cancel(f"{delivery}:triage")
    await letters.redispatch(delivery)
    assert await states() == {"superseded"}
    await world.plan(delivery, "triage")
    generation = await world.client.hget(run_key(delivery, "triage"), "generation")
    begun = await world.runs.start_attempt(delivery, "triage", RunMessage(int(generation or 0)))
    await world.runs.finish_attempt(delivery, "triage", begun.attempt_token, AttemptOutcome("dead"))
    assert await states() == {"dead"}
    assert await letters.discard(delivery, "triage")
    assert await states() == {"discarded"}


STATES = (
    *("queued", "waiting", "running", "retrying", "dropped", "superseded", "dead", "quarantined", "discarded"),
    "done",
)


async def test_pages_do_not_move_while_deliveries_arrive(world: StoredWorld) -> None:
    ids = [await world.accept() for _ in range(20)]
    search = DeliverySearch(world.client, TENANTS)
    found: list[str] = []
    cursor: Cursor | None = None
    query = DeliveryQuery(issue="SHOP-1")
    for delivery in ids[:5]:
        await world.plan(delivery)
    undecided = iter(ids[5:])
    while True:
        page = await search.deliveries(query, limit=3, cursor=cursor)
        found += page.ids
        if page.following is None:
            break
        cursor = page.following
        await world.accept()
        await world.plan(next(undecided))
    assert found == ids[::-1]


async def test_issues_of_two_tenants_with_one_id_are_told_apart_by_their_short_ids(world: StoredWorld) -> None:
    one = await world.accept("7", tenant=0, label="SHOP-7")
    other = await world.accept("7", tenant=1, label="CART-3")
    later = await world.accept("7", tenant=1, resource="error", label="")
    for delivery in (one, other, later):
        await world.plan(delivery)
    search = DeliverySearch(world.client)
    assert await every(search, DeliveryQuery(issue="shop-7")) == [one]
    assert await every(search, DeliveryQuery(issue="CART-3")) == [later, other]
    assert await every(search, DeliveryQuery(issue="7")) == [later, other, one]
    assert await search.labels([(TENANTS[0], "7"), (TENANTS[1], "7"), (TENANTS[1], "8")]) == ["SHOP-7", "CART-3", ""]


async def test_deliveries_are_found_by_their_request_id(world: StoredWorld) -> None:
    search = DeliverySearch(world.client)
    undecided = await world.accept(request_id="abc")
    assert await search.by_request("abc") == [undecided]
    await world.plan(undecided)
    await world.client.delete(f"{PREFIX}queue:fan_out")
    again = await world.accept(request_id="abc")
    await world.plan(again)
    await world.client.delete(f"{PREFIX}queue:fan_out")
    assert await search.by_request("abc") == [undecided, again]
    assert await search.by_request("abd") == []


async def test_dead_letters_are_found_by_the_time_of_their_end(world: StoredWorld) -> None:
    ids = [await world.accept(issue, resource=kind) for issue, kind in (("1", "issue"), ("2", "error"), ("1", "error"))]
    for delivery, state in ((ids[1], "dead"), (ids[0], "quarantined"), (ids[2], "dead")):
        await world.plan(delivery, "triage", "notify")
        await world.end(delivery, "triage", state)
        await world.end(delivery, "notify", "done")
    search = DeliverySearch(world.client, TENANTS)

    async def found(query: DeliveryQuery, limit: int = 1) -> list[int]:
        places: list[int] = []
        cursor: Cursor | None = None
        while True:
            page = await search.dead_letters(query, limit=limit, cursor=cursor)
            places += [ids.index(one.removesuffix(":triage")) for one in page.ids]
            cursor = page.following
            if cursor is None:
                return places

    assert set(await found(DeliveryQuery())) == {0, 1, 2}
    assert set(await found(DeliveryQuery(issue="shop-1"))) == {0, 2}
    assert await found(DeliveryQuery(issue="shop-1", resource="error")) == [2]
    assert await found(DeliveryQuery(states=("quarantined",))) == [0]
    assert await found(DeliveryQuery(handler="notify")) == []


async def test_what_expires_leaves_no_index(world: StoredWorld) -> None:
    await world.fill(random.Random(1), 40)  # noqa: S311 - a world that can be made again
    for delivery in world.ids:
        summary = await world.deliveries.summary(delivery)
        if summary.runs is None:
            await world.plan(delivery)
        for run in (await world.runs.of([(delivery, summary.runs or ())]))[delivery]:
            await end_badly_or_well(world, run)
    expire = world.client.register_script(run_script("deliveries/expire"))
    arguments = [DELIVERY_PREFIX, RUN_PREFIX, -1000, 1 << 30, 0, 1000, 1000, 1000]
    assert await expire(keys=[DELIVERIES, STORED], args=arguments) == [40, 40]
    kinds = ("subject", "resource", "rule", "runs", "requests", "labels")
    client: Any = world.client
    assert [name for kind in kinds for name in await client.keys(f"{PREFIX}{kind}:*")] == []
    assert await client.exists(HANDLERS, KNOWN_TENANTS, REBUILT) == 0


async def end_badly_or_well(world: StoredWorld, run: Run) -> None:
    letters = DeadLetters(world.client)
    if run.state in {"dead", "quarantined"}:
        await letters.discard(run.delivery, run.name)
    elif run.state == "retrying":
        await DelayedMessages(world.client).cancel(f"{run.delivery}:{run.name}")
    elif run.state == "running":
        assert await world.runs.finish_attempt(run.delivery, run.name, 1, AttemptOutcome("done"))
    elif run.state == "queued":
        await world.end(run.delivery, run.name, "done")
