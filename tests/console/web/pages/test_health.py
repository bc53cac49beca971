"""The page Health shows the state of each part, the checks, and the allowance of Sentry's API."""

import time

import pytest

from tests.console.web.consoles import RunningConsole
from vedette.api.call import Lane
from vedette.api.operations import OPERATIONS
from vedette.api.rate_limits.limiter import Lease, Limiter
from vedette.api.tokens import credential
from vedette.api.transport.stack import account
from vedette.checks.findings import Finding
from vedette.checks.watch_state import WatchState
from vedette.store.server.keys import WATCH

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_parts_and_checks_are_shown_with_what_mends_them(shown_console: RunningConsole) -> None:
    finding = Finding("token", "broken", "Sentry refuses the token", ("Make a new token",), integration="default")
    now = time.time()
    state = WatchState(finding, now, now)
    await shown_console.redis.hset(WATCH, mapping={"default token": state.as_json(), "default other": "{}"})
    page = (await shown_console.get("/health", role="viewer")).text
    for text in ("something is broken", "none is running", "Sentry refuses the token", "<li>Make a new token</li>"):
        assert text in page
    assert "No call has been made lately" in page
    assert page.index("Sentry refuses the token") < page.index("Allowance of Sentry")


async def test_the_allowance_of_sentrys_api_is_shown(shown_console: RunningConsole) -> None:
    integration = shown_console.services.instance.integration("default")
    name = account(integration.sentry_url, "acme", credential(integration.token or ""))
    lease = await Limiter(shown_console.redis, name).acquire(OPERATIONS["issues.comments"], Lane.WEBHOOK)
    assert isinstance(lease, Lease)
    page = (await shown_console.get("/health")).text
    assert "<td>GET</td><td>1 of 40</td><td>1 of 25</td><td>assumed</td><td>no</td>" in page
