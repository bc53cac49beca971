"""Runs a sweep with what the settings say about an integration, for workers and for the command line."""

import json
from contextlib import suppress
from datetime import UTC, datetime

from vedette._core.json_values import json_object
from vedette._core.progress import Progress, Silent
from vedette.api import RetryPolicy, Sentry, SentryConnection
from vedette.authoring.event_patterns import asks_for
from vedette.events.catalog import known_names, names_of
from vedette.events.deduplication import OCCURRING
from vedette.reconcile.report import SweepReport
from vedette.reconcile.scope import REBUILDABLE, SweepScope, SweepTarget
from vedette.reconcile.state import ReconcileStates
from vedette.reconcile.sweep import Sweep
from vedette.settings.reconcile import ReconcileSettings
from vedette.settings.settings import IntegrationSettings
from vedette.settings.tenant import tenant_of_integration
from vedette.store.access.handler_roster import OFF, readable_roster
from vedette.store.deliveries.deliveries import Deliveries, DeliveryNotFoundError
from vedette.store.server.client import RedisClient
from vedette.store.server.clock import server_time

_LOOKED_AT = 200
"""The newest deliveries among which one that names the installation is looked for."""
_PATIENCE = RetryPolicy(patience=120.0, total=300.0)
"""A sweep waits for the rate limit behind handlers and people."""


async def sweep_integration(
    integration: str,
    found: IntegrationSettings,
    settings: ReconcileSettings,
    client: RedisClient,
    *,
    recognised: float,
    scope: SweepScope | None = None,
    progress: Progress | None = None,
) -> SweepReport:
    """Sweep an integration, and return the report.

    Args:
        integration: The name of an integration.
        found: Its settings, with a token and an organization.
        settings: The settings of sweeps.
        client: The Redis of receivers and workers.
        recognised: Seconds for which receivers recognise a repetition.
        scope: The part of the past; what happened since the last complete sweep unless given.
        progress: The display of progress.

    Raises:
        SentryError: Sentry refused a call, or failed for too long; deliveries that were stored before stay.
        redis.exceptions.RedisError: Redis gives no answer.
    """
    assert found.organization is not None
    assert found.token is not None
    now = datetime.fromtimestamp(await server_time(client), UTC)
    installation = await _installation(client, integration)
    target = SweepTarget(
        integration,
        tenant_of_integration(integration, found),
        found.sentry_url,
        found.app or "",
        installation,
        await _wanted_events(client),
        recognised,
    )
    connection = SentryConnection(
        organization=found.organization,
        token=found.token,
        base_url=found.sentry_url,
        redis=client,
        retries=_PATIENCE,
    )
    async with connection:
        sentry = Sentry(organization=found.organization, transport=connection)
        sweep = Sweep(target, settings, sentry, client, now, scope or SweepScope(), progress or Silent())
        return await sweep.run()


async def _wanted_events(client: RedisClient) -> frozenset[str]:
    """Return the events that a handler asks for: an integration may not even subscribe to others."""
    roster = await readable_roster(client)
    if roster is None:
        return frozenset(OCCURRING)
    known = frozenset(known_names())
    patterns = [
        pattern
        for handler in roster.handlers
        if handler.mode != OFF and handler.rebuilt != "never"
        for pattern in handler.patterns
    ]
    return frozenset(name for name in REBUILDABLE if asks_for(patterns, names_of(*name.split(".")), known))


async def _installation(client: RedisClient, integration: str) -> str:
    """Return the uuid of the installation, which webhooks name and an integration's own token cannot read."""
    states, deliveries = ReconcileStates(client, integration), Deliveries(client)
    known = await states.installation()
    if known:
        return known
    for summary in await deliveries.latest(limit=_LOOKED_AT):
        if (summary.integration, summary.source) != (integration, "webhook") or summary.quarantined:
            continue
        with suppress(DeliveryNotFoundError, ValueError):
            body = json_object(json.loads((await deliveries.get(summary.id)).body))
            uuid = json_object(body.get("installation")).get("uuid")
            if isinstance(uuid, str) and uuid:
                await states.note_installation(uuid)
                return uuid
    return ""
