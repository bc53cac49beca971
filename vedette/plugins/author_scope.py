"""Tracks the authors' code of one run: its tasks, its calls to Sentry, and the coroutines that it never awaited.

A context variable identifies the code that runs; tasks that it starts inherit it.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from contextvars import Context, ContextVar, copy_context
from typing import Any

from vedette.api.call import Answer, Call, Transport
from vedette.plugins.author_errors import as_error, format_names, format_value

SCOPE: ContextVar["AuthorScope | None"] = ContextVar("author_scope", default=None)


class AuthorScope:
    """One run of authors' code, or one object that it provides."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.forgotten: list[str] = []
        """The names of coroutine functions that were called and never awaited."""
        self.warns = False
        """Return whether Python warns of such coroutines as usual, since the scope is no longer checked for them."""
        self.has_told = False
        """Return whether the log says already that it cancels tasks of others."""
        self._tasks: set[asyncio.Task[Any]] = set()
        self._calls: dict[object, tuple[Call, float]] = {}

    def add(self, task: asyncio.Task[Any]) -> None:
        """Note a task that the code started."""
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def cancel(self) -> list[asyncio.Task[Any]]:
        """Cancel the tasks that still run, and return them."""
        left = list(self._tasks)
        for task in left:
            task.cancel()
        return left

    async def end(self, patience: float) -> str:
        """Cancel the tasks that still run, and wait up to `patience` seconds for them to end.

        Returns:
            A sentence that names them; empty where none was left.
        """
        left = self.cancel()
        if not left:
            return ""
        await asyncio.wait(left, timeout=patience)
        names = format_names([format_value(task.get_name()) for task in left])
        told = "a task running, which was" if len(left) == 1 else f"{len(left)} tasks running, which were"
        return f"left {told} cancelled: {names} (await what a handler starts)"

    @contextmanager
    def calling(self, call: Call) -> Generator[None]:
        """Record a call to Sentry while it is pending."""
        key = object()
        self._calls[key] = call, time.monotonic()
        try:
            yield
        finally:
            self._calls.pop(key, None)

    def longest_call(self) -> tuple[Call, float] | None:
        """Return the oldest pending call to Sentry, and its age in seconds; None without one."""
        if not self._calls:
            return None
        call, began = min(self._calls.values(), key=lambda one: one[1])
        return call, time.monotonic() - began


class NotedCalls:
    """A transport that records pending calls in the scope of the calling code."""

    def __init__(self, inner: Transport) -> None:
        self._inner = inner

    async def send(self, call: Call) -> Answer:
        """Answer the call as the inner transport does."""
        scope = SCOPE.get()
        if scope is None:
            return await self._inner.send(call)
        with scope.calling(call):
            return await self._inner.send(call)


async def run_guarded(work: Callable[[], Awaitable[None]]) -> Exception | None:
    """Run authors' code and return its exception as an ordinary error; None without one."""
    try:
        await work()
    except BaseException as raised:  # noqa: BLE001 - the boundary to the authors' code
        return as_error(raised)
    return None


def outside_scope() -> Context:
    """Return a copy of the current context in which code belongs to no scope: for what outlives the authors' code."""
    context = copy_context()
    context.run(SCOPE.set, None)
    return context
