"""Attachments pass the gateway as the bytes that they are, where Vedette's token is a person's."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx2
import pytest

from tests.gateway.gateways import SCOPES, SentryServer, add_issue, listening_gateway, make_world, settings_of
from tests.http_servers import serving
from vedette.simulator import RateLimits, create_app
from vedette.simulator.world import builders
from vedette.store.agents.tokens import AgentTokens
from vedette.store.server.client import RedisClient

CONTENT = b"<html><script>alert(1)</script>" + bytes(range(256))
MAY = {"mode": "act", "may": {"issues": "read"}}
AGENTS = {"reader": MAY, "discreet": {**MAY, "grant": {"hide": ["user"]}}}


@dataclass
class Files:
    http: httpx2.AsyncClient
    sentry: SentryServer
    url: str
    attachment: str
    tokens: dict[str, str]

    async def get(self, agent: str, url: str) -> httpx2.Response:
        return await self.http.get(url, headers={"Authorization": f"Bearer {self.tokens[agent]}"})


@pytest.fixture(params=["person", "integration"])
async def files(redis_url: str, redis_client: RedisClient, request: pytest.FixtureRequest) -> AsyncIterator[Files]:
    world, secret = make_world()
    if request.param == "person":
        user = world.user_by_name["ines"]
        secret = builders.add_token(world, "user", SCOPES, user=user).secret
    event = add_issue(world, "shop", "BadError").events[0]
    attachment = builders.add_attachment(world, event, "page.html", CONTENT, "text/html")
    sentry = SentryServer(create_app(world, limits=RateLimits(manner="self-hosted")))
    store = AgentTokens(redis_client)
    tokens = {name: (await store.create(name, by="ann"))[0] for name in AGENTS}
    async with (
        serving(sentry) as sentry_url,
        listening_gateway(settings_of(redis_url, sentry_url, secret, AGENTS)) as url,
        httpx2.AsyncClient(base_url=url, timeout=20, trust_env=False) as http,
    ):
        path = f"/api/0/projects/acme/shop/events/{event.id}/attachments/"
        yield Files(http, sentry, path, f"{path}{attachment.id}/?download=1", tokens)


@pytest.mark.parametrize("files", ["person"], indirect=True)
async def test_a_file_is_passed_on_as_it_is_and_as_no_page(files: Files) -> None:
    assert [each["name"] for each in (await files.get("reader", files.url)).json()] == ["page.html"]
    answer = await files.get("reader", files.attachment)
    assert (answer.status_code, answer.content) == (200, CONTENT)
    # A browser that is led to the gateway must not run what an end user's application has sent.
    assert answer.headers["Content-Type"] == "application/octet-stream"


@pytest.mark.parametrize("files", ["person"], indirect=True)
async def test_an_agent_from_which_data_is_hidden_gets_no_files(files: Files) -> None:
    answer = await files.get("discreet", files.attachment)
    assert answer.status_code == 403
    assert "it answers with a file, which may hold the hidden user" in answer.json()["detail"]
    assert files.sentry.seen == []
    assert (await files.get("discreet", files.url)).status_code == 200


@pytest.mark.parametrize("files", ["integration"], indirect=True)
async def test_an_integrations_token_is_known_to_be_no_persons(files: Files) -> None:
    answer = await files.get("reader", files.attachment)
    assert 400 <= answer.status_code < 500
    assert "cannot do this" in answer.json()["detail"]
    assert not any("download" in each.target for each in files.sentry.seen)
