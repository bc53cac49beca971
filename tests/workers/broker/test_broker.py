import inspect
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any, cast

import dramatiq
import pytest
import redis
from dramatiq.broker import Consumer
from dramatiq.brokers.redis import RedisBroker

from vedette.store.server.keys import queue_key
from workers.broker.broker import VedetteBroker
from workers.broker.maintenance import BEAT, SILENCE


def declare(broker: Any) -> None:
    def noop(_number: int) -> None: ...

    cast("Any", dramatiq.actor)(noop, broker=broker, actor_name="noop", queue_name="standard")


def test_its_keys_share_one_hash_tag(broker: Any) -> None:
    assert issubclass(VedetteBroker, RedisBroker)
    declare(broker)
    broker.actors["noop"].send(1)
    broker.actors["noop"].send_with_options(args=(2,), delay=60_000)
    broker.commands.heartbeat(["standard"], timeout=1000, recover=True)
    assert {key.decode().partition("}")[0] for key in broker.client.keys("*")} == {"{vedette"}


def test_a_dead_worker_is_missed_within_seconds() -> None:
    assert SILENCE + BEAT <= 10


def test_what_is_used_of_dramatiq_is_there() -> None:
    """On an upgrade, look at what changed in these: `Broker`, `Consumer` and `RedisBroker.enqueue`."""
    assert dramatiq.__version__.startswith("2.2.")
    assert {"ack", "nack", "requeue", "close", "__next__"} <= set(dir(Consumer))
    source = inspect.getsource(RedisBroker)
    for call in ('self.do_enqueue(queue_name, message.options["redis_message_id"], message.encode())',):
        assert call in source
    for call in ("self.do_purge(name)", "self.do_qsize(queue_name)"):
        assert call in source
    worker = inspect.getsource(dramatiq.worker)
    assert 'self.broker.emit_before("worker_boot", self)' in worker
    assert 'self.broker.emit_after("worker_shutdown", self)' in worker


@pytest.mark.alone
def test_a_standard_actor_runs_is_delayed_and_is_tried_again(
    broker: Any, start_worker: Callable[..., Any], until: Callable[..., Any]
) -> None:
    seen: list[tuple[int, float]] = []

    def work(number: int) -> None:
        seen.append((number, time.monotonic()))
        if number == 2 and len([one for one, _ in seen if one == 2]) < 2:
            raise dramatiq.Retry(delay=50)

    actor: Any = cast("Any", dramatiq.actor)(work, broker=broker, actor_name="work", queue_name="standard")
    start_worker(broker)
    began = time.monotonic()
    actor.send_with_options(args=(1,), delay=300)
    actor.send(2)
    until(lambda: len(seen) == 3)
    assert [number for number, _ in seen] == [2, 2, 1]
    assert 0.3 <= seen[-1][1] - began < 0.6
    broker.join("standard", timeout=5000)


def test_queueing_twice_under_one_id_queues_once(broker: Any) -> None:
    for _ in range(2):
        broker.do_enqueue("standard", "m1", b"{}")
    assert broker.client.llen(queue_key("standard")) == 1
    assert broker.do_qsize("standard") == 1
    broker.flush("standard")
    assert broker.do_qsize("standard") == 0


def test_importing_the_room_makes_no_broker_and_reads_no_settings() -> None:
    program = "import dramatiq, workers, workers.broker.broker, dramatiq.broker as b; print(b.global_broker)"
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={"VEDETTE_PORT": "not a port"},
    )
    assert done.stdout.strip() == "None"


def test_dramatiq_started_without_settings_says_which_are_missing(tmp_path: Any) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "dramatiq", "workers", "--processes", "1"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={},
        timeout=30,
    )
    assert done.returncode == 2
    for variable in ("VEDETTE_CLIENT_SECRET", "VEDETTE_TOKEN", "VEDETTE_ORGANIZATION"):
        assert variable in done.stderr


def test_a_worker_refuses_a_server_that_evicts(redis_url: str, tmp_path: Any) -> None:
    with cast("Any", redis.Redis).from_url(redis_url) as client:
        client.config_set("maxmemory-policy", "allkeys-lru")
        try:
            done = subprocess.run(
                [sys.executable, "-m", "dramatiq", "workers", "--processes", "1"],
                capture_output=True,
                text=True,
                check=False,
                cwd=tmp_path,
                env={
                    "VEDETTE_REDIS_URL": redis_url,
                    "VEDETTE_CLIENT_SECRET": "s" * 32,
                    "VEDETTE_TOKEN": "sntryi_" + "a" * 64,
                    "VEDETTE_ORGANIZATION": "acme",
                },
                timeout=30,
            )
        finally:
            client.config_set("maxmemory-policy", "noeviction")
    assert done.returncode == 2
    assert "maxmemory-policy noeviction" in done.stderr
