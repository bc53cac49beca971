"""Sentry's announcements that a route goes away are said once a day."""

import pytest
from cachetools import TTLCache
from structlog.testing import capture_logs

from tests.vedette.api.stub import TOKEN, Reply, StubSentry, issue
from vedette.api import HttpTransport, Sentry, credential
from vedette.api.errors import NotFound
from vedette.api.transport.deprecations import DeprecationTransport

ANNOUNCED = {
    "x-sentry-deprecation-date": "2026-05-15T00:00:00+00:00",
    "x-sentry-replacement-endpoint": "sentry-api-0-organization-group",
}


async def test_each_operation_is_announced_once_a_day(stub: StubSentry) -> None:
    now = 0.0
    said = TTLCache[str, bool](10, ttl=86_400.0, timer=lambda: now)
    stub.on("GET", "/api/0/organizations/acme/issues/42/", Reply(200, issue(), ANNOUNCED))
    stub.on("GET", "/api/0/organizations/acme/issues/43/", Reply(404, {"detail": "No."}, ANNOUNCED))
    stub.on("GET", "/api/0/teams/acme/payments/", Reply(200, {"id": "1", "slug": "payments"}))
    async with HttpTransport(stub.url, credential(TOKEN)) as http:
        sentry = Sentry(organization="acme", transport=DeprecationTransport(http, said))
        with capture_logs() as logs:
            await sentry.issues.get("42")
            with pytest.raises(NotFound):
                await sentry.issues.get("43")
            await sentry.teams.get("payments")
            now = 86_401.0
            with pytest.raises(NotFound):
                await sentry.issues.get("43")
    warnings = [line for line in logs if line["log_level"] == "warning"]
    assert [line["operation"] for line in warnings] == ["issues.get", "issues.get"]
    assert warnings[0]["since"].startswith("2026-05-15")
    assert warnings[0]["instead"] == "sentry-api-0-organization-group"
