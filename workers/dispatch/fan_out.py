"""Dispatches an accepted delivery: selects its handlers and queues one run for each.

With one run per handler, a failing handler neither blocks nor repeats another. Dispatch is idempotent, so a message
that is delivered twice does no harm.
"""

import random

import structlog

from vedette._core.backoff import Backoff
from vedette.api.errors import TokenRefused
from vedette.events import InvalidPayload, parse
from vedette.events.catalog import names_of
from vedette.events.kinds.schedule import SCHEDULE
from vedette.plugins.author_errors import format_error_line
from vedette.plugins.handler import Handler
from vedette.store.deliveries.deliveries import DeliveryNotFoundError, DeliverySummary
from vedette.store.runs.attempts import NOT_INDEXED, PlannedDelivery, PlannedRun
from vedette.store.server.retrying import retry_until_available
from workers.dispatch.handler_selection import select_handlers
from workers.runtime import Runtime

MOST_TRIES = 20
"""Number of failed dispatches after which a delivery is quarantined, and later ones of its subject continue."""
_BACKOFF = Backoff(first=1.0, longest=60.0)
_TOKEN_WAIT = 15.0
"""Seconds until a delivery is dispatched again if that needs a token that Sentry refuses."""

log = structlog.get_logger(__name__)


async def fan_out(runtime: Runtime, delivery: str, turn: int = 1) -> None:
    """Dispatch a delivery, after older ones of its subject.

    Args:
        runtime: The services of this process.
        delivery: The delivery's id.
        turn: The number of this try, counted from 1.
    """
    waiting = [delivery]
    try:
        while waiting:
            older = await retry_until_available(lambda: _decide(runtime, waiting[-1]))
            if older:
                waiting.append(older)
            else:
                waiting.pop()
    except Exception as error:  # noqa: BLE001 - a delivery whose message were given up would never be decided
        # A permanent error, perhaps caused by the delivery; or Sentry is unavailable.
        if isinstance(error, TokenRefused):
            await _await_token(runtime, delivery, turn)
        else:
            await _postpone(runtime, waiting[-1], delivery, turn, error)


async def _decide(runtime: Runtime, delivery: str) -> str:
    """Queue the delivery's runs; return an older delivery that has to be dispatched first, or an empty text."""
    handlers: list[Handler] = []
    label, about = "", NOT_INDEXED
    try:
        look = await runtime.deliveries.load_for_dispatch(delivery)
        summary = look.summary
        label = summary.label or ""
        about = PlannedDelivery(summary.issue or "", summary.tenant, summary.request_id, summary.title or "")
        if summary.handlers is None and _is_wanted(runtime, summary):
            found = look.whole or await runtime.deliveries.get(delivery)
            event = parse(summary.resource, found.body, happened_at=summary.happened_at)
            handlers = await select_handlers(runtime, event, look)
            label = event.short_id or label
    except DeliveryNotFoundError:
        log.warning("delivery is gone before it was decided", delivery=delivery)
        return ""
    except InvalidPayload as error:
        await runtime.deliveries.quarantine(delivery, str(error))
        log.warning("delivery quarantined", delivery=delivery, reason=str(error))
        return ""
    decision = await runtime.runs.plan(delivery, [_planned(handler) for handler in handlers], label, about)
    if not decision.after:
        names = [handler.name for handler in handlers]
        event_name = names_of(summary.resource, summary.action)[0]
        # Each run says when it is done; a delivery without a handler is not worth a line.
        log.debug(
            "delivery decided", delivery=delivery, event_name=event_name, issue=label, handlers=names, new=decision.new
        )
    return decision.after


def _is_wanted(runtime: Runtime, summary: DeliverySummary) -> bool:
    if summary.resource == SCHEDULE and summary.source != SCHEDULE:
        # The name is our own, and the header that says it is not signed.
        return False
    return runtime.registry.wants(names_of(summary.resource, summary.action))


async def _await_token(runtime: Runtime, delivery: str, turn: int) -> None:
    """Decide later, since Sentry refuses the token that a look-up needs; the number of attempts is not limited."""
    # A message has the number of its try in its id, and two in a row must differ.
    wait = _TOKEN_WAIT * random.uniform(0.8, 1.2)  # noqa: S311 - spreads load, guards nothing
    await retry_until_available(lambda: runtime.runs.postpone(delivery, 3 if turn == 2 else 2, wait))  # noqa: PLR2004
    log.warning("delivery is decided once the token works", delivery=delivery, wait=wait)


async def _postpone(runtime: Runtime, failed: str, delivery: str, turn: int, error: Exception) -> None:
    if turn >= MOST_TRIES:
        await retry_until_available(
            lambda: runtime.deliveries.quarantine(failed, f"could not be decided: {format_error_line(error)}")
        )
        log.error("delivery quarantined", delivery=failed, reason=format_error_line(error))
        return
    wait = _BACKOFF.after(turn)
    await retry_until_available(lambda: runtime.runs.postpone(delivery, turn + 1, wait))
    log.warning(
        "delivery could not be decided and is tried again",
        delivery=delivery,
        problem=format_error_line(error),
        wait=wait,
    )


def _planned(handler: Handler) -> PlannedRun:
    options = handler.options
    return PlannedRun(handler.name, handler.mode, handler.source, options.order, round((options.coalesce or 0) * 1000))
