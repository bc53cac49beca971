import signal
import time
from collections.abc import Callable
from typing import Any, cast

import dramatiq
import pytest

from tests.thread_queues import ThreadQueues
from vedette.store.server.keys import QUEUES, SCHEDULE, WORKERS, in_flight_key, queue_key
from workers.broker.broker import VedetteBroker
from workers.broker.maintenance import SILENCE
from workers.broker.queues import Queues

HOLDING = """
import time, dramatiq
from workers.broker.broker import VedetteBroker
broker = VedetteBroker({url!r}, [])
dramatiq.actor(lambda number: time.sleep(60), broker=broker, actor_name="work", queue_name="standard")
dramatiq.Worker(broker, worker_timeout=100, worker_threads=2).start()
time.sleep(60)
"""


@pytest.mark.alone
def test_what_a_killed_worker_held_goes_on_within_15_seconds_and_in_order(
    broker: Any,
    redis_url: str,
    python: Callable[[str], Any],
    start_worker: Callable[..., Any],
    until: Callable[..., Any],
) -> None:
    seen: list[int] = []
    actor: Any = cast("Any", dramatiq.actor)(seen.append, broker=broker, actor_name="work", queue_name="standard")
    for number in range(8):
        actor.send(number)
    process = python(HOLDING.format(url=redis_url))
    until(lambda: broker.client.llen(queue_key("standard")) == 6)
    process.send_signal(signal.SIGKILL)
    process.wait()
    killed = time.monotonic()
    # Those that nobody held go first; a worker that has just come looks for the dead a little later.
    start_worker(broker, threads=1)
    until(lambda: len(seen) == 8)
    assert time.monotonic() - killed < 15
    assert seen[6:] == [0, 1]
    until(lambda: broker.client.zcard(WORKERS) == 1)


def test_a_worker_that_gives_signs_keeps_what_it_holds(broker: Any) -> None:
    other = Queues(broker.client, "other")
    for worker in (broker.commands, other):
        worker.heartbeat(["standard"], timeout=5000, recover=False)
    broker.client.zadd(in_flight_key("standard", "other"), {"m": 1})
    assert broker.commands.heartbeat(["standard"], timeout=5000, recover=True) == {}
    assert broker.commands.heartbeat(["standard"], timeout=-1000, recover=True) == {"other": 0, broker.worker_id: 0}
    assert broker.client.smembers(QUEUES) == {b"standard"}


def test_what_a_worker_took_before_its_first_heartbeat_goes_back_when_it_is_dead(broker: Any) -> None:
    broker.commands.enqueue("standard", "m", b"{}")
    assert ThreadQueues(broker.client, "killed at once").fetch("standard", 1) == [("m", b"{}")]
    found = broker.commands.heartbeat(["standard"], timeout=-1000, recover=True)
    assert found["killed at once"] == 1
    assert broker.client.lrange(queue_key("standard"), 0, -1) == [b"m"]


def test_nobody_is_taken_for_dead_before_all_had_time_to_give_a_sign(broker: Any) -> None:
    broker.client.zadd(WORKERS, {"long gone": 1})
    maintenance = broker._maintenance
    for _ in range(3):
        maintenance._write_heartbeat(["standard"])
    assert broker.client.zscore(WORKERS, "long gone") is not None
    maintenance._contact = time.monotonic() - SILENCE
    maintenance._write_heartbeat(["standard"])
    assert broker.client.zscore(WORKERS, "long gone") is None


def test_one_worker_moves_what_is_due_in_order_and_leaves_the_rest(broker: Any) -> None:
    for number, delay in enumerate((30, 10, 20, 60_000)):
        broker.commands.delay("standard", f"m{number}", b"{}", delay)
    time.sleep(0.05)
    assert Queues(broker.client, "first").promote_due(lease=1000, most=2)[:2] == (True, 2)
    assert Queues(broker.client, "second").promote_due(lease=1000, most=2) == (False, 0, -1)
    elected, moved, until_next = Queues(broker.client, "first").promote_due(lease=1000, most=2)
    assert (elected, moved) == (True, 1)
    assert 50_000 < until_next <= 60_000
    assert broker.client.lrange(queue_key("standard"), 0, -1) == [b"m1", b"m2", b"m0"]
    assert broker.client.zcard(SCHEDULE) == 1


@pytest.mark.alone
def test_a_near_entry_does_not_wait_for_a_far_one(
    broker: Any, start_worker: Callable[..., Any], until: Callable[..., Any]
) -> None:
    seen: list[float] = []
    actor: Any = cast("Any", dramatiq.actor)(
        lambda: seen.append(time.monotonic()), broker=broker, actor_name="work", queue_name="standard"
    )
    actor.send_with_options(delay=60_000)
    start_worker(broker)
    time.sleep(0.2)
    for _ in range(5):
        began = time.monotonic()
        count = len(seen)
        actor.send_with_options(delay=100)
        until(lambda count=count: len(seen) > count)
        assert 0.1 <= seen[-1] - began < 0.3


def test_a_worker_that_ends_in_order_leaves_the_list_and_lets_another_move(broker: Any, redis_url: str) -> None:
    other = cast("Any", VedetteBroker(redis_url, []))
    worker = dramatiq.Worker(other, worker_timeout=50, worker_threads=1)
    worker.start()
    other.commands.heartbeat([], timeout=5000, recover=False)
    assert broker.client.zcard(WORKERS) == 1
    assert other.commands.promote_due(lease=60_000, most=1)[0]
    worker.stop(2000)
    assert broker.client.zcard(WORKERS) == 0
    assert broker.commands.promote_due(lease=1000, most=1)[0]
    other.close()
