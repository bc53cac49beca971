"""The consumer on an event loop, at a real server."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

import dramatiq
import pytest

from vedette.store.queues.queue_messages import fan_out_message
from vedette.store.server.failover import client_in_loop
from vedette.store.server.keys import in_flight_key, messages_key, queue_key
from workers.broker.consumer import QueueConsumer
from workers.broker.in_flight import InFlightLimit
from workers.broker.loop_queues import LoopQueues
from workers.broker.message_processing import MessageProcessor

QUEUE = "fan_out"
WORKER = "w1"
NAMES = [f"d{number}" for number in range(5)]


class Scene:
    """A consumer with an actor that notes its deliveries, and ends when it may."""

    def __init__(self, broker: Any, url: str, limit: int) -> None:
        self.broker = broker
        self.client: Any = broker.client
        self.seen: list[str] = []
        self.may_end: dict[str, asyncio.Event] = {}
        self.ends_at_once = True
        self.connection = client_in_loop(url, 60)
        self.queues = LoopQueues(self.connection, WORKER)
        self.limit = limit

        async def fan_out(delivery: str, turn: int = 1) -> None:
            del turn
            self.seen.append(delivery)
            if not self.ends_at_once:
                await self.may_end.setdefault(delivery, asyncio.Event()).wait()

        cast("Any", dramatiq.actor)(fan_out, broker=broker, actor_name="fan_out", queue_name=QUEUE)
        self.renew()

    def renew(self) -> None:
        """Make the consumer of a worker that starts."""
        processor = MessageProcessor(self.broker)
        self.consumer = QueueConsumer(self.queues, QUEUE, InFlightLimit(self.limit), processor, block=0.1)

    def push(self, *deliveries: str) -> None:
        for delivery in deliveries:
            self.client.hset(messages_key(QUEUE), delivery, fan_out_message(delivery, 1))
            self.client.rpush(queue_key(QUEUE), delivery)

    def end(self, delivery: str) -> None:
        self.may_end.setdefault(delivery, asyncio.Event()).set()

    def waiting(self) -> list[str]:
        return [one.decode() for one in self.client.lrange(queue_key(QUEUE), 0, -1)]

    def stored(self) -> set[str]:
        return {one.decode() for one in self.client.hkeys(messages_key(QUEUE))}


Open = Callable[..., Any]


@pytest.fixture
def scene(broker: Any, redis_url: str) -> Open:
    @asynccontextmanager
    async def open_scene(limit: int = 4) -> AsyncGenerator[Scene]:
        made = Scene(broker, redis_url, limit)
        try:
            yield made
        finally:
            await made.connection.aclose()

    return open_scene


@asynccontextmanager
async def consuming(scene: Scene) -> AsyncGenerator[None]:
    task = asyncio.create_task(scene.consumer.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def until(check: Callable[[], Any]) -> None:
    async with asyncio.timeout(60):
        while not check():  # noqa: ASYNC110 - the server has no event for it
            await asyncio.sleep(0.01)


async def test_a_message_that_comes_while_it_waits_ends_the_wait(scene: Open) -> None:
    async with scene() as made:
        made.consumer._block = 4
        async with consuming(made):
            await until(lambda: made.client.info("clients")["blocked_clients"] == 1)
            made.push("d1")
            await until(lambda: made.seen == ["d1"])


async def test_messages_come_in_order_and_are_gone_when_acknowledged(scene: Open) -> None:
    async with scene(1) as made:
        made.push(*NAMES)
        async with consuming(made):
            await until(lambda: len(made.seen) == len(NAMES))
            await until(lambda: not made.stored())
        assert made.seen == NAMES
        assert made.client.exists(in_flight_key(QUEUE, WORKER)) == 0


async def test_no_more_are_in_flight_than_the_limit_and_an_end_makes_room(scene: Open) -> None:
    async with scene(2) as made:
        made.ends_at_once = False
        made.push(*NAMES)
        async with consuming(made):
            await until(lambda: made.seen == NAMES[:2])
            assert made.waiting() == NAMES[2:]
            for name in NAMES:
                made.end(name)
            await until(lambda: made.seen == NAMES)


async def test_acknowledgements_of_one_turn_are_one_command(scene: Open) -> None:
    async with scene(60) as made:
        names = [f"n{number}" for number in range(60)]
        made.ends_at_once = False
        made.push(*names)
        async with consuming(made):
            await until(lambda: len(made.seen) == 60)
            before = (
                made.client.info("commandstats")["cmdstat_hdel"]["calls"]
                if "cmdstat_hdel" in made.client.info("commandstats")
                else 0
            )
            scripts = made.client.info("commandstats")["cmdstat_evalsha"]["calls"]
            for name in names:
                made.end(name)
            await until(lambda: not made.stored())
            stats = made.client.info("commandstats")
        assert stats["cmdstat_hdel"]["calls"] - before == 60
        # One or two for the acknowledgements, and those that look for more messages meanwhile.
        assert stats["cmdstat_evalsha"]["calls"] - scripts < 20


async def test_a_server_that_is_away_costs_a_wait_and_no_consumer(broker: Any) -> None:
    away = client_in_loop("redis://127.0.0.1:1", 60)
    consumer = QueueConsumer(LoopQueues(away, WORKER), QUEUE, InFlightLimit(1), MessageProcessor(broker), block=0.1)
    task = asyncio.create_task(consumer.run())
    looked = consumer.looked
    await until(lambda: consumer.looked > looked)
    assert not task.done()
    task.cancel()
    await asyncio.wait([task])
    await away.aclose()


async def test_after_an_outage_it_takes_back_what_no_task_has_and_in_order(scene: Open) -> None:
    async with scene(2) as made:
        made.ends_at_once = False
        made.push("d1")
        async with consuming(made):
            await until(lambda: made.seen == ["d1"])
        made.push("d2", "d3")
        # Fetched, and the reply was lost with the connection.
        await made.queues.fetch(QUEUE, 2)
        await made.consumer._wait_for_redis(ConnectionError("lost"))
        async with consuming(made):
            await until(lambda: made.seen == ["d1", "d2"])
            assert made.waiting() == ["d3"]
            made.end("d1")
            made.end("d2")
            await until(lambda: made.seen == ["d1", "d2", "d3"])
            assert made.stored() == {"d3"}


async def test_an_acknowledgement_is_repeated_until_it_is_answered(scene: Open) -> None:
    async with scene() as made:
        real: Callable[..., Awaitable[int]] = made.queues.acknowledge
        tries: list[int] = []

        async def fail_at_first(*arguments: Any, **options: Any) -> int:
            tries.append(1)
            if len(tries) < 3:
                raise ConnectionError("away")
            return await real(*arguments, **options)

        made.queues.acknowledge = fail_at_first
        made.push("d1")
        async with consuming(made):
            await until(lambda: not made.stored())
        assert len(tries) == 3


async def test_what_cannot_be_read_is_kept_apart(scene: Open) -> None:
    async with scene() as made:
        made.client.hset(messages_key(QUEUE), "bad", b"not json")
        made.client.rpush(queue_key(QUEUE), "bad")
        async with consuming(made):
            await until(lambda: made.client.hget(f"{queue_key(QUEUE)}.XQ.msgs", "bad") == b"not json")
        assert (made.waiting(), made.stored()) == ([], set())


async def test_a_message_of_an_unknown_actor_is_kept_apart(scene: Open) -> None:
    async with scene() as made:
        made.push("d1")
        made.broker.actors.clear()
        async with consuming(made):
            await until(lambda: made.client.hexists(f"{queue_key(QUEUE)}.XQ.msgs", "d1"))
        assert (made.waiting(), made.stored()) == ([], set())


async def test_a_worker_gives_back_what_it_holds_to_the_head_and_in_order(scene: Open) -> None:
    async with scene(3) as made:
        made.ends_at_once = False
        made.push(*NAMES)
        async with consuming(made):
            await until(lambda: len(made.seen) == 3)
        await made.consumer.flush(60)
        await made.queues.requeue(QUEUE)
        assert made.waiting() == NAMES
        # It ends after the message went to another, and changes nothing.
        for name in NAMES:
            made.end(name)
        await made.consumer.drain()
        assert made.stored() == set(NAMES)


async def test_cancelled_while_it_fetches_it_holds_no_place_and_loses_no_message(scene: Open) -> None:
    async with scene(2) as made:
        made.ends_at_once = True
        made.push(*NAMES)
        for turn in range(40):
            async with consuming(made):
                for _ in range(turn % 8):
                    await asyncio.sleep(0)
            await made.consumer.drain()
            await made.consumer._acknowledging.flush(60)
        await made.queues.requeue(QUEUE)
        async with consuming(made):
            await until(lambda: not made.stored())
        assert set(made.seen) == set(NAMES)
