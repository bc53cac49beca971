"""Sessions of an operator with a real Redis, and with a simulated Sentry where an action writes to it."""

from collections.abc import Callable
from typing import Any, cast

import pytest
import redis

from tests.recorded_deliveries import record_delivery
from tests.vedette.access import conftest as simulated
from vedette.admin.session import AdminSession
from vedette.settings.settings import HandlerSettings, IntegrationSettings, Settings
from vedette.store.access.handler_roster import HandlerRoster, RosterHandler, write_roster
from vedette.store.server.client import RedisClient

access_settings, scopes, dropped_fields = simulated.access_settings, simulated.scopes, simulated.dropped_fields
client, make_scene, scene = simulated.client, simulated.make_scene, simulated.scene
ROSTER = HandlerRoster(
    (
        RosterHandler("triage", ("issue.*",), "act", "vedette"),
        RosterHandler("plugin", ("issue.*",), "propose", "plugin.py"),
        RosterHandler("runbook", ("comment.*",), "act", "vedette"),
    ),
    (),
    names=("triage", "plugin", "runbook"),
)


@pytest.fixture
async def session(client: RedisClient) -> AdminSession:
    """A session of `ann`, without an integration; the workers have loaded three handlers."""
    await write_roster(client, ROSTER)
    settings = Settings(handlers={"plugin": HandlerSettings.model_validate({"grant": {"scopes": ["event:admin"]}})})
    return AdminSession("ann", client, settings, settings.require_integration)


@pytest.fixture
async def sentry_session(session: AdminSession, scene: Any) -> AdminSession:
    """The same, with the simulated Sentry as its integration."""
    integration = IntegrationSettings.model_validate(
        {"client_secret": "s" * 32, "token": scene.token, "organization": "acme", "sentry_url": scene.url}
    )
    return AdminSession("ann", session.redis, session.settings, lambda _: integration)


@pytest.fixture
def record(redis_url: str) -> Callable[..., str]:
    """Record a delivery with its runs; returns its id."""

    def record(label: str, issue: str, **runs: dict[str, str]) -> str:
        with cast("Any", redis.Redis).from_url(redis_url) as blocking:
            return record_delivery(blocking, runs=runs, label=label, issue=issue)

    return record
