"""A daemon thread passes on results and errors, and ends on cancellation only when it can be interrupted."""

import asyncio
import threading

import pytest

from vedette.plugins.daemon_thread import run_in_daemon_thread


async def test_a_result_is_returned() -> None:
    assert await run_in_daemon_thread(lambda: threading.current_thread().name, name="one of mine") == "one of mine"


@pytest.mark.parametrize("error", [ValueError("no"), SystemExit(3), KeyboardInterrupt()])
async def test_an_error_is_passed_on(error: BaseException) -> None:
    def fail() -> None:
        raise error

    with pytest.raises(type(error)):
        await run_in_daemon_thread(fail)


@pytest.mark.parametrize("is_interruptible", [False, True])
async def test_a_cancelled_call_interrupts_its_thread_where_it_can(is_interruptible: bool) -> None:
    started, gate = threading.Event(), threading.Event()
    interrupted: list[int] = []

    def wait() -> int:
        started.set()
        gate.wait(10)
        return threading.get_ident()

    def interrupt(thread: int) -> None:
        interrupted.append(thread)
        gate.set()

    task = asyncio.create_task(run_in_daemon_thread(wait, interrupt=interrupt if is_interruptible else None))
    await asyncio.to_thread(started.wait, 10)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (len(interrupted), gate.is_set()) == (int(is_interruptible), is_interruptible)
    gate.set()
