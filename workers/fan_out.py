"""Fan-out: decide which handlers an accepted delivery concerns, and queue a run for each.

One run per handler, so that a failing one neither blocks nor repeats another. Deciding again changes nothing, so a
message that comes twice does no harm.
"""

import structlog

from vedette.events import InvalidPayload, parse
from vedette.store.deliveries import DeliveryNotFoundError
from workers.runtime import Runtime


async def fan_out(runtime: Runtime, delivery: str) -> None:
    """Decide the delivery with this id."""
    log = structlog.get_logger()
    try:
        found = await runtime.deliveries.get(delivery)
    except DeliveryNotFoundError:
        log.warning("delivery is gone before it was decided", delivery=delivery)
        return
    try:
        event = parse(found.summary.resource, found.body)
    except InvalidPayload as error:
        await runtime.deliveries.quarantine(delivery, str(error))
        log.warning("delivery quarantined", delivery=delivery, reason=str(error))
        return
    handlers = runtime.registry.matching(event)
    label = event.short_id or found.summary.issue or ""
    new = await runtime.runs.plan(delivery, [(handler.name, handler.mode) for handler in handlers], label)
    log.info(
        "delivery decided",
        delivery=delivery,
        event_name=event.name,
        issue=label,
        handlers=[handler.name for handler in handlers],
        new=new,
    )
