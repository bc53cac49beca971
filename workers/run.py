"""Run: one handler works on one delivery, under a time limit, and its end is written down.

The decision what follows on a failure is a pure function of the error and the attempt (`after_failure`).
"""

import asyncio
import random
import time
from dataclasses import dataclass

import structlog
from dramatiq.errors import Retry

from vedette.api.errors import SentryError
from vedette.events import parse
from vedette.handling.context import Context
from vedette.handling.handler import Handler
from vedette.settings import SettingsError, WorkerSettings
from vedette.store.deliveries import Delivery, DeliveryNotFoundError
from vedette.store.runs import FINAL_STATES, Outcome
from workers.runtime import Runtime

LONGEST_WAIT = 3600.0
"""Seconds between two attempts at most."""


class HandlerTimeoutError(Exception):
    """A handler took longer than it may."""

    def __init__(self, handler: str, limit: float) -> None:
        self.handler = handler
        self.limit = limit
        super().__init__(f"{handler} was cut off after {limit:g} s: make it quicker, or raise worker.time_limit")


class AttemptsUsedUpError(Exception):
    """A run began more often than it may: its attempts ended with the worker's process."""

    def __init__(self, attempts: int) -> None:
        self.attempts = attempts
        super().__init__(f"the worker's process ended during each of {attempts} attempts")


@dataclass(frozen=True)
class TryAgain:
    """Try the run again after a wait."""

    wait: float
    """Seconds."""


def after_failure(error: BaseException, attempt: int, settings: WorkerSettings) -> TryAgain | None:
    """Decide what follows on a failed attempt: the wait before the next one, or None when there is none.

    A refusal of Sentry that no repetition changes (401, 403, 400) ends the run at once, and so does a missing setting.
    """
    if attempt >= settings.attempts or isinstance(error, SettingsError):
        return None
    if isinstance(error, SentryError) and not error.retryable:
        return None
    asked = error.retry_after if isinstance(error, SentryError) else None
    backoff = min(settings.retry_wait * 2 ** (attempt - 1), LONGEST_WAIT)
    return TryAgain(max(backoff * random.uniform(0.8, 1.2), asked or 0.0))  # noqa: S311 - spreads load, guards nothing


async def run(runtime: Runtime, delivery: str, handler_name: str) -> None:
    """Run the handler on the delivery and write down how it ended.

    Raises:
        Retry: When the run is to be tried again, with the wait; dramatiq queues it.
    """
    with structlog.contextvars.bound_contextvars(delivery=delivery, handler=handler_name):
        log = structlog.get_logger()
        known = await runtime.runs.get(delivery, handler_name)
        if known is not None and known.state in FINAL_STATES:
            log.info("run has ended already")
            return
        handler = runtime.registry.handlers.get(handler_name)
        if handler is None:
            reason = f"no handler {handler_name} is loaded: install or enable it, then replay the delivery"
            await runtime.runs.settle(delivery, handler_name, Outcome("dead", (), 0, reason))
            log.error("run is dead", error=reason)
            return
        try:
            found = await runtime.deliveries.get(delivery)
        except DeliveryNotFoundError:
            log.warning("delivery is gone before its run")
            return
        await _attempt(runtime, found, handler)


async def _attempt(runtime: Runtime, found: Delivery, handler: Handler) -> None:
    delivery = found.summary.id
    attempt = await runtime.runs.begin(delivery, handler.name)
    context = Context(delivery, handler.name, attempt, handler.mode)
    if attempt > runtime.settings.worker.attempts:
        await _settle(runtime, context, AttemptsUsedUpError(attempt - 1), 0)
        return
    began = time.perf_counter()
    error: BaseException | None = None
    try:
        await _call(runtime, found, handler, context)
    except Exception as raised:  # noqa: BLE001 - the boundary to the authors' code: whatever it raises is its outcome
        error = raised
    took = round((time.perf_counter() - began) * 1000)
    await _settle(runtime, context, error, took)


async def _call(runtime: Runtime, found: Delivery, handler: Handler, context: Context) -> None:
    event = parse(found.summary.resource, found.body)
    limit = runtime.settings.worker.time_limit
    with structlog.contextvars.bound_contextvars(
        issue=event.short_id or event.issue_id, event_name=event.name, attempt=context.attempt
    ):
        arguments = {
            "event": event,
            "ctx": context,
            "sentry": runtime.sentry_for(found.summary.integration, context, event),
            "log": structlog.get_logger(handler.name),
        }
        deadline = asyncio.timeout(limit)
        try:
            async with deadline:
                await handler.run(arguments)
        except TimeoutError:
            # A time-out of the handler's own making is its error, not ours.
            if deadline.expired():
                raise HandlerTimeoutError(handler.name, limit) from None
            raise


async def _settle(runtime: Runtime, context: Context, error: BaseException | None, took: int) -> None:
    log = structlog.get_logger()
    if error is None:
        await runtime.runs.settle(context.delivery, context.handler, Outcome("done", context.done, took))
        log.info("run is done", did=context.done, milliseconds=took, attempt=context.attempt)
        return
    text = f"{type(error).__name__}: {error}".splitlines()[0]
    again = after_failure(error, context.attempt, runtime.settings.worker)
    state = "dead" if again is None else "retrying"
    await runtime.runs.settle(context.delivery, context.handler, Outcome(state, context.done, took, text))
    trace = None if isinstance(error, SentryError | HandlerTimeoutError | SettingsError) else error
    if again is None:
        log.error("run is dead", error=text, attempt=context.attempt, did=context.done, exc_info=trace)
        return
    log.warning("run failed and is tried again", error=text, attempt=context.attempt, wait=again.wait, exc_info=trace)
    raise Retry(message=text, delay=round(again.wait * 1000))
