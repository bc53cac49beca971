"""Retention removes finished deliveries and never unfinished ones."""

import asyncio
import json
import random
import time
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from receiver.redis_link.retention import DELIVERY_OVERHEAD, RUN_OVERHEAD, DeliveryRetention, run_retention
from tests.receiver.running import Running, Store, until
from tests.receiver.sentry import issue_body
from tests.receiver.servers import own_server
from tests.stored_world import StoredWorld
from vedette.settings.settings import RetentionSettings
from vedette.store.server.keys import JOURNAL, STORED, queue_key
from vedette.store.server.server_check import open_redis

NOW = time.time_ns() // 1_000_000
DAY = 86_400_000
MOST_BYTES = 2450
"""Of a delivery with a body of 800 bytes and the message that asks to decide it."""


def put(
    store: Store, name: str, days_ago: float, *, size: int = 100, finished: bool = True, state: str = "accepted"
) -> None:
    accepted = int(NOW - days_ago * DAY)
    fields = {"state": state, "body": "x" * size, "runs": "triage,other", "accepted": accepted}
    store.client.hset("{vedette}:delivery:" + name, mapping=fields | ({"finished": accepted} if finished else {}))
    store.client.zadd("{vedette}:deliveries", {name: accepted})
    store.client.incrby("{vedette}:stored", size)
    for handler in ("triage", "other"):
        store.client.hset("{vedette}:run:" + f"{name}:{handler}", "state", "done")


async def test_the_bodies_known_of_a_delivery_go_with_it(receiver: Running, redis_url: str, store: Store) -> None:
    first = (await receiver.hook(issue_body(1, "resolved", count=1))).json()["delivery"]
    assert (await receiver.hook(issue_body(1, "resolved", count=2))).json()["delivery"] == first
    assert store.client.hlen("{vedette}:bodies") == 2
    assert (await receiver.hook(issue_body(2))).status_code == 202
    # A later delivery has taken one of them over.
    (taken, *_) = [key for key, value in store.client.hgetall("{vedette}:bodies").items() if value.decode() == first]
    store.client.hset("{vedette}:bodies", taken, "later")
    store.client.hset("{vedette}:delivery:" + first, "finished", 1)
    assert await removed(redis_url, size=1) == 1
    assert store.client.hlen("{vedette}:bodies") == 2
    assert store.client.hget("{vedette}:bodies", taken) == b"later"


async def removed(redis_url: str, **settings: float) -> int:
    client = open_redis(redis_url)
    try:
        return await DeliveryRetention(client, RetentionSettings.model_validate(settings)).remove_once()
    finally:
        await client.aclose()


async def test_what_is_past_its_age_goes_with_its_runs(redis_url: str, store: Store) -> None:
    put(store, "old", 20)
    put(store, "young", 1)
    assert await removed(redis_url) == 1
    assert store.ids() == ["young"]
    assert store.client.keys("{vedette}:run:old*") == []
    assert len(store.client.keys("{vedette}:run:young*")) == 2
    assert int(store.client.get("{vedette}:stored")) == 100


async def test_the_oldest_go_first_when_all_are_too_large(redis_url: str, store: Store) -> None:
    for number in range(10):
        put(store, f"d{number}", 5 - number / 10)
    assert await removed(redis_url, size=3 * (100 + DELIVERY_OVERHEAD) + 50) == 7
    assert store.ids() == ["d7", "d8", "d9"]


def fields_of(chance: random.Random) -> dict[str, Any]:
    """Return what a delivery of Sentry's has: keys that nothing shares, and the headers that are kept."""
    keys = ("request_id", "sent_key", "body_key")
    headers = {"content-type": "application/json", "user-agent": "python-requests/2.32.3"}
    return {
        **{name: f"{chance.getrandbits(128):032x}" for name in keys},
        "headers": json.dumps(headers),
        "window": DAY,
        "sent_window": DAY,
        "sent": "1790000000",
        "encoding": "zstd",
        "title": "KeyError: 'total' in checkout",
        "size": 1600,
    }


async def test_the_bound_is_on_the_memory_that_redis_uses(redis_url: str, store: Store) -> None:
    number = 400
    client = open_redis(redis_url)
    world, chance = StoredWorld(client), random.Random(16)  # noqa: S311 - the same deliveries each time
    before = int((await client.info("memory"))["used_memory"])
    for place in range(number):
        record = world.record(str(6_941_180_000 + place), occurrence=f"issue.created {place}", **fields_of(chance))
        await world.accept_all([record], chance.randbytes(800))
        await world.plan(record.id, "triage")
        await world.end(record.id, "triage", "done", did=("resolved SHOP-4K",), effect="acted", audit=(place,))
    # What does not grow with the deliveries.
    await client.delete(JOURNAL, *(f"{queue_key(name)}{end}" for name in ("run", "fan_out") for end in ("", ".msgs")))
    used = int((await client.info("memory"))["used_memory"]) - before
    stored = int(await client.get(STORED) or 0) + number * (DELIVERY_OVERHEAD + RUN_OVERHEAD)
    assert 0.8 < stored / used < 1.25, (stored / number, used / number)
    # A bound of half of what is used leaves half of the deliveries.
    assert await removed(redis_url, size=stored // 2) == pytest.approx(number // 2, abs=2)
    await client.aclose()


async def test_a_delivery_takes_less_than_it_did(redis_url: str) -> None:
    client: Any = open_redis(redis_url)
    world, chance = StoredWorld(client), random.Random(16)  # noqa: S311 - the same deliveries each time
    for place in range(1000):
        record = world.record(str(6_941_180_000 + place), **fields_of(chance))
        await world.accept_all([record], chance.randbytes(800))
    names = [name async for name in client.scan_iter(count=1000)]
    sizes = [await client.memory_usage(name, samples=0) for name in names if name != JOURNAL.encode()]
    assert sum(sizes) / 1000 < MOST_BYTES
    await client.aclose()


async def test_what_is_unfinished_never_goes_and_does_not_stand_in_the_way(redis_url: str, store: Store) -> None:
    for number in range(250):
        put(store, f"open{number:03}", 30, finished=False)
    for number in range(5):
        put(store, f"done{number}", 20)
    put(store, "quarantined", 20, finished=False, state="quarantined")
    assert await removed(redis_url, size=1) == 6
    assert len(store.ids()) == 250
    assert all(name.startswith("open") for name in store.ids())


async def test_one_receiver_at_a_time_removes(redis_url: str, store: Store) -> None:
    client = open_redis(redis_url)
    put(store, "old", 20_000)
    try:
        first, second = (DeliveryRetention(client, RetentionSettings(interval=30)) for _ in range(2))
        assert await first.remove_when_elected() == 1
        put(store, "older", 20_000)
        assert await second.remove_when_elected() == 0
    finally:
        await client.aclose()


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 200])
async def test_any_number_of_deliveries_is_worked_through(redis_url: str, store: Store, count: int) -> None:
    for number in range(count):
        put(store, f"d{number}", 20)
    assert await removed(redis_url) == count
    assert store.ids() == []


async def test_a_full_server_is_given_room(tmp_path: Path) -> None:
    with own_server(tmp_path) as server, server.client() as looking:
        put(Store(looking), "old", 20_000, size=5000)
        looking.delete("{vedette}:run:old:triage", "{vedette}:run:old:other")
        looking.config_set("maxmemory", 1)
        client = open_redis(server.url)
        try:
            assert await DeliveryRetention(client, RetentionSettings()).remove_when_elected() == 1
        finally:
            await client.aclose()
        assert Store(looking).ids() == []


async def test_an_outage_is_told_in_a_line_and_outlasted(tmp_path: Path) -> None:
    with own_server(tmp_path) as server:
        with server.client() as looking:
            put(Store(looking), "old", 20_000)
        server.kill()
        with capture_logs() as logs:
            removing = asyncio.create_task(run_retention(server.url, RetentionSettings(interval=0.05)))

            async def told() -> bool:
                return bool(logs)

            async def done() -> bool:
                return "deliveries" in logs[-1]

            await until(told)
            server.start()
            await until(done)
            removing.cancel()
            await asyncio.wait([removing])
    assert removing.cancelled()
    assert all(entry["log_level"] == "warning" and "exc_info" not in entry for entry in logs[:-1])
    assert logs[-1]["deliveries"] == 1


async def test_a_receiver_whose_clock_is_ahead_removes_nothing_young(
    redis_url: str, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, "young", 1)
    monkeypatch.setattr(time, "time_ns", lambda: (NOW + 366 * DAY) * 1_000_000)
    assert await removed(redis_url) == 0


async def test_what_a_receiver_accepted_whose_clock_is_behind_stays(redis_url: str, store: Store) -> None:
    put(store, "behind", 366)
    store.client.hset("{vedette}:delivery:behind", "finished", NOW)
    assert await removed(redis_url) == 0
    assert await removed(redis_url, size=50) == 1
