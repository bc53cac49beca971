import threading
from typing import Any, cast

import pytest
import redis
from dramatiq.errors import ConnectionClosed

from vedette.store.keys import queue_key
from vedette.store.messages import fan_out_message
from workers.broker import VedetteBroker
from workers.consumer import BlockingConsumer


def push(client: Any, delivery: str) -> None:
    client.hset(f"{queue_key('fan_out')}.msgs", delivery, fan_out_message(delivery, 1))
    client.rpush(queue_key("fan_out"), delivery)


def test_a_message_that_comes_while_it_waits_ends_the_wait(redis_url: str) -> None:
    broker = cast("Any", VedetteBroker(redis_url, []))
    consumer = broker.consume("fan_out", prefetch=2, timeout=1000)
    assert isinstance(consumer, BlockingConsumer)
    threading.Timer(0.1, push, (broker.client, "d1")).start()
    found: Any = next(cast("Any", consumer)) or next(cast("Any", consumer))
    assert found.args == ("d1",)
    broker.close()


def test_peeking_leaves_order_and_number_of_messages_alone(redis_url: str) -> None:
    broker = cast("Any", VedetteBroker(redis_url, []))
    for number in range(5):
        push(broker.client, f"d{number}")
    consumer = broker.consume("fan_out", prefetch=1, timeout=50)
    seen: list[str] = []
    for _ in range(5):
        message = next(consumer)
        seen.append(message.args[0])
        consumer.ack(message)
    assert seen == ["d0", "d1", "d2", "d3", "d4"]
    assert next(consumer) is None
    assert broker.client.hlen(f"{queue_key('fan_out')}.msgs") == 0
    broker.close()


def test_a_server_that_is_away_is_a_closed_connection_as_dramatiq_expects() -> None:
    broker = cast("Any", VedetteBroker("redis://127.0.0.1:1", []))
    with pytest.raises(ConnectionClosed):
        next(broker.consume("fan_out", prefetch=1, timeout=50))
    broker.close()


def test_a_server_that_does_not_answer_is_one_too(redis_url: str) -> None:
    broker = cast("Any", VedetteBroker(redis_url, []))
    slow = cast("Any", redis.Redis).from_url(redis_url, socket_timeout=0.1)
    broker.client = slow
    with pytest.raises(ConnectionClosed):
        next(broker.consume("fan_out", prefetch=1, timeout=1000))
    slow.close()
