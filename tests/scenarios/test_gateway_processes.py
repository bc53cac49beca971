"""Revocations and pauses hold in every gateway process within a second, each its own process on a real Redis."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from tests.gateway.gateways import SentryServer, add_issue, make_world
from tests.gateway.processes import gateway_process
from tests.http_servers import serving
from vedette.settings.access import AccessSettings
from vedette.simulator import Issue, RateLimits, create_app
from vedette.store.access.audit_log import Audit
from vedette.store.access.write_budgets import WriteBudgets
from vedette.store.agents.tokens import AgentTokens
from vedette.store.server.client import RedisClient

SETTINGS = """
[agents.helper]
mode = "act"
[agents.helper.may]
issues = "read"
triage = "write"
"""
WITHIN = 1.0
"""Seconds after which an order holds everywhere."""


@dataclass
class Pair:
    """Two gateways in front of one simulated Sentry."""

    gateways: tuple[httpx2.AsyncClient, httpx2.AsyncClient]
    sentry: SentryServer
    issue: Issue
    token: str

    async def statuses(self, status: str = "resolved") -> list[int]:
        """The answers of both to a write."""
        path, headers = f"/api/0/organizations/acme/issues/{self.issue.id}/", {"Authorization": f"Bearer {self.token}"}
        sent = [each.put(path, json={"status": status}, headers=headers) for each in self.gateways]
        return [answer.status_code for answer in await asyncio.gather(*sent)]


@pytest.fixture
async def pair(redis_url: str, redis_client: RedisClient, tmp_path: Path) -> AsyncIterator[Pair]:
    world, token = make_world()
    issue, sentry = (
        add_issue(world, "shop", "BadError"),
        SentryServer(create_app(world, limits=RateLimits(manner="self-hosted"))),
    )
    (tmp_path / "vedette.toml").write_text(SETTINGS)
    text, _ = await AgentTokens(redis_client).create("helper", by="ann")
    async with AsyncExitStack() as stack:
        variables = {
            "VEDETTE_REDIS_URL": redis_url,
            "VEDETTE_CLIENT_SECRET": "s" * 32,
            "VEDETTE_TOKEN": token,
            "VEDETTE_ORGANIZATION": "acme",
            "VEDETTE_SENTRY_URL": await stack.enter_async_context(serving(sentry)),
            "VEDETTE_GATEWAY__PORT": "0",
        }
        clients: list[httpx2.AsyncClient] = []
        for _ in range(2):
            url = await stack.enter_async_context(gateway_process(tmp_path, variables))
            client = httpx2.AsyncClient(base_url=url, timeout=20, trust_env=False)
            clients.append(await stack.enter_async_context(client))
        yield Pair((clients[0], clients[1]), sentry, issue, text)


async def test_a_revoked_token_is_refused_by_both_within_a_second(pair: Pair, redis_client: RedisClient) -> None:
    assert await pair.statuses() == [200, 200]
    (token,) = await AgentTokens(redis_client).all()

    await AgentTokens(redis_client).revoke(token.id)
    await asyncio.sleep(WITHIN)

    written = len(pair.sentry.writes())
    assert await pair.statuses() == [401, 401]
    assert len(pair.sentry.writes()) == written


async def test_a_pause_holds_both_and_a_resumption_lets_them_write_again(pair: Pair, redis_client: RedisClient) -> None:
    assert await pair.statuses() == [200, 200]
    budgets = WriteBudgets(redis_client)

    for paused in ("agent:helper", "*"):
        await budgets.pause(paused, "ann")
        written = len(pair.sentry.writes())
        assert await pair.statuses("unresolved") == [409, 409]
        assert len(pair.sentry.writes()) == written
        await budgets.resume(paused)
    assert await pair.statuses("unresolved") == [200, 200]


async def test_both_write_one_chain_and_the_reads_of_a_process_that_ends_are_kept(
    pair: Pair, redis_client: RedisClient
) -> None:
    path, headers = "/api/0/organizations/acme/issues/", {"Authorization": f"Bearer {pair.token}"}
    for _ in range(5):
        await asyncio.gather(*(each.get(path, headers=headers) for each in pair.gateways))
    await pair.statuses()
    await asyncio.sleep(2)

    audit = Audit(redis_client, AccessSettings().audit_age)
    reads = [entry.facts["reads"] async for entry in audit.oldest() if entry.kind == "reads"]
    assert sum(reads) == 10
    assert len(reads) < 10
    assert not (await audit.verify()).problems
