"""Where dramatiq's own Redis broker was seen to break, and ours must not; each number is one that was reproduced.

What is cheap runs against dramatiq's too, and is expected to break there: when an upgrade mends it, this file says so.
Elsewhere: 2 (a killed worker's messages, `test_housekeeping`; dramatiq's takes minutes), 4 (a message that kills its
process, `test_runs_in_processes`; dramatiq keeps no count), 7 (a server that evicts, `test_broker`), 8 (a far delay
before a near one, `test_housekeeping`; dramatiq's needs thousands of messages to show it) and 11 (no matter of the
broker: benchmarks install their peers apart).
"""

import signal
import time
from collections.abc import Callable, Iterator
from typing import Any, cast

import dramatiq
import pytest
import redis
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import Retries

from vedette.store.keys import QUEUE_NAMESPACE, queue_key
from workers.broker import VedetteBroker

BREAKS = pytest.param("dramatiq's", marks=pytest.mark.xfail(reason="dramatiq's broker breaks here", strict=True))
Make = Callable[..., Any]


@pytest.fixture
def make() -> Iterator[Make]:
    """Makes a broker: ours or dramatiq's."""
    made: list[Any] = []

    def make(kind: str, url: str, timeout: float = 1.0) -> Any:
        if kind == "ours":
            made.append(VedetteBroker(url, [], timeout=timeout))
        else:
            client = cast("Any", redis.Redis).from_url(url, socket_timeout=timeout)
            stock = cast("Any", RedisBroker)
            retries = Retries(max_retries=10, min_backoff=100, max_backoff=200)
            made.append(stock(client=client, namespace=QUEUE_NAMESPACE, middleware=[retries]))
        return made[-1]

    yield make
    for broker in made:
        broker.close()


def declare(broker: Any, function: Any) -> Any:
    make_actor = cast("Any", dramatiq.actor)
    return make_actor(function, broker=broker, actor_name="work", queue_name="standard", min_backoff=100)


@pytest.mark.parametrize("kind", ["ours", BREAKS])
def test_1_a_retry_while_redis_is_away_is_not_lost(
    kind: str, server: Any, make: Make, start_worker: Callable[..., Any], until: Callable[..., Any]
) -> None:
    attempts: list[int] = []

    def work() -> None:
        attempts.append(1)
        if len(attempts) == 1:
            server.kill()
            raise ValueError("while Redis is away")

    broker = make(kind, server.url)
    actor = declare(broker, work)
    actor.send()
    start_worker(broker)
    until(lambda: attempts)
    time.sleep(0.5)
    server.start()
    until(lambda: len(attempts) > 1, 9)


@pytest.mark.parametrize("kind", ["ours", BREAKS])
def test_3_delayed_messages_outlive_a_restart_of_redis(
    kind: str, server: Any, make: Make, start_worker: Callable[..., Any], until: Callable[..., Any]
) -> None:
    seen: list[int] = []
    broker = make(kind, server.url)
    actor = declare(broker, seen.append)
    start_worker(broker)
    for number in range(5):
        actor.send_with_options(args=(number,), delay=1500)
    time.sleep(0.7)
    server.kill()
    time.sleep(1.5)
    server.start()
    until(lambda: len(seen) == 5, 6)


@pytest.mark.parametrize("kind", ["ours", BREAKS])
def test_5_a_server_that_answers_too_late_leaks_no_message(
    kind: str, server: Any, make: Make, start_worker: Callable[..., Any], until: Callable[..., Any]
) -> None:
    broker = make(kind, server.url, 0.3)
    began: list[int] = []

    def work() -> None:
        began.append(1)
        server.process.send_signal(signal.SIGSTOP)

    actor = declare(broker, work)
    actor.send()
    start_worker(broker)
    until(lambda: began)
    time.sleep(0.8)
    server.process.send_signal(signal.SIGCONT)
    until(lambda: broker.do_qsize("standard") == 0, 4)


@pytest.mark.parametrize("kind", ["ours", BREAKS])
def test_6_a_message_that_was_stored_although_its_sender_gave_up_is_not_stored_twice(
    kind: str, redis_url: str, make: Make
) -> None:
    broker = make(kind, redis_url)
    for _ in range(2):
        broker.do_enqueue("standard", "m1", b"{}")
    assert broker.client.llen(queue_key("standard")) == 1


@pytest.mark.parametrize("kind", ["ours", BREAKS])
def test_9_what_a_worker_gives_back_goes_to_the_head(
    kind: str, redis_url: str, make: Make, start_worker: Callable[..., Any], until: Callable[..., Any]
) -> None:
    broker = make(kind, redis_url)

    def work(_number: int) -> None:
        time.sleep(0.3)

    actor = declare(broker, work)
    sent = [actor.send(number).options["redis_message_id"] for number in range(10)]
    worker = start_worker(broker, threads=1)
    until(lambda: broker.client.llen(queue_key("standard")) < 9)
    worker.stop(2000)
    left = [one.decode() for one in broker.client.lrange(queue_key("standard"), 0, -1)]
    assert 0 < len(left) < 10
    assert left == sent[-len(left) :]


@pytest.mark.parametrize("kind", ["ours", BREAKS])
def test_10_no_command_looks_through_all_keys_and_a_producer_gives_no_sign_of_life(
    kind: str, redis_url: str, make: Make, start_worker: Callable[..., Any], until: Callable[..., Any]
) -> None:
    broker = make(kind, redis_url)
    broker.maintenance_chance = 1_000_000
    broker.heartbeat_timeout = 0
    seen: list[int] = []
    actor = declare(broker, seen.append)
    broker.client.config_resetstat()
    actor.send(1)
    assert broker.client.info("commandstats").get("cmdstat_zadd") is None
    start_worker(broker)
    until(lambda: seen)
    time.sleep(0.2)
    assert "cmdstat_keys" not in broker.client.info("commandstats")
