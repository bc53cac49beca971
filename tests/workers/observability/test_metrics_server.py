import json
import logging
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import redis
from dramatiq.asyncio import set_event_loop_thread

from tests.ports import free_port
from vedette.store.server.keys import QUEUES, queue_key
from workers.broker.event_loop import LoopThread
from workers.observability.metrics_server import LONGEST_SILENCE, MetricsServer
from workers.observability.worker_metrics import RedisMetricsCollector


def fetch(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, ""
    except urllib.error.URLError:
        return 0, ""


def test_workers_show_their_figures_and_health(site: Any, until: Callable[..., Any]) -> None:
    site.plugin("""
@on("error.created", retries=1)
async def handler(ctx: Context) -> None:
    if ctx.delivery == os.environ["DEAD"]:
        raise ValueError("x")
""")
    made = [site.accept(f"issue:{number}") for number in range(3)]
    port = free_port()
    site.variables |= {"DEAD": made[0], "VEDETTE_WORKER__METRICS_PORT": str(port)}
    site.start("--processes", "2")
    until(lambda: site.states("handler") == {"done": 2, "dead": 1})
    until(lambda: fetch(port, "/health")[0] == 200)
    until(lambda: "vedette_workers 2.0" in fetch(port, "/metrics")[1])
    text = fetch(port, "/metrics")[1]
    for line in (
        'vedette_runs_total{state="dead"} 1.0',
        'vedette_runs_total{state="done"} 2.0',
        "vedette_dead_runs 1.0",
        "vedette_schedule_depth 0.0",
        'vedette_queue_depth{queue="run"} 0.0',
        'vedette_queue_age_seconds{queue="fan_out"} 0.0',
        "vedette_run_start_seconds_count 3.0",
        'vedette_run_end_seconds_bucket{le="+Inf"} 3.0',
    ):
        assert line in text
    assert fetch(port, "/other")[0] == 404


def test_a_worker_that_no_longer_looks_for_messages_is_not_healthy(
    broker: Any, start_worker: Callable[..., Any]
) -> None:
    endpoint = MetricsServer(0, RedisMetricsCollector(broker.client), broker.silence)
    broker.declare_queue("fan_out")
    start_worker(broker)
    assert endpoint.answer("/health")[0] == 200
    (consumer,) = broker._worker.consumption._consumers.values()
    consumer.looked -= LONGEST_SILENCE
    assert endpoint.answer("/health")[0] == 503


def test_the_age_of_a_queue_is_that_of_its_next_message(broker: Any) -> None:
    broker.client.sadd(QUEUES, "standard")
    sent = round((time.time() - 60) * 1000)
    broker.do_enqueue("standard", "m1", b'{"message_timestamp": %d}' % sent)
    assert broker.client.llen(queue_key("standard")) == 1
    lines = RedisMetricsCollector(broker.client).text().decode().splitlines()
    age = next(line for line in lines if line.startswith("vedette_queue_age"))
    assert 59 < float(age.split()[1]) < 70


def test_a_worker_whose_event_loop_has_ended_is_not_healthy(redis_url: str) -> None:
    endpoint = MetricsServer(0, RedisMetricsCollector(redis.Redis.from_url(redis_url)), lambda: 0.0)  # pyright: ignore[reportUnknownMemberType]  # untyped in the library
    assert endpoint.answer("/health")[0] == 200
    thread = LoopThread(logging.getLogger())
    thread.start(timeout=5.0)
    set_event_loop_thread(thread)
    try:
        assert endpoint.answer("/health")[0] == 200
        thread.stop()
        thread.join()
        assert endpoint.answer("/health") == (503, b"the event loop has ended\n")
    finally:
        set_event_loop_thread(None)


def test_refused_tokens_their_waiters_and_open_alarms_are_shown(redis_url: str) -> None:
    client: Any = redis.Redis.from_url(redis_url)  # pyright: ignore[reportUnknownMemberType]  # untyped in the library
    state = {"since": 1, "seen": 1, "probe_at": 1}
    client.hset("{vedette}:refused_tokens", "default f1", json.dumps(state))
    client.hset("{vedette}:refused_tokens", "other f1", json.dumps({**state, "replaced": True}))
    client.zadd("{vedette}:token_waiters:default", {"d1:triage": 0, "d2:triage": 0})
    alarm = {"kind": "token", "subject": "default", "sentence": "x", "command": "vedette status", "since": 1}
    client.hset("{vedette}:alarms", "token default", json.dumps(alarm))
    lines = RedisMetricsCollector(client, ["default", "other"]).text().decode().splitlines()
    for line in (
        'vedette_token_refused{integration="default"} 1.0',
        'vedette_token_refused{integration="other"} 0.0',
        'vedette_token_waiters{integration="default"} 2.0',
        'vedette_alarms{kind="token"} 1.0',
    ):
        assert line in lines
    client.close()
