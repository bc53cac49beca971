"""dramatiq's worker on our broker: tasks in the place of its threads."""

import threading
from collections.abc import Callable
from typing import Any, cast

import dramatiq
from dramatiq.worker import ConsumerThread, WorkerThread

from vedette.store.server.keys import queue_key

Until = Callable[..., Any]
Start = Callable[..., Any]


def declare(broker: Any, function: Any, queue: str = "standard") -> Any:
    return cast("Any", dramatiq.actor)(function, broker=broker, actor_name=f"on_{queue}", queue_name=queue)


def test_a_worker_starts_no_thread_for_messages(broker: Any, start_worker: Start, until: Until) -> None:
    seen: list[int] = []
    actor = declare(broker, seen.append)
    start_worker(broker, threads=64)
    actor.send(1)
    until(lambda: seen == [1])
    assert not [one for one in threading.enumerate() if isinstance(one, WorkerThread | ConsumerThread)]


def test_a_queue_that_is_declared_later_is_consumed(broker: Any, start_worker: Start, until: Until) -> None:
    seen: list[int] = []
    start_worker(broker)
    declare(broker, seen.append, "later").send(1)
    until(lambda: seen == [1])


def test_a_worker_consumes_only_the_queues_that_it_is_told(broker: Any, until: Until) -> None:
    seen: list[int] = []
    one, other = declare(broker, seen.append, "one"), declare(broker, seen.append, "other")
    worker = dramatiq.Worker(broker, queues={"one"}, worker_threads=2)
    worker.start()
    try:
        other.send(2)
        one.send(1)
        until(lambda: seen == [1])
        assert broker.client.llen(queue_key("other")) == 1
    finally:
        worker.stop(2000)


def test_a_paused_worker_takes_nothing_until_it_is_resumed(broker: Any, start_worker: Start, until: Until) -> None:
    seen: list[int] = []
    actor = declare(broker, seen.append)
    worker = start_worker(broker)
    actor.send(1)
    until(lambda: seen == [1])
    worker.pause()
    broker._worker.consumption.join(60)
    actor.send(2)
    assert broker.client.llen(queue_key("standard")) == 1
    worker.resume()
    until(lambda: seen == [1, 2])


def test_the_end_of_a_worker_waits_for_what_is_in_progress(broker: Any, start_worker: Start, until: Until) -> None:
    begun, may_end, ended = threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        may_end.wait(60)
        ended.set()

    declare(broker, work).send()
    worker = start_worker(broker)
    until(begun.is_set)
    threading.Timer(0.2, may_end.set).start()
    worker.stop(60_000)
    assert ended.is_set()
    assert broker.do_qsize("standard") == 0
