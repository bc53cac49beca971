from collections.abc import Awaitable, Callable
from typing import Any

from tests.thread_queues import ThreadQueues
from vedette.store.access.refused_tokens import RefusedTokens
from vedette.store.deliveries.deliveries import Deliveries
from vedette.store.figures.figures import read_figures
from vedette.store.queues.queue_messages import fan_out_message
from vedette.store.server.client import RedisClient
from vedette.store.server.clock import server_time
from vedette.store.server.failover import client_in_thread
from vedette.store.server.keys import DEAD

Accept = Callable[..., Awaitable[str]]


async def test_an_empty_installation_has_empty_figures(client: RedisClient) -> None:
    figures = await read_figures(client, ["default"])
    assert (figures.queues, figures.dead, figures.workers, figures.oldest) == ({}, 0, 0, 0)
    assert figures.waiting_for_token == {"default": 0}


async def test_queues_workers_and_dead_letters_are_counted(client: RedisClient, redis_url: str) -> None:
    queues = ThreadQueues(client_in_thread(redis_url, 5.0), "worker")
    queues.heartbeat(["fan_out"], timeout=60_000, recover=False)
    now = round(await server_time(client) * 1000)
    for number in range(3):
        queues.enqueue("fan_out", f"d{number}", fan_out_message(f"d{number}", now - 90_000))
    queues.fetch("fan_out", 1)
    await client.zadd(DEAD, {"1:triage": 1, "2:triage@later": 2, "3:notify": 3})
    figures = await read_figures(client)
    (queue,) = figures.queues.values()
    assert (queue.depth, queue.in_flight, figures.workers) == (2, 1, 1)
    assert 90 <= figures.oldest < 100
    assert (figures.dead, figures.dead_by_handler) == (3, {"triage": 2, "notify": 1})


async def test_a_delayed_message_ages_from_the_time_it_was_due(client: RedisClient, redis_url: str) -> None:
    queues = ThreadQueues(client_in_thread(redis_url, 5.0), "worker")
    queues.heartbeat(["fan_out"], timeout=60_000, recover=False)
    now = round(await server_time(client) * 1000)
    queues.delay("fan_out", "d1", fan_out_message("d1", now - 3_600_000), 0)
    assert queues.promote_due(lease=1000, most=10)[:2] == (True, 1)
    assert (await read_figures(client)).oldest < 10


async def test_runs_that_wait_for_a_token_and_quarantined_deliveries_are_counted(
    client: RedisClient, accept: Accept
) -> None:
    delivery = await accept()
    await RefusedTokens(client).refuse("default", "f", 401, "Invalid token")
    await client.zadd("{vedette}:token_waiters:default", {f"{delivery}:triage": 0})
    await Deliveries(client).quarantine(delivery, "not JSON")
    figures: Any = await read_figures(client, ["default", "other"])
    assert figures.waiting_for_token == {"default": 1, "other": 0}
    assert figures.quarantined == 1
