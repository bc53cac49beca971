"""Implements `ctx.later(...)` in a worker: a deferred run is stored in Redis before the handler continues."""

import asyncio
import concurrent.futures
from collections.abc import Awaitable

from vedette.authoring.deferral import AwaitableName, Reminder
from vedette.plugins.author_scope import outside_scope
from vedette.store.runs.run import run_name
from vedette.store.server.retrying import retry_until_available
from workers.runtime import InFlightRun, Runtime

_LOOK_UP = 0.5
"""Seconds after which a waiting thread can be cut off."""


class LostAttemptError(Exception):
    """The attempt that defers a run belongs to another worker by now."""

    def __init__(self, attempt: InFlightRun) -> None:
        self.attempt = attempt
        super().__init__(f"this attempt of {attempt.handler} has been superseded by a newer one: it cannot defer runs")


class RunDeferrer:
    """Defers runs on behalf of one attempt."""

    def __init__(self, runtime: Runtime, attempt: InFlightRun, handler: str, *, is_async: bool) -> None:
        self._runtime = runtime
        self._attempt = attempt
        self._handler = handler
        self._is_async = is_async
        self._loop = asyncio.get_running_loop()
        self._asked: list[asyncio.Future[str]] = []

    def __call__(self, after: float, reminder: Reminder) -> Awaitable[str]:
        """Ask Redis; in a plain handler's thread, wait for the answer."""
        asking = self._ask(after, reminder)
        if self._is_async:
            # Its own context: it is kept whatever becomes of the handler.
            self._asked.append(asyncio.get_running_loop().create_task(asking, context=outside_scope()))
            return self._asked[-1]
        future = asyncio.run_coroutine_threadsafe(asking, self._loop)
        while not concurrent.futures.wait([future], _LOOK_UP).done:
            continue
        return AwaitableName(future.result())

    async def finish(self) -> None:
        """Wait for what the handler asked and did not await."""
        await asyncio.gather(*self._asked)

    async def _ask(self, after: float, reminder: Reminder) -> str:
        attempt = self._attempt
        is_ours = await retry_until_available(
            lambda: self._runtime.runs.defer(
                attempt.delivery,
                attempt.handler,
                attempt.attempt_token,
                name=reminder.name,
                data=reminder.data_as_json(),
                wait=after,
            )
        )
        if not is_ours:
            raise LostAttemptError(attempt)
        return f"{attempt.delivery}:{run_name(self._handler, reminder.name)}"
