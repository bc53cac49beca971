"""Running a handler that is a plain function: in a thread of its own, so that cutting it off can hit nobody else."""

import asyncio
import contextvars
import threading
from collections.abc import Callable
from typing import Any, cast

from dramatiq import threading as dramatiq_threading
from dramatiq.threading import Interrupt


class ThreadInterrupt(Interrupt):
    """Raised inside the thread of a plain handler that took too long."""


async def run_in_thread(function: Callable[[], Any]) -> None:
    """Run `function` in a new thread; cancelling raises `ThreadInterrupt` inside it, at its next line of Python."""
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[BaseException | None] = loop.create_future()
    context = contextvars.copy_context()

    def tell(error: BaseException | None) -> None:
        if not ended.done():
            ended.set_result(error)

    def work() -> None:
        error: BaseException | None = None
        try:
            context.run(function)
        except BaseException as raised:  # noqa: BLE001 - carried over to who waits, whatever it is
            error = raised
        loop.call_soon_threadsafe(tell, error)

    thread = threading.Thread(target=work, name="handler", daemon=True)
    thread.start()
    try:
        error = await asyncio.shield(ended)
    except asyncio.CancelledError:
        if thread.ident is not None and thread.is_alive():
            cast("Any", dramatiq_threading).raise_thread_exception(thread.ident, ThreadInterrupt)
            await ended
        raise
    if error is not None:
        raise error
