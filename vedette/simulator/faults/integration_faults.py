"""Lasting faults as they change an integration in Sentry, and which webhooks they withhold."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vedette.simulator.world.integrations import UNSUBSCRIBED, Integration, single_events

if TYPE_CHECKING:
    from vedette.simulator.faults.faults import Faults

PLAN_FEATURE = "integrations-event-hooks"
"""The feature flag of organizations with a plan that has `error` webhooks (Sentry's sentry_app_details.py)."""


def configured(integration: Integration, faults: Faults) -> Integration:
    """Return the integration as Sentry has it under the lasting faults: a copy, unless there is none."""
    found = integration
    for fault in faults.standing:
        if fault.kind == "wrong_url" and integration.webhook_url:
            found = replace(found, webhook_url=fault.body or f"{integration.webhook_url}-old")
        elif fault.kind == "disabled":
            found = replace(found, disabled=True)
        elif fault.kind == "unticked":
            ticked = (event for event in single_events(found.events) if not faults.has("unticked", event))
            found = replace(found, events=tuple(ticked))
    return found


def withholds(faults: Faults, resource: str, action: str) -> bool:
    """Return whether Sentry sends no such webhook, and writes no line into its log, although all looks right."""
    name = f"{resource}.{action}"
    if faults.has("silent") or faults.has("unsent", name):
        return True
    if resource == "error" and faults.has("plan"):
        return True
    return resource not in UNSUBSCRIBED and faults.has("hook_missing")


def saved(faults: Faults, fields: set[str]) -> None:
    """End the faults that saving the integration fixes: its service hook always, its URL and events if given.

    Sentry's `create_or_update_service_hooks_for_sentry_app` runs whenever an integration is saved.
    """
    faults.end("hook_missing")
    if "webhookUrl" in fields:
        faults.end("wrong_url")
    if "events" in fields:
        faults.end("unticked")
