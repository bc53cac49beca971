"""Run: one handler works on one delivery, and its end is written down before its message is acknowledged.

Every step in Redis is repeated until Redis answers. If this process dies meanwhile, the message is still there: it goes
to another worker, and the numbers of queueing and beginning tell which attempt may still settle.
"""

import asyncio
import time
import traceback
from dataclasses import dataclass, replace

import structlog

from vedette.api.errors import SentryError
from vedette.events import InvalidPayload, parse
from vedette.handling.context import Context
from vedette.handling.handler import Handler
from vedette.handling.reminders import read_reminder
from vedette.handling.retries import Drop, Retry
from vedette.settings import SettingsError
from vedette.store.attempts import NO_LIMITS, Beginning, Limits, Message, Outcome
from vedette.store.deliveries import DeliveryNotFoundError
from vedette.store.keys import held_key
from vedette.store.messages import RUN_QUEUE, run_id
from vedette.store.outages import outlast
from vedette.store.run import split_name
from workers.attempt import HandlerTimeoutError, call
from workers.follow_up import FollowUp, after_failure, policy_of
from workers.putting_off import PuttingOff
from workers.runtime import InFlight, Runtime

_NO_TRACE = (SentryError, HandlerTimeoutError, SettingsError, Retry, Drop, DeliveryNotFoundError)
"""Errors whose text says all there is to know."""


class HandlerMissingError(Exception):
    """A run's handler is not loaded here."""

    def __init__(self, handler: str) -> None:
        self.handler = handler
        super().__init__(f"no handler {handler} is loaded: install or enable it, then replay the delivery")


class ProcessDeathsError(Exception):
    """A run's worker ended during its attempts again and again, so that it may well be the cause."""

    def __init__(self, deaths: int) -> None:
        self.deaths = deaths
        super().__init__(
            f"the worker's process ended during {deaths} attempts: look at what the handler does, then replay"
        )


@dataclass(frozen=True)
class _Attempt:
    """One attempt under way."""

    runtime: Runtime
    delivery: str
    run: str
    known: Beginning
    context: Context


async def run(runtime: Runtime, delivery: str, name: str, ticket: int) -> None:
    """Let a handler work on the delivery, unless it is not its turn, and write down how it ended.

    Args:
        runtime: What this process holds.
        delivery: The delivery's id.
        name: What the run is called; see `vedette.store.run`.
        ticket: Which of the run's messages asks.
    """
    with structlog.contextvars.bound_contextvars(delivery=delivery, handler=name):
        handler = runtime.registry.handlers.get(split_name(name)[0])
        last_but_one = max(1, runtime.settings.worker.deaths - 1)
        known = await _begin(runtime, delivery, name, handler, Message(ticket, risky=last_but_one))
        if known.verdict != "alone":
            await _go_on(runtime, delivery, name, handler, known)
            return
        async with runtime.alone:
            known = await _begin(runtime, delivery, name, handler, Message(ticket))
            await _go_on(runtime, delivery, name, handler, known)


async def _begin(runtime: Runtime, delivery: str, name: str, handler: Handler | None, message: Message) -> Beginning:
    held = held_key(RUN_QUEUE, runtime.worker) if runtime.worker else ""
    message = replace(message, held=held, id=run_id(delivery, name, message.ticket))
    limits = NO_LIMITS if handler is None else _limits(handler)
    return await outlast(lambda: runtime.runs.begin(delivery, name, message, limits))


async def _go_on(runtime: Runtime, delivery: str, name: str, handler: Handler | None, known: Beginning) -> None:
    log = structlog.get_logger()
    if known.verdict != "go":
        log.debug("run does not begin", verdict=known.verdict, reason=known.why)
        return
    mode = "observe" if handler is None else handler.mode
    handler_name, put_off = split_name(name)
    context = Context(delivery, handler_name, known.attempt, mode, known.stands_for)
    context.reminder = read_reminder(put_off, known.data)
    with runtime.in_flight(InFlight(delivery, name, known.begins)) as is_ending:
        try:
            await _work(_Attempt(runtime, delivery, name, known, context), handler)
        except asyncio.CancelledError:
            if not is_ending():
                raise
            log.warning("run is cut off by the worker's end and goes to another")


async def _work(attempt: _Attempt, handler: Handler | None) -> None:
    began = time.perf_counter()
    error: Exception | None = None
    try:
        await _call(attempt, handler)
    except Exception as raised:  # noqa: BLE001 - the boundary to the authors' code: whatever it raises is its outcome
        error = raised
    took = round((time.perf_counter() - began) * 1000)
    outcome = _outcome(attempt, handler, error, took)
    is_ours = await outlast(
        lambda: attempt.runtime.runs.settle(attempt.delivery, attempt.run, attempt.known.begins, outcome)
    )
    _log(attempt, outcome, error, is_ours=is_ours)


async def _call(attempt: _Attempt, handler: Handler | None) -> None:
    runtime = attempt.runtime
    if handler is None:
        raise HandlerMissingError(attempt.context.handler)
    if attempt.known.deaths >= runtime.settings.worker.deaths:
        raise ProcessDeathsError(attempt.known.deaths)
    found = runtime.deliveries.read(attempt.delivery, attempt.known.record)
    this = InFlight(attempt.delivery, attempt.run, attempt.known.begins)
    attempt.context.put_off = putting_off = PuttingOff(runtime, this, handler.name, is_async=handler.is_async)
    await call(runtime, found, parse(found.summary.resource, found.body), handler, attempt.context)
    await putting_off.finish()


def _outcome(attempt: _Attempt, handler: Handler | None, error: Exception | None, took: int) -> Outcome:
    did = tuple(attempt.context.done)
    if error is None:
        return Outcome("done", did, took)
    text = str(error) if isinstance(error, Retry | Drop) else f"{type(error).__name__}: {error}"
    text = next(iter(text.splitlines()), "")
    if isinstance(error, ProcessDeathsError):
        return Outcome("quarantined", did, took, text)
    trace = "" if isinstance(error, _NO_TRACE) else "".join(traceback.format_exception(error))
    settings = attempt.runtime.settings.worker
    if handler is None or isinstance(error, DeliveryNotFoundError | InvalidPayload):
        follow = FollowUp("dead")
    else:
        age = (attempt.known.started - attempt.known.queued + took) / 1000
        follow = after_failure(error, attempt.known, policy_of(handler.options.retries, settings), age)
    return Outcome(
        follow.state,
        did,
        took,
        text,
        trace,
        wait=round(follow.wait * 1000),
        postponed=follow.postponed,
        bug=follow.bug,
        bugs=follow.bugs,
        hold=round(settings.hold * 1000),
    )


def _log(attempt: _Attempt, outcome: Outcome, error: Exception | None, *, is_ours: bool) -> None:
    log = structlog.get_logger().bind(attempt=attempt.known.attempt, milliseconds=outcome.took)
    trace = None if error is None or isinstance(error, _NO_TRACE) else error
    if not is_ours:
        log.warning("run was given to another worker meanwhile", state=outcome.state)
    elif outcome.state == "done":
        log.info("run is done", did=list(outcome.did))
    elif outcome.state == "dropped":
        log.info("run was dropped", reason=outcome.error)
    elif outcome.state == "retrying":
        log.warning("run failed and is tried again", error=outcome.error, wait=outcome.wait / 1000, exc_info=trace)
    else:
        log.error("run is given up", state=outcome.state, error=outcome.error, did=list(outcome.did), exc_info=trace)


def _limits(handler: Handler) -> Limits:
    rate, period = handler.options.throttle or (0, 0)
    return Limits(handler.options.concurrency or 0, rate, round(period * 1000))
