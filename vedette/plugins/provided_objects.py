"""Makes the objects of providers: each once per process, at its first use, and closes them in reverse order."""

import asyncio
import inspect
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from contextvars import Context
from functools import partial
from typing import Any

import structlog

from vedette.plugins.author_errors import ForgottenAwaitError, as_error, format_error_line, format_traceback
from vedette.plugins.author_scope import SCOPE, AuthorScope
from vedette.plugins.daemon_thread import run_in_daemon_thread
from vedette.plugins.handler import Handler
from vedette.plugins.handler_settings import PARAMETER
from vedette.plugins.providers import Provider

CLOSING = 2.0
"""Seconds that all objects together have for being closed."""


class ProvideError(Exception):
    """An object could not be made; its next use tries again."""

    def __init__(self, provider: str, cause: BaseException, limit: float) -> None:
        self.provider = provider
        if isinstance(cause, ProvideError):
            why = str(cause)
        elif isinstance(cause, TimeoutError) and not str(cause):
            why = f"it took longer than {limit:g} s"
        else:
            why = format_error_line(cause)
        super().__init__(f"the provider {provider} made nothing: {why}")


class _Kept:
    """One object, or the making of it."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self.made: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.ending = asyncio.Event()
        self.task: asyncio.Task[None] | None = None
        self.scope = AuthorScope(provider.name)
        self.is_cancelled = False
        """Return whether its task was cancelled here, and not by code of its author's."""

    def cancel(self) -> None:
        """End the making of it, or its closing."""
        self.is_cancelled = True
        if self.task is not None:
            self.task.cancel()


class ProvidedObjects:
    """The objects of one process, or of one test's delivery."""

    def __init__(self, limit: float, given: Mapping[str, Any] | None = None) -> None:
        """Prepare; nothing is made yet.

        Args:
            limit: Seconds that the making of one may take.
            given: Objects that are there already, by their providers' names.
        """
        self._limit = limit
        self._given = given or {}
        self._kept: dict[Callable[..., Any], _Kept] = {}
        self._made: list[_Kept] = []

    async def resolve(self, takes: Handler | Provider) -> dict[str, Any]:
        """Return the objects that fill the parameters of a handler or provider, by their names.

        Raises:
            ProvideError: When one could not be made.
        """
        return {parameter: await self._get(provider) for parameter, provider in takes.takes.items()}

    async def close(self) -> None:
        """Close all objects, the newest first, within the time limit; errors are logged."""
        for kept in self._kept.values():
            if not kept.made.done():
                kept.cancel()
        end = asyncio.get_running_loop().time() + CLOSING
        for kept in list(reversed(self._made)):
            kept.ending.set()
            assert kept.task is not None
            _, late = await asyncio.wait({kept.task}, timeout=max(0.0, end - asyncio.get_running_loop().time()))
            if late:
                kept.cancel()
                structlog.get_logger().error("a provider did not close in time", provider=kept.provider.name)
        self._kept.clear()
        self._made.clear()

    async def _get(self, provider: Provider) -> Any:
        if provider.name in self._given:
            return self._given[provider.name]
        kept = self._kept.get(provider.function)
        if kept is None:
            kept = self._kept[provider.function] = _Kept(provider)
            # Its own task and an empty context: the run that comes first may be cut off, and others need it too.
            kept.task = _start(kept, self._keep(kept))
        try:
            return await asyncio.shield(kept.made)
        except Exception as error:
            raise ProvideError(provider.name, error, self._limit) from error

    async def _keep(self, kept: _Kept) -> None:
        """Make an object, hold it until the end, and close it: all in one task, as task groups in it want it."""
        try:
            async with AsyncExitStack() as stack:
                async with asyncio.timeout(self._limit):
                    arguments = {**await self.resolve(kept.provider), **_own(kept.provider)}
                    value = await stack.enter_async_context(_opened(kept.provider.function, arguments))
                if kept.scope.forgotten:
                    raise ForgottenAwaitError(kept.scope.forgotten)  # noqa: TRY301 - it is the provider's failure
                kept.scope.warns = True
                kept.made.set_result(value)
                self._made.append(kept)
                await kept.ending.wait()
        except BaseException as raised:
            # The boundary to the author's code.
            if kept.is_cancelled and isinstance(raised, asyncio.CancelledError):
                raise
            self._failed(kept, as_error(raised))
        finally:
            kept.scope.cancel()

    def _failed(self, kept: _Kept, error: Exception) -> None:
        # Whatever comes next makes a new one.
        if self._kept.get(kept.provider.function) is kept:
            del self._kept[kept.provider.function]
        if kept.made.done():
            told = (
                "a provider did not close" if kept.ending.is_set() else "an object of a provider has ended unexpectedly"
            )
            structlog.get_logger().error(told, provider=kept.provider.name, exception=format_traceback(error))
            if kept in self._made:
                self._made.remove(kept)
            return
        kept.made.set_exception(error)
        # Read, so that asyncio does not log it as never retrieved when the waiting run was cancelled meanwhile.
        kept.made.exception()


def _start(kept: _Kept, keeping: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    # An empty context, since the context of the run that happens to be first must not leak into the object. No owner,
    # unlike a handler's task: libraries cancel their own task groups from any place that closes them.
    context = Context()
    context.run(SCOPE.set, kept.scope)
    return asyncio.Task(keeping, loop=asyncio.get_running_loop(), name=kept.provider.name, context=context)


def _own(provider: Provider) -> dict[str, Any]:
    own = {PARAMETER: provider.settings, "log": structlog.get_logger(provider.name)}
    return {name: own[name] for name in provider.parameters}


@asynccontextmanager
async def _opened(function: Callable[..., Any], arguments: dict[str, Any]) -> AsyncGenerator[Any]:
    """Call a provider according to its kind; a plain one in a thread, since it may block."""
    if inspect.isasyncgenfunction(function):
        async with asynccontextmanager(function)(**arguments) as value:
            yield value
    elif inspect.iscoroutinefunction(function):
        yield await function(**arguments)
    elif inspect.isgeneratorfunction(function):
        manager = contextmanager(function)(**arguments)
        value = await run_in_daemon_thread(manager.__enter__)
        try:
            yield value
        finally:
            await run_in_daemon_thread(partial(manager.__exit__, None, None, None))
    else:
        yield await run_in_daemon_thread(partial(function, **arguments))
