"""Selects the handlers of a delivery: those that subscribe to its event, with a matching project and condition.

An echo of Vedette's own writes is only for handlers with `echoes=True`. Repeating the selection gives the same result.
"""

import structlog

from vedette.access.echo_matching import can_be_echo, text_of_event
from vedette.events import Event
from vedette.permissions.principal import Principal
from vedette.plugins.handler import Handler
from vedette.settings.tenant import tenant_of
from vedette.store.deliveries.deliveries import DispatchView
from vedette.store.deliveries.skip_reasons import write_considered
from workers.dispatch.project_lookup import excluded_by_project
from workers.runtime import Runtime


async def select_handlers(runtime: Runtime, event: Event, look: DispatchView) -> list[Handler]:
    """Return the handlers, sorted by name, and store the reasons why others were skipped."""
    delivery = look.summary.id
    chosen: list[Handler] = []
    left_out: dict[str, str] = {}
    asking = runtime.registry.matching(event)
    off = await excluded_by_project(runtime, look.summary.integration, event, asking)
    echo = await _echo(runtime, event, look) if asking else ""
    for handler in asking:
        why = handler.condition.unmet(event) if handler.condition else ""
        why = _unwanted_rebuilt(handler, look.summary.rebuilt) or why
        if echo and not handler.echoes:
            why = f"{echo}, and it does not ask for echoes (echoes=True)"
        why = off.get(handler.name) or why
        if why:
            left_out[handler.name] = why
        else:
            chosen.append(handler)
    if left_out:
        structlog.get_logger().debug("handlers left out", delivery=delivery, left_out=left_out)
        await write_considered(runtime.client, delivery, left_out, runtime.settings.retention.age)
    return chosen


def _unwanted_rebuilt(handler: Handler, rebuilt: str) -> str:
    """Return the reason why a handler does not receive a rebuilt delivery; empty when it does, or for a webhook."""
    if not rebuilt:
        return ""
    if rebuilt == "superseded":
        return "its webhook did not arrive, and the change has been undone or replaced since"
    if handler.rebuilt == "never":
        return 'its webhook did not arrive, and the handler takes no rebuilt events (rebuilt="never")'
    if rebuilt == "late" and handler.rebuilt != "always":
        return 'its webhook did not arrive, and it is older than reconcile.max_age (rebuilt="always" takes it)'
    return ""


async def _echo(runtime: Runtime, event: Event, look: DispatchView) -> str:
    """Return a sentence with the handler that caused an event; empty when the event is no echo."""
    if event.issue_id is None or not can_be_echo(event):
        return ""
    if look.summary.rebuilt == "own":
        return "it is the echo of what this integration did"
    own = await runtime.clients.services.own_writes.echo_of(
        f"{tenant_of(runtime.settings, look.summary.integration)}:{event.issue_id}",
        look.summary.id,
        event.names,
        text_of_event(event),
        person=event.actor.is_user,
        noted=look.own_writes if look.summary.issue == event.issue_id else None,
        happened=look.summary.happened,
    )
    return "" if own is None else f"it is the echo of what {Principal.from_key(own.principal).label} did"
