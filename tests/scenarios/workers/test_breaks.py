"""Where dramatiq's own Redis broker was seen to break, and ours must not; each number is a reproduced failure.

All but the last run against dramatiq's, and are expected to break there: when an upgrade fixes it, this file says so.
Where ours has a test of its own elsewhere, it is named. 11 (peers that pin the client library to an old version) is no
matter of the broker and has no test: benchmarks install their peers apart.
"""

import gc
import signal
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import dramatiq
import pytest
import redis
import redis.exceptions
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import Retries

from vedette.store.server.keys import QUEUE_NAMESPACE, queue_key
from workers.broker.broker import VedetteBroker

BREAKS = pytest.param("dramatiq's", marks=pytest.mark.xfail(reason="dramatiq's broker breaks here", strict=True))
BREAKS_ALONE = pytest.mark.xfail(reason="dramatiq's broker breaks here", strict=True)
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
    # Connections that dramatiq's has lost sight of are no failure of whichever test comes next.
    made.clear()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


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


HOLDING = """
import os, time, dramatiq, redis
from dramatiq.brokers.redis import RedisBroker
broker = RedisBroker(client=redis.Redis.from_url({url!r}), namespace={namespace!r}, maintenance_chance=1_000_000)
def work():
    with open({notes!r}, "a") as notes:
        notes.write("begun\\n")
    {does}
dramatiq.actor(work, broker=broker, actor_name="work", queue_name="standard")
dramatiq.Worker(broker, worker_timeout=50, worker_threads=1).start()
time.sleep(60)
"""
STOCK_SIGNS = f"{QUEUE_NAMESPACE}:__heartbeats__"


def silent_for(client: Any, seconds: float) -> None:
    """Let the dead worker's last sign be older than it is, rather than wait."""
    for worker in client.zrange(STOCK_SIGNS, 0, -1):
        client.zincrby(STOCK_SIGNS, -1000 * seconds, worker)


@BREAKS_ALONE
def test_2_what_a_killed_worker_held_goes_on_within_15_seconds(
    redis_url: str,
    make: Make,
    python: Callable[[str], Any],
    start_worker: Callable[..., Any],
    until: Callable[..., Any],
    tmp_path: Path,
) -> None:
    """Ours: `test_housekeeping.test_what_a_killed_worker_held_goes_on_within_15_seconds_and_in_order`."""
    seen: list[int] = []
    broker = make("dramatiq's", redis_url)
    declare(broker, lambda: seen.append(1)).send()
    notes = tmp_path / "notes"
    process = python(HOLDING.format(url=redis_url, namespace=QUEUE_NAMESPACE, notes=str(notes), does="time.sleep(60)"))
    until(notes.exists)
    process.kill()
    process.wait()
    silent_for(broker.client, 15)
    # Every command looks for the dead here, where otherwise one in a thousand does: what is left is the minute.
    broker.maintenance_chance = 1_000_000
    start_worker(broker)
    until(lambda: seen, 3)


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


@BREAKS_ALONE
def test_4_a_message_that_kills_its_process_is_begun_three_times_at_most(
    redis_url: str, make: Make, python: Callable[[str], Any], tmp_path: Path
) -> None:
    """Ours: `test_runs_in_processes.test_a_handler_that_exits_its_process_is_quarantined_and_the_others_go_on`."""
    broker = make("dramatiq's", redis_url)
    declare(broker, lambda: None).send()
    notes = tmp_path / "notes"
    program = HOLDING.format(url=redis_url, namespace=QUEUE_NAMESPACE, notes=str(notes), does="os._exit(1)")
    for _ in range(4):
        python(program).wait(20)
        silent_for(broker.client, 61)
    assert len(notes.read_text().splitlines()) <= 3


@pytest.mark.parametrize("kind", ["ours", BREAKS])
def test_5_a_server_that_answers_too_late_leaks_no_message(
    kind: str, server: Any, make: Make, start_worker: Callable[..., Any], until: Callable[..., Any]
) -> None:
    broker = make(kind, server.url, 0.3)
    began: list[int] = []

    def work() -> None:
        began.append(1)
        server.process.send_signal(signal.SIGSTOP)
        # One that lies idle would take the acknowledgement along for the server to find when it goes on: chance.
        broker.client.connection_pool.disconnect(inuse_connections=False)

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


@BREAKS_ALONE
def test_7_what_a_server_that_evicts_has_acknowledged_is_there(server: Any, make: Make) -> None:
    """Ours does not start on such a server: `test_broker.test_a_worker_refuses_a_server_that_evicts`."""
    broker = make("dramatiq's", server.url)
    broker.client.config_set("maxmemory-policy", "allkeys-lru")
    broker.client.config_set("maxmemory", broker.client.info("memory")["used_memory"] + 4 * 1024 * 1024)
    acknowledged = 0
    for number in range(400):
        with suppress(redis.exceptions.OutOfMemoryError):
            broker.do_enqueue("standard", f"m{number}", b"x" * 32_768)
            acknowledged += 1
    assert acknowledged > 100
    assert broker.do_qsize("standard") == acknowledged


@pytest.mark.parametrize("kind", ["ours", BREAKS])
def test_8_a_near_delay_does_not_wait_for_many_far_ones(
    kind: str, redis_url: str, make: Make, start_worker: Callable[..., Any], until: Callable[..., Any]
) -> None:
    seen: list[int] = []
    broker = make(kind, redis_url)
    actor = declare(broker, seen.append)
    # dramatiq's takes a thousand for each thread into memory, and then sees no other.
    for number in range(1000):
        actor.send_with_options(args=(number,), delay=60_000)
    actor.send_with_options(args=(1000,), delay=200)
    start_worker(broker, threads=1)
    until(lambda: seen == [1000], 3)


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
