"""Follows what authors' code leaves behind: tasks that go on after its end, and coroutines that nobody awaited.

A context variable tells whose code runs. Tasks that it starts inherit it, are known to their scope, and cannot end the
event loop: asyncio passes SystemExit and KeyboardInterrupt of any task on to whoever runs the loop.
"""

import asyncio
import gc
import threading
import time
import warnings
from collections.abc import Awaitable, Callable, Coroutine, Generator
from contextlib import contextmanager, suppress
from contextvars import Context, ContextVar, copy_context
from typing import Any, cast

from vedette.api.calls import Answer, Call, Transport
from vedette.handling.author_errors import UnexpectedExitError, as_error, listed, text_of

_MOST_FORGOTTEN = 20
_SCOPE: ContextVar["AuthorScope | None"] = ContextVar("author_scope", default=None)
_HOOK = "_warn_unawaited_coroutine"
"""The name in `warnings` that the interpreter calls for a coroutine that was never awaited (Python 3.7 to 3.14)."""


class AuthorScope:
    """One run of authors' code."""

    def __init__(self) -> None:
        self.forgotten: list[str] = []
        """The names of functions whose coroutines were never awaited."""
        self._tasks: set[asyncio.Task[Any]] = set()
        self._calls: dict[object, tuple[Call, float]] = {}

    def context(self) -> Context:
        """Return a copy of the current context in which code belongs to this scope."""
        context = copy_context()
        context.run(_SCOPE.set, self)
        return context

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
        """Cancel the tasks that still run, and let them tidy up for `patience` seconds.

        Returns:
            A sentence that names them; empty where none was left.
        """
        left = self.cancel()
        if not left:
            return ""
        await asyncio.wait(left, timeout=patience)
        names = listed([text_of(task.get_name()) for task in left])
        told = "a task running, which was" if len(left) == 1 else f"{len(left)} tasks running, which were"
        return f"left {told} cancelled: {names} (await what a handler starts)"

    @contextmanager
    def calling(self, call: Call) -> Generator[None]:
        """Note a call to Sentry while it goes."""
        key = object()
        self._calls[key] = call, time.monotonic()
        try:
            yield
        finally:
            self._calls.pop(key, None)

    def longest_call(self) -> tuple[Call, float] | None:
        """Return the call to Sentry that has been under way longest, and for how many seconds; None without one."""
        if not self._calls:
            return None
        call, began = min(self._calls.values(), key=lambda one: one[1])
        return call, time.monotonic() - began


class NotedCalls:
    """A transport that lets the scope of whoever calls know that a call is under way."""

    def __init__(self, inner: Transport) -> None:
        self._inner = inner

    async def send(self, call: Call) -> Answer:
        """Answer the call as the inner transport does."""
        scope = _SCOPE.get()
        if scope is None:
            return await self._inner.send(call)
        with scope.calling(call):
            return await self._inner.send(call)


async def guarded(work: Callable[[], Awaitable[None]]) -> Exception | None:
    """Run authors' code and return what it raised, as an ordinary error; None where it raised nothing."""
    try:
        await work()
    except BaseException as raised:  # noqa: BLE001 - the boundary to the authors' code
        return as_error(raised)
    return None


def outside_scope() -> Context:
    """Return a copy of the current context in which code belongs to no scope: for what outlives the authors' code."""
    context = copy_context()
    context.run(_SCOPE.set, None)
    return context


def follow_tasks(loop: asyncio.AbstractEventLoop) -> None:
    """Let every task that authors' code starts on a loop be known to its scope."""
    loop.set_task_factory(cast("Any", _make_task))


@contextmanager
def coroutines_followed() -> Generator[None]:
    """Let coroutines that authors' code never awaits be known to its scope instead of being warned of."""
    before = getattr(warnings, _HOOK, None)
    collecting: set[int] = set()

    def on_collection(phase: str, _info: dict[str, int]) -> None:
        ident = threading.get_ident()
        if phase == "start":
            collecting.add(ident)
        else:
            collecting.discard(ident)

    def note(coroutine: Any) -> None:
        scope = _SCOPE.get()
        # The collector frees objects in whichever run it happens to start: nothing tells whose they were.
        if scope is None or threading.get_ident() in collecting:
            _warn(before, coroutine)
        elif len(scope.forgotten) < _MOST_FORGOTTEN:
            scope.forgotten.append(text_of(coroutine.__qualname__))

    gc.callbacks.append(on_collection)
    setattr(warnings, _HOOK, note)
    try:
        yield
    finally:
        setattr(warnings, _HOOK, before)
        with suppress(ValueError):
            gc.callbacks.remove(on_collection)


def _warn(before: Callable[[Any], None] | None, coroutine: Any) -> None:
    if before is not None:
        before(coroutine)


def _make_task(
    loop: asyncio.AbstractEventLoop, coroutine: Coroutine[Any, Any, Any], **options: Any
) -> asyncio.Task[Any]:
    context: Context | None = options.get("context")
    scope = _SCOPE.get() if context is None else context.get(_SCOPE)
    if scope is None:
        return asyncio.Task(coroutine, loop=loop, **options)
    task = asyncio.Task(_ContainedCoroutine(coroutine), loop=loop, **options)
    scope.add(task)
    return task


class _ContainedCoroutine(Coroutine[Any, Any, Any]):
    """A coroutine whose SystemExit and KeyboardInterrupt are errors like any other."""

    def __init__(self, inner: Coroutine[Any, Any, Any]) -> None:
        self._inner = inner

    def send(self, value: Any) -> Any:
        """Go on to the next point at which it waits."""
        try:
            return self._inner.send(value)
        except (SystemExit, KeyboardInterrupt) as raised:
            raise UnexpectedExitError(raised) from raised

    def throw(self, *error: Any) -> Any:
        """Raise an error where it waits, and go on to the next point at which it waits."""
        try:
            return self._inner.throw(*error)
        except (SystemExit, KeyboardInterrupt) as raised:
            raise UnexpectedExitError(raised) from raised

    def close(self) -> None:
        """End it."""
        self._inner.close()

    def __await__(self) -> Generator[Any, Any, Any]:
        return self._inner.__await__()

    def __getattr__(self, name: str) -> Any:
        # asyncio describes tasks by their coroutines' frames and code.
        return getattr(self._inner, name)
