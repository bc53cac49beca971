"""Counts by minute and effect."""

import time

from tests.stored_world import StoredWorld
from vedette.store.figures.outcome_counts import KEPT, read_outcome_counts
from vedette.store.server.client import RedisClient


async def test_ends_of_runs_are_counted_by_their_effect(client: RedisClient) -> None:
    world = StoredWorld(client, began=time.time_ns() // 1_000_000 - 30 * 60_000)
    for state, effect in (("done", "acted"), ("done", "acted"), ("done", ""), ("dead", "denied"), ("retrying", "")):
        delivery = await world.accept()
        await world.plan(delivery, "triage")
        await world.end(delivery, "triage", state, effect=effect)
    counts = await read_outcome_counts(client, 60)
    assert len(counts) == 60
    assert [one.at - counts[0].at for one in counts] == [60_000 * number for number in range(60)]
    assert sum(one.accepted for one in counts) == 5
    total: dict[str, int] = {}
    for one in counts:
        for effect, number in one.effects.items():
            total[effect] = total.get(effect, 0) + number
    assert total == {"acted": 2, "nothing": 1, "denied": 1}
    assert len(await read_outcome_counts(client, 10_000)) == KEPT
