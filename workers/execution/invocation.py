"""Calls a handler with its arguments, enforces the time limit, and catches whatever it raises."""

import asyncio
import contextvars
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import structlog
from dramatiq.threading import Interrupt, raise_thread_exception

from vedette.authoring.context import Context
from vedette.events import Event
from vedette.plugins.author_errors import ForgottenAwaitError, as_error
from vedette.plugins.author_scope import AuthorScope, run_guarded
from vedette.plugins.author_tasks import start_scope
from vedette.plugins.daemon_thread import run_in_daemon_thread
from vedette.plugins.handler import Handler
from vedette.settings.tenant import tenant_of
from vedette.store.access.handler_state import HandlerState
from vedette.store.deliveries.deliveries import Delivery
from workers.execution.outcome import CutOffCallError, HandlerTimeoutError
from workers.runtime import Runtime

STUBBORN = 5.0
"""Seconds for which a handler that is cut off may tidy up; after that it is left to itself."""
_TIDYING = 1.0
"""Seconds that tasks which a handler leaves have to tidy up when they are cancelled."""
_PASSING = 1.0
"""Seconds below which a call to Sentry that the time limit strikes is not what took so long."""


class ThreadInterrupt(Interrupt):
    """Raised inside the thread of a plain handler that exceeded its time limit."""


async def call_handler(runtime: Runtime, found: Delivery, event: Event, handler: Handler, context: Context) -> None:
    """Call a handler on an event, cancel it at its time limit, and cancel the tasks that it leaves running.

    Raises:
        HandlerTimeoutError: When it took too long.
        CutOffCallError: When it took too long, since a call to Sentry did.
        ForgottenAwaitError: When it called what has to be awaited, and did not.
        Exception: Whatever the handler raises, as an ordinary error.
    """
    with structlog.contextvars.bound_contextvars(
        issue=event.short_id or event.issue_id, event_name=event.name, attempt=context.attempt
    ):
        tenant = tenant_of(runtime.settings, found.summary.integration)
        arguments = {
            "event": event,
            "ctx": context,
            "sentry": runtime.clients.sentry_for(found.summary.integration, context, event),
            "notify": runtime.clients.notify_for(found.summary.integration, context, event),
            "state": HandlerState(runtime.client, handler.name, context.delivery, tenant),
            "log": structlog.get_logger(handler.name),
        }
        scope = AuthorScope(handler.name)
        try:
            limit = _limit(runtime, handler)
            context.deadline = time.monotonic() + limit
            error = await _within(limit, handler, scope, partial(_work, runtime, handler, arguments))
            if left := await scope.end(_TIDYING):
                context.note(left)
        except asyncio.CancelledError:
            scope.cancel()
            raise
        if error is not None:
            raise error
        if scope.forgotten:
            raise ForgottenAwaitError(scope.forgotten)


def _limit(runtime: Runtime, handler: Handler) -> float:
    return handler.options.time_limit or runtime.settings.worker.time_limit


async def _work(runtime: Runtime, handler: Handler, arguments: dict[str, Any]) -> None:
    arguments |= await runtime.objects.resolve(handler)
    if handler.is_async:
        await handler.run(arguments)
    else:
        function = partial(contextvars.copy_context().run, partial(handler.call_plain, arguments))
        # A thread of its own, so that the interrupt hits no other handler.
        await run_in_daemon_thread(function, name="handler", interrupt=_interrupt)


def _interrupt(thread: int) -> None:
    """Raise `ThreadInterrupt` in a thread, at its next line of Python."""
    raise_thread_exception(thread, ThreadInterrupt)


async def _within(
    limit: float, handler: Handler, scope: AuthorScope, do: Callable[[], Awaitable[None]]
) -> Exception | None:
    # Its name is what the watchdog shows when it blocks the loop.
    work = start_scope(scope, run_guarded(do), handler.name)
    try:
        done, _ = await asyncio.wait({work}, timeout=limit)
        if done:
            return as_error(asyncio.CancelledError()) if work.cancelled() else work.result()
        slow = scope.longest_call()
        work.cancel()
        # A handler that suppresses its cancellation would otherwise keep its slot permanently.
        done, _ = await asyncio.wait({work}, timeout=STUBBORN)
        if not done:
            structlog.get_logger().error("handler does not let itself be cut off", handler=handler.name)
    except asyncio.CancelledError:
        work.cancel()
        raise
    if slow is not None and slow[1] >= min(_PASSING, limit / 4):
        return CutOffCallError(handler.name, limit, *slow)
    return HandlerTimeoutError(handler.name, limit)
