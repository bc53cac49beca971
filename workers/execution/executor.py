"""Executes a run: one handler on one delivery. The outcome is recorded before the message is acknowledged.

Every step in Redis is retried until Redis is available. If this process crashes meanwhile, the message is delivered to
another worker; the message generation and the attempt token show which attempt may still record its outcome.
"""

import asyncio
import time
from dataclasses import dataclass, replace

import structlog

from vedette.authoring.context import Context
from vedette.authoring.deferral import read_reminder
from vedette.events import parse
from vedette.plugins.author_errors import as_error
from vedette.plugins.handler import Handler
from vedette.store.queues.queue_messages import RUN_QUEUE, run_id
from vedette.store.runs.attempts import NO_LIMITS, AttemptOutcome, AttemptStart, RunLimits, RunMessage
from vedette.store.runs.run import split_name
from vedette.store.server.keys import in_flight_key
from vedette.store.server.retrying import retry_until_available
from workers.execution.deferral import RunDeferrer
from workers.execution.invocation import call_handler
from workers.execution.outcome import EndedAttempt, HandlerMissingError, ProcessDeathsError, make_outcome
from workers.runtime import InFlightRun, Runtime

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Attempt:
    """One attempt in flight."""

    runtime: Runtime
    delivery: str
    run: str
    known: AttemptStart
    context: Context


async def execute_run(runtime: Runtime, delivery: str, name: str, generation: int) -> None:
    """Run a handler on a delivery, unless the run has to wait, and record the outcome.

    Args:
        runtime: The services of this process.
        delivery: The delivery's id.
        name: The run's name; see `vedette.store.runs.run`.
        generation: The message generation; older messages have no effect.
    """
    with structlog.contextvars.bound_contextvars(delivery=delivery, handler=name):
        handler = runtime.registry.handlers.get(split_name(name)[0])
        last_but_one = max(1, runtime.settings.worker.deaths - 1)
        known = await _start_attempt(
            runtime, delivery, name, handler, RunMessage(generation, isolate_after=last_but_one)
        )
        if known.verdict != "isolated":
            await _execute(runtime, delivery, name, handler, known)
            return
        async with runtime.alone:
            known = await _start_attempt(runtime, delivery, name, handler, RunMessage(generation))
            await _execute(runtime, delivery, name, handler, known)


async def _start_attempt(
    runtime: Runtime, delivery: str, name: str, handler: Handler | None, message: RunMessage
) -> AttemptStart:
    held = in_flight_key(RUN_QUEUE, runtime.worker) if runtime.worker else ""
    needs_token = handler is not None and "sentry" in handler.parameters
    tokens = runtime.clients.fingerprints() if needs_token else ""
    message = replace(message, in_flight=held, id=run_id(delivery, name, message.generation), tokens=tokens)
    limits = NO_LIMITS if handler is None else _limits(handler)
    return await retry_until_available(lambda: runtime.runs.start_attempt(delivery, name, message, limits))


async def _execute(runtime: Runtime, delivery: str, name: str, handler: Handler | None, known: AttemptStart) -> None:
    if known.verdict != "go":
        log.debug("run does not begin", verdict=known.verdict, reason=known.why)
        return
    mode = "observe" if handler is None else handler.mode
    context = Context(delivery, split_name(name)[0], known.attempt, mode, known.coalesced_events)
    with runtime.in_flight(InFlightRun(delivery, name, known.attempt_token)) as is_ending:
        try:
            await _execute_attempt(_Attempt(runtime, delivery, name, known, context), handler)
        except asyncio.CancelledError:
            if not is_ending():
                raise
            log.warning("run is cut off by the worker's end and goes to another")


async def _execute_attempt(attempt: _Attempt, handler: Handler | None) -> None:
    began = time.perf_counter()
    error: Exception | None = None
    try:
        await _call_handler(attempt, handler)
    except BaseException as raised:
        # The boundary to the authors' code: whatever it raises is its outcome. Only this process's end is an order.
        if attempt.runtime.is_ending and isinstance(raised, asyncio.CancelledError):
            raise
        error = as_error(raised)
    took = round((time.perf_counter() - began) * 1000)
    ended = EndedAttempt(attempt.context, handler, attempt.known, error, took)
    outcome = make_outcome(ended, attempt.runtime.settings.worker)
    if outcome.is_token_refused:
        outcome = replace(outcome, tokens=attempt.runtime.clients.fingerprints())
    is_ours = await retry_until_available(
        lambda: attempt.runtime.runs.finish_attempt(attempt.delivery, attempt.run, attempt.known.attempt_token, outcome)
    )
    _log(attempt, outcome, is_ours=is_ours)


async def _call_handler(attempt: _Attempt, handler: Handler | None) -> None:
    runtime = attempt.runtime
    if handler is None:
        raise HandlerMissingError(attempt.context.handler)
    if attempt.known.crashes >= runtime.settings.worker.deaths:
        raise ProcessDeathsError(attempt.known.crashes)
    attempt.context.reminder = read_reminder(split_name(attempt.run)[1], attempt.known.data)
    found = runtime.deliveries.read(attempt.delivery, attempt.known.record)
    this = InFlightRun(attempt.delivery, attempt.run, attempt.known.attempt_token)
    attempt.context.defer_run = deferrer = RunDeferrer(runtime, this, handler.name, is_async=handler.is_async)
    summary = found.summary
    event = parse(summary.resource, found.body, happened_at=summary.happened_at)
    await call_handler(runtime, found, event, handler, attempt.context)
    await deferrer.finish()


def _log(attempt: _Attempt, outcome: AttemptOutcome, *, is_ours: bool) -> None:
    told = log.bind(attempt=attempt.known.attempt, milliseconds=outcome.took)
    if outcome.trace:
        told = told.bind(exception=outcome.trace)
    if not is_ours:
        told.warning("run was given to another worker meanwhile", state=outcome.state)
    elif outcome.state == "done":
        told.info("run is done", did=list(outcome.did), audit=attempt.context.audit_entries)
    elif outcome.state == "dropped":
        told.info("run was dropped", reason=outcome.error)
    elif outcome.is_token_refused:
        told.warning("run waits until the token works", error=outcome.error)
    elif outcome.state == "retrying":
        told.warning("run failed and is tried again", error=outcome.error, wait=outcome.wait / 1000)
    else:
        told.error("run failed for good", state=outcome.state, error=outcome.error, did=list(outcome.did))


def _limits(handler: Handler) -> RunLimits:
    rate, period = handler.options.throttle or (0, 0)
    return RunLimits(handler.options.concurrency or 0, rate, round(period * 1000))
