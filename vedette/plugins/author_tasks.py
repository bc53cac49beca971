"""Makes the tasks of the event loop that authors' code shares with Vedette.

Tasks that authors' code starts are recorded in its scope, and cannot stop the loop: asyncio would raise SystemExit and
KeyboardInterrupt of any task from `run_forever`. Code of a scope, such as code that cancels all tasks of the loop,
cannot cancel tasks of other handlers or of Vedette.
"""

import asyncio
import inspect
from collections.abc import Coroutine, Generator
from contextvars import Context, copy_context
from typing import Any, TypeVar, cast

import structlog

from vedette.plugins.author_errors import UnexpectedExitError
from vedette.plugins.author_scope import SCOPE, AuthorScope

_Result = TypeVar("_Result")


def start_scope(scope: AuthorScope, work: Coroutine[Any, Any, _Result], name: str) -> asyncio.Task[_Result]:
    """Start the task that runs a scope's code, which only that code and Vedette can cancel.

    Args:
        scope: The scope.
        work: What raises neither SystemExit nor KeyboardInterrupt.
        name: What the task is called.
    """
    context = copy_context()
    context.run(SCOPE.set, scope)
    task = _OwnedTask(work, loop=asyncio.get_running_loop(), name=name, context=context)
    task.owner = scope
    return task


def track_tasks(loop: asyncio.AbstractEventLoop) -> None:
    """Let every task that authors' code starts on a loop be known to its scope."""
    loop.set_task_factory(cast("Any", _make_task))


def _make_task(
    loop: asyncio.AbstractEventLoop, coroutine: Coroutine[Any, Any, Any], **options: Any
) -> asyncio.Task[Any]:
    context: Context | None = options.get("context")
    scope = SCOPE.get() if context is None else context.get(SCOPE)
    if scope is None:
        own = _OwnedTask(coroutine, loop=loop, **options)
        own.owner = None
        return own
    task = asyncio.Task(_ContainedCoroutine(coroutine), loop=loop, **options)
    # asyncio closes an asynchronous generator that was not exhausted in a task of its own, which has no coroutine.
    if inspect.iscoroutine(coroutine):
        scope.add(task)
    return task


class _OwnedTask(asyncio.Task[Any]):
    """A task of Vedette's own, or one that runs the code of a scope."""

    __slots__ = ("owner",)
    owner: AuthorScope | None

    def cancel(self, msg: Any | None = None) -> bool:
        """Cancel the task, unless authors' code of another scope calls this."""
        scope = SCOPE.get()
        if scope is None or scope is self.owner:
            return super().cancel(msg)
        if not scope.has_told:
            scope.has_told = True
            structlog.get_logger().warning(
                "authors' code cancels tasks that are not its own; they go on", code=scope.name, task=self.get_name()
            )
        return False


class _ContainedCoroutine(Coroutine[Any, Any, Any]):
    """A coroutine that turns SystemExit and KeyboardInterrupt into ordinary errors."""

    def __init__(self, inner: Coroutine[Any, Any, Any]) -> None:
        self._inner = inner

    def send(self, value: Any) -> Any:
        """Run the coroutine up to its next suspension."""
        try:
            return self._inner.send(value)
        except (SystemExit, KeyboardInterrupt) as raised:
            raise UnexpectedExitError(raised) from raised

    def throw(self, *error: Any) -> Any:
        """Raise an error inside the coroutine, and run it up to its next suspension."""
        try:
            return self._inner.throw(*error)
        except (SystemExit, KeyboardInterrupt) as raised:
            raise UnexpectedExitError(raised) from raised

    def close(self) -> None:
        """Close the coroutine."""
        self._inner.close()

    def __await__(self) -> Generator[Any, Any, Any]:
        return self._inner.__await__()

    def __getattr__(self, name: str) -> Any:
        # asyncio describes tasks by their coroutines' frames and code.
        return getattr(self._inner, name)
