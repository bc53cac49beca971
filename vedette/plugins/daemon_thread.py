"""Running a function in a thread that does not keep the process from ending, as those of asyncio's own pool do."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Generic, TypeVar

_Result = TypeVar("_Result")


class _Work(Generic[_Result]):
    """A function that is called in a thread, and who waits for it."""

    def __init__(self, function: Callable[[], _Result]) -> None:
        self.function = function
        self.results: list[_Result] = []
        self.loop = asyncio.get_running_loop()
        self.ended: asyncio.Future[BaseException | None] = self.loop.create_future()

    def do(self) -> None:
        error: BaseException | None = None
        try:
            self.results.append(self.function())
        except BaseException as raised:  # noqa: BLE001 - carried over to who waits, whatever it is
            error = raised
        # The loop may have ended meanwhile, and then nobody waits.
        with suppress(RuntimeError):
            self.loop.call_soon_threadsafe(self.tell, error)

    def tell(self, error: BaseException | None) -> None:
        if not self.ended.done():
            self.ended.set_result(error)


async def in_daemon_thread(function: Callable[[], _Result]) -> _Result:
    """Return what `function` returns; where this is cancelled, the thread is left to itself."""
    work = _Work(function)
    threading.Thread(target=work.do, name="provider", daemon=True).start()
    error = await work.ended
    if error is not None:
        raise error
    return work.results[0]
