import threading
import time
from collections.abc import Callable
from typing import Any, cast

import pytest
from redis.client import Redis

from vedette.store.queues.queue_messages import fan_out_message
from vedette.store.server.keys import in_flight_key, messages_key, queue_key
from workers.broker.broker import VedetteBroker

QUEUE = "fan_out"


def push(client: Any, *deliveries: str) -> None:
    for delivery in deliveries:
        client.hset(messages_key(QUEUE), delivery, fan_out_message(delivery, 1))
        client.rpush(queue_key(QUEUE), delivery)


def take(consumer: Any, count: int) -> list[Any]:
    taken: list[Any] = []
    while len(taken) < count:
        message = next(consumer)
        if message is not None:
            taken.append(message)
    return taken


def waiting(client: Any) -> list[str]:
    return [one.decode() for one in client.lrange(queue_key(QUEUE), 0, -1)]


@pytest.mark.alone
def test_a_message_that_comes_while_it_waits_ends_the_wait(broker: Any) -> None:
    consumer = broker.consume(QUEUE, prefetch=2, timeout=1000)
    pushing = threading.Timer(0.1, push, (broker.client, "d1"))
    pushing.start()
    began = time.monotonic()
    (found,) = take(consumer, 1)
    assert found.args == ("d1",)
    assert time.monotonic() - began < 0.5
    pushing.join()  # its connection is closed behind this test


def test_messages_come_in_order_and_are_gone_when_acknowledged(broker: Any) -> None:
    names = [f"d{number}" for number in range(5)]
    push(broker.client, *names)
    consumer = broker.consume(QUEUE, prefetch=1, timeout=50)
    seen: list[str] = []
    for _ in names:
        (message,) = take(consumer, 1)
        seen.append(message.args[0])
        consumer.ack(message)
    assert seen == names
    assert next(consumer) is None
    assert broker._acknowledging[QUEUE].flush(5)
    assert broker.client.hlen(messages_key(QUEUE)) == 0
    assert broker.client.exists(in_flight_key(QUEUE, broker.worker_id)) == 0


@pytest.mark.alone
def test_with_its_hands_full_it_waits_for_an_acknowledgement_and_not_for_the_clock(broker: Any) -> None:
    push(broker.client, "d1", "d2")
    consumer = broker.consume(QUEUE, prefetch=1, timeout=1000)
    (first,) = take(consumer, 1)
    threading.Timer(0.1, consumer.ack, (first,)).start()
    began = time.monotonic()
    take(consumer, 1)
    assert 0.08 < time.monotonic() - began < 0.5


def test_a_server_that_is_away_costs_a_wait_and_no_consumer() -> None:
    broker = cast("Any", VedetteBroker("redis://127.0.0.1:1", []))
    consumer = broker.consume(QUEUE, prefetch=1, timeout=50)
    assert next(consumer) is None
    assert next(consumer) is None
    broker.close()


def test_after_an_outage_it_takes_back_what_no_thread_works_on_and_in_order(broker: Any, redis_url: str) -> None:
    push(broker.client, "d1", "d2", "d3")
    consumer = broker.consume(QUEUE, prefetch=3, timeout=50)
    (first,) = take(consumer, 1)
    commands = broker.commands
    away = cast("Any", Redis).from_url("redis://127.0.0.1:1")
    consumer._fetched.clear()  # the answer to its fetch was lost
    consumer._queues = type(commands)(away, commands.worker)
    assert next(consumer) is None
    consumer._queues = commands
    assert [one.args[0] for one in take(consumer, 2)] == ["d2", "d3"]
    consumer.ack(first)
    assert broker._acknowledging[QUEUE].flush(5)
    assert broker.client.hlen(messages_key(QUEUE)) == 2


def test_a_stalled_acknowledgement_is_repeated_until_it_is_answered(broker: Any, until: Callable[..., Any]) -> None:
    push(broker.client, "d1")
    consumer = broker.consume(QUEUE, prefetch=1, timeout=50)
    (message,) = take(consumer, 1)
    commands = broker.commands
    broker.commands = type(commands)(cast("Any", Redis).from_url("redis://127.0.0.1:1"), commands.worker)
    consumer.ack(message)
    assert not broker._acknowledging[QUEUE].flush(0.2)
    broker.commands = commands
    assert broker._acknowledging[QUEUE].flush(5)
    assert broker.client.hlen(messages_key(QUEUE)) == 0


def test_what_cannot_be_read_is_kept_apart(broker: Any) -> None:
    broker.client.hset(messages_key(QUEUE), "bad", b"not json")
    broker.client.rpush(queue_key(QUEUE), "bad")
    consumer = broker.consume(QUEUE, prefetch=1, timeout=50)
    assert next(consumer) is None
    assert broker.client.hget(f"{queue_key(QUEUE)}.XQ.msgs", "bad") == b"not json"
    assert waiting(broker.client) == []


@pytest.mark.parametrize("count", [1, 3])
def test_a_worker_gives_back_what_it_holds_to_the_head_and_in_order(broker: Any, count: int) -> None:
    names = [f"d{number}" for number in range(5)]
    push(broker.client, *names)
    consumer = broker.consume(QUEUE, prefetch=4, timeout=50)
    take(consumer, count)
    broker.declare_queue(QUEUE)
    broker.requeue_in_flight()
    assert waiting(broker.client) == names


def test_an_acknowledgement_that_comes_after_the_message_went_to_another_changes_nothing(broker: Any) -> None:
    push(broker.client, "d1")
    consumer = broker.consume(QUEUE, prefetch=1, timeout=50)
    (message,) = take(consumer, 1)
    broker.declare_queue(QUEUE)
    broker.requeue_in_flight()
    consumer.ack(message)
    assert broker._acknowledging[QUEUE].flush(5)
    assert waiting(broker.client) == ["d1"]
    assert broker.client.hexists(messages_key(QUEUE), "d1")
