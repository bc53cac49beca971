import os
from collections.abc import Awaitable, Callable

import pytest

from vedette.store.deliveries.deliveries import Deliveries, DeliveryNotFoundError
from vedette.store.runs.attempts import PlannedRun, RunMessage
from vedette.store.runs.runs import Runs
from vedette.store.server.client import RedisClient
from vedette.store.server.keys import delivery_key

Accept = Callable[..., Awaitable[str]]


async def test_a_delivery_comes_back_as_it_came(client: RedisClient, accept: Callable[..., Awaitable[str]]) -> None:
    body = b'{"action": "created"}' * 1000
    delivery = await accept(body)
    found = await Deliveries(client).get(delivery)
    assert found.body == body
    assert found.headers == {"request-id": "r", "sentry-hook-resource": "issue"}
    assert (found.summary.subject, found.summary.issue, found.summary.handlers) == ("issue:42", "42", None)


async def test_a_body_that_was_not_compressed_is_read_too(
    client: RedisClient, accept: Callable[..., Awaitable[str]]
) -> None:
    delivery = await accept(b"plain", encoding="")
    assert (await Deliveries(client).get(delivery)).body == b"plain"


async def test_one_that_is_not_there_is_said_to_be_missing(client: RedisClient) -> None:
    with pytest.raises(DeliveryNotFoundError, match="vedette deliveries"):
        await Deliveries(client).get("nowhere")


async def test_the_newest_come_first_within_age_and_number(
    client: RedisClient, accept: Callable[..., Awaitable[str]]
) -> None:
    made = [await accept(accepted=moment) for moment in range(1000, 1500)]
    deliveries = Deliveries(client)
    assert [one.id for one in await deliveries.latest(limit=3)] == made[:-4:-1]
    assert [one.id for one in await deliveries.latest(limit=2, offset=1)] == made[-2:-4:-1]
    assert len(await deliveries.latest(since=1400, limit=1000)) == 100


async def test_a_quarantined_delivery_is_finished_and_says_why(
    client: RedisClient, accept: Callable[..., Awaitable[str]]
) -> None:
    delivery = await accept()
    deliveries = Deliveries(client)
    await deliveries.quarantine(delivery, "not_json")
    (summary,) = await deliveries.latest()
    assert summary.quarantined == "not_json"
    assert summary.finished is not None


async def test_a_look_leaves_a_large_body_where_it_is_and_a_run_is_given_it(
    client: RedisClient, accept: Accept
) -> None:
    large = await accept(os.urandom(100_000))
    deliveries = Deliveries(client)
    look = await deliveries.load_for_dispatch(large)
    whole = await deliveries.get(large)
    assert (look.summary, look.whole, look.own_writes) == (whole.summary, None, {})
    runs = Runs(client)
    await runs.plan(large, [PlannedRun("nag", "act")], "")
    begun = await runs.start_attempt(large, "nag", RunMessage(1))
    assert deliveries.read(large, begun.record).body == whole.body


async def test_a_look_at_what_is_gone_says_so(client: RedisClient) -> None:
    with pytest.raises(DeliveryNotFoundError, match="no delivery 01nothere"):
        await Deliveries(client).load_for_dispatch("01nothere")


async def test_a_run_whose_delivery_is_gone_is_given_nothing(client: RedisClient, accept: Accept) -> None:
    delivery = await accept()
    runs = Runs(client)
    await runs.plan(delivery, [PlannedRun("nag", "act")], "")
    await client.delete(delivery_key(delivery))
    begun = await runs.start_attempt(delivery, "nag", RunMessage(1))
    assert (begun.verdict, begun.record) == ("go", {})
