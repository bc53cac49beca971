"""Calling a handler: its arguments, and a time limit that ends it."""

import asyncio
from functools import partial
from typing import Any

import structlog

from vedette.events import Event
from vedette.handling.context import Context
from vedette.handling.handler import Handler
from vedette.store.deliveries import Delivery
from vedette.store.handler_state import HandlerState
from workers.in_thread import run_in_thread
from workers.runtime import Runtime

STUBBORN = 5.0
"""Seconds for which a handler that is cut off may tidy up; after that it is left to itself."""


class HandlerTimeoutError(Exception):
    """A handler took longer than it may."""

    def __init__(self, handler: str, limit: float) -> None:
        self.handler = handler
        self.limit = limit
        super().__init__(f"{handler} was cut off after {limit:g} s: make it quicker, or raise worker.time_limit")


async def call(runtime: Runtime, found: Delivery, event: Event, handler: Handler, context: Context) -> None:
    """Call a handler on an event, and end it at its time limit.

    Raises:
        HandlerTimeoutError: When it took too long.
        Exception: Whatever the handler raises.
    """
    with structlog.contextvars.bound_contextvars(
        issue=event.short_id or event.issue_id, event_name=event.name, attempt=context.attempt
    ):
        arguments = {
            "event": event,
            "ctx": context,
            "sentry": runtime.sentry_for(found.summary.integration, context, event),
            "notify": runtime.notify_for(found.summary.integration, context, event),
            "state": HandlerState(runtime.client, handler.name, context.delivery),
            "log": structlog.get_logger(handler.name),
        }
        limit = handler.options.time_limit or runtime.settings.worker.time_limit
        # Its name is what the watchdog shows when it blocks the loop.
        work = asyncio.create_task(_work(runtime, handler, arguments), name=handler.name)
        await _within(limit, handler, work)


async def _work(runtime: Runtime, handler: Handler, arguments: dict[str, Any]) -> None:
    arguments |= await runtime.objects.of(handler)
    if handler.is_async:
        await handler.run(arguments)
    else:
        await run_in_thread(partial(handler.function, **handler.chosen(arguments)))


async def _within(limit: float, handler: Handler, work: "asyncio.Future[None]") -> None:
    try:
        done, _ = await asyncio.wait({work}, timeout=limit)
        if not done:
            work.cancel()
            # One that holds on to being cancelled would otherwise keep its place for ever.
            done, _ = await asyncio.wait({work}, timeout=STUBBORN)
            if not done:
                structlog.get_logger().error("handler does not let itself be cut off", handler=handler.name)
            raise HandlerTimeoutError(handler.name, limit)
        work.result()
    except asyncio.CancelledError:
        work.cancel()
        raise
    finally:
        if work.done() and not work.cancelled():
            # Read, so that asyncio does not complain of an error that nobody looked at.
            work.exception()
