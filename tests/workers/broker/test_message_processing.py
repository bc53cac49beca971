"""One message at a time, with real actors and middleware of dramatiq."""

import asyncio
import threading
from typing import Any, cast

import dramatiq
import pytest
from dramatiq.broker import MessageProxy
from dramatiq.middleware import Middleware, SkipMessage
from dramatiq.middleware.time_limit import TimeLimitExceeded

from workers.broker.message_processing import MessageProcessor

QUEUE = "standard"


class Signals(Middleware):
    """Notes the signals and the threads in which they come."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str]] = []
        self.threads: set[int] = set()
        self.skips = False

    def before_process_message(self, broker: Any, message: Any) -> None:
        del broker, message
        self._note("before", "")
        if self.skips:
            raise SkipMessage

    def after_process_message(
        self, broker: Any, message: Any, *, result: Any = None, exception: BaseException | None = None
    ) -> None:
        del broker, message, result
        self._note("after", "" if exception is None else type(exception).__name__)

    def after_skip_message(self, broker: Any, message: Any) -> None:
        del broker, message
        self._note("skipped", "")

    def _note(self, signal: str, what: str) -> None:
        self.seen.append((signal, what))
        self.threads.add(threading.get_ident())


@pytest.fixture
def signals(broker: Any) -> Signals:
    made = Signals()
    broker.add_middleware(made)
    return made


def message_of(broker: Any, function: Any, **options: Any) -> MessageProxy:
    actor = cast("Any", dramatiq.actor)(function, broker=broker, actor_name="work", queue_name=QUEUE, **options)
    return MessageProxy(actor.message())


async def test_an_asynchronous_actor_runs_on_the_loop_with_its_signals(broker: Any, signals: Signals) -> None:
    async def work() -> None:
        signals.seen.append(("run", ""))

    message = message_of(broker, work)
    await MessageProcessor(broker).process(message)
    assert signals.seen == [("before", ""), ("run", ""), ("after", "")]
    assert signals.threads == {threading.get_ident()}
    assert not message.failed


async def test_a_plain_actor_has_a_thread_of_its_own(broker: Any, signals: Signals) -> None:
    threads: list[int] = []
    await MessageProcessor(broker).process(message_of(broker, lambda: threads.append(threading.get_ident())))
    assert threads != [threading.get_ident()]
    assert signals.threads == set(threads)


async def test_after_a_failure_middleware_may_wait_without_holding_up_the_loop(broker: Any, signals: Signals) -> None:
    async def work() -> None:
        raise ValueError("no")

    await MessageProcessor(broker).process(message_of(broker, work, max_retries=0))
    assert signals.seen == [("before", ""), ("after", "ValueError")]
    assert len(signals.threads) == 2


@pytest.mark.parametrize("is_async", [True, False])
async def test_a_message_may_be_skipped(broker: Any, signals: Signals, is_async: bool) -> None:
    async def work() -> None:
        raise AssertionError

    def plain() -> None:
        raise AssertionError

    signals.skips = True
    await MessageProcessor(broker).process(message_of(broker, work if is_async else plain))
    assert signals.seen == [("before", ""), ("skipped", "")]


async def test_an_asynchronous_actor_is_cancelled_at_its_time_limit(broker: Any, signals: Signals) -> None:
    ends: list[str] = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            ends.append("cancelled")
            raise

    await MessageProcessor(broker).process(message_of(broker, work, time_limit=50, max_retries=0))
    assert ends == ["cancelled"]
    assert signals.seen[-1] == ("after", TimeLimitExceeded.__name__)


async def test_a_timeout_of_the_actor_s_own_is_not_its_limit(broker: Any, signals: Signals) -> None:
    async def work() -> None:
        raise TimeoutError

    await MessageProcessor(broker).process(message_of(broker, work, time_limit=60_000, max_retries=0))
    assert signals.seen[-1] == ("after", "TimeoutError")


async def test_middleware_that_fails_does_not_stop_the_other(broker: Any, signals: Signals) -> None:
    class Failing(Middleware):
        def after_process_message(self, *_: Any, **__: Any) -> None:
            raise ValueError("middleware")

    async def work() -> None: ...

    broker.add_middleware(Failing())
    await MessageProcessor(broker).process(message_of(broker, work))
    assert signals.seen == [("before", ""), ("after", "")]
