"""Runs a function in a daemon thread, which unlike the threads of asyncio's pool does not keep the process alive."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Generic, TypeVar

_Result = TypeVar("_Result")


class _Job(Generic[_Result]):
    """A function that a thread calls, and the future of its end."""

    def __init__(self, function: Callable[[], _Result]) -> None:
        self.function = function
        self.results: list[_Result] = []
        self.loop = asyncio.get_running_loop()
        self.ended: asyncio.Future[BaseException | None] = self.loop.create_future()

    def run(self) -> None:
        error: BaseException | None = None
        try:
            self.results.append(self.function())
        except BaseException as raised:  # noqa: BLE001 - passed on to the caller, whatever it is
            error = raised
        # The loop may have ended meanwhile, and then no caller is left.
        with suppress(RuntimeError):
            self.loop.call_soon_threadsafe(self.finish, error)

    def finish(self, error: BaseException | None) -> None:
        if not self.ended.done():
            self.ended.set_result(error)


async def run_in_daemon_thread(
    function: Callable[[], _Result], *, name: str = "provider", interrupt: Callable[[int], None] | None = None
) -> _Result:
    """Return the result of a function that runs in a new thread.

    Args:
        function: Called without arguments, in an empty context.
        name: The thread's name.
        interrupt: Ends the thread, given its identifier, when this call is cancelled, which then waits for it. Without
            it the thread of a cancelled call continues on its own.
    """
    job = _Job(function)
    thread = threading.Thread(target=job.run, name=name, daemon=True)
    thread.start()
    try:
        error = await asyncio.shield(job.ended)
    except asyncio.CancelledError:
        if interrupt is not None and thread.ident is not None and thread.is_alive():
            interrupt(thread.ident)
            await job.ended
        raise
    if error is not None:
        raise error
    return job.results[0]
