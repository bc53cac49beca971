"""A small world, a place that webhooks arrive at, and the API over both, on real sockets."""

from __future__ import annotations

import asyncio
import os
import socket
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
import uvicorn
from starlette.responses import Response

from vedette.simulator import RateLimits, WebhookSender, World, create_app, population
from vedette.simulator.failing import Droppable

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable

    from starlette.types import ASGIApp, Receive, Scope, Send

    from vedette.simulator.integrations import Integration, Token
    from vedette.simulator.people import Team, User
    from vedette.simulator.projects import Project

SECRET = "a-client-secret-of-the-tests"
ALL_SCOPES = (
    "event:admin",
    "project:admin",
    "project:releases",
    "org:admin",
    "team:admin",
    "member:admin",
    "alerts:write",
)


@dataclass
class Small:
    """A world with one of each, and the token of its integration."""

    world: World
    team: Team
    user: User
    project: Project
    integration: Integration
    token: Token
    user_token: Token


@dataclass
class Received:
    """One request as it arrived, byte for byte."""

    path: str
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str:
        return dict(self.headers)[name]


@dataclass
class Hook:
    """A receiver of webhooks whose answer can be chosen."""

    url: str = ""
    received: list[Received] = field(default_factory=list[Received])
    status: int = 202
    answer_headers: dict[str, str] = field(default_factory=dict[str, str])
    delay: float = 0.0
    body: bytes = b""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        headers = [(name.decode(), value.decode()) for name, value in scope["headers"]]
        self.received.append(Received(scope["path"], headers, body))
        await asyncio.sleep(self.delay)
        await Response(self.body, self.status, self.answer_headers)(scope, receive, send)


@asynccontextmanager
async def serving(app: ASGIApp) -> AsyncGenerator[str]:
    """Serve an app on a free port of this machine; yields its base URL."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_config=None, log_level="critical", lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        async with asyncio.timeout(10):
            while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
                await asyncio.sleep(0.005)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await asyncio.wait({task}, timeout=5)
        listening.close()


@pytest.fixture
def serve() -> Callable[[ASGIApp], Any]:
    """Serve an app on a real socket: `async with serve(app) as base_url`."""
    return serving


@pytest.fixture
def small() -> Small:
    """Return a world with one team, person, project, integration and token."""
    world = World("acme", seed=7)
    team = population.add_team(world, "payments")
    member = population.add_member(world, "ines@acme.example", "Inés Okafor", "owner", [team])
    project = population.add_project(world, "shop", teams=[team])
    integration = population.add_integration(world, client_secret=SECRET, scopes=ALL_SCOPES)
    token = population.add_token(world, "internal", ALL_SCOPES, integration=integration)
    assert member.user is not None
    user_token = population.add_token(world, "user", ALL_SCOPES, user=member.user)
    return Small(world, team, member.user, project, integration, token, user_token)


@pytest.fixture
async def hook(small: Small) -> AsyncIterator[Hook]:
    """Yield a receiver that the small world's integration sends to."""
    receiver = Hook()
    async with serving(receiver) as url:
        receiver.url = small.integration.webhook_url = f"{url}/hooks"
        yield receiver


@pytest.fixture
async def sender(small: Small) -> AsyncIterator[WebhookSender]:
    """Yield a running sender of the small world."""
    async with WebhookSender(small.world) as running:
        yield running


@pytest.fixture
async def api(small: Small, sender: WebhookSender) -> AsyncIterator[httpx2.AsyncClient]:
    """Yield an HTTP client of the small world's API on a real socket, with the integration's token, no limits."""
    app = create_app(small.world, sender=sender, limits=RateLimits(manner="self-hosted"))
    async with serving(Droppable(app)) as url:
        small.world.base_url = url
        headers = {"Authorization": f"Bearer {small.token.secret}"}
        async with httpx2.AsyncClient(base_url=url, headers=headers) as client:
            yield client


@pytest.fixture
async def in_process(small: Small) -> AsyncIterator[httpx2.AsyncClient]:
    """Yield an HTTP client of the small world's API without a socket, with the integration's token, no limits."""
    app = create_app(small.world, limits=RateLimits(manner="self-hosted"))
    headers = {"Authorization": f"Bearer {small.token.secret}"}
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url=small.world.base_url, headers=headers) as client:
        yield client


@pytest.fixture(scope="session")
def facts() -> Path:
    """Return where Sentry's published schema and example payloads are; they are read, never copied."""
    path = Path(__file__).parents[3] / "../shared/sentry"
    if not path.exists():
        if os.environ.get("CI") == "true":
            pytest.fail("../shared/sentry is missing")
        pytest.skip("../shared/sentry is not beside the repository")
    return path
