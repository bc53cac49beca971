"""A gate between a handler's client and a simulated Sentry, on real sockets and a real Redis."""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.http_servers import serving
from vedette import Context, Sentry
from vedette.access.client_factory import ClientFactory, connect
from vedette.access.context import IntegrationConnection, PolicyServices, make_policy_services
from vedette.events import parse, samples
from vedette.permissions.grants import Grant
from vedette.plugins.handler import Handler
from vedette.settings.access import AccessSettings
from vedette.settings.settings import IntegrationSettings, Mode
from vedette.simulator import ErrorReport, Issue, RateLimits, World, create_app, record_error
from vedette.simulator.world import builders
from vedette.store.server.client import RedisClient
from vedette.store.server.server_check import open_redis

ALL_SCOPES = (
    *("event:admin", "project:admin", "project:releases", "org:admin", "team:admin", "member:admin", "alerts:write"),
)


@dataclass
class Scene:
    """A world, the connection to it, and the clients of handlers."""

    world: World
    client: RedisClient
    connection: IntegrationConnection
    services: PolicyServices
    issue: Issue
    other: Issue
    """In another project."""
    second: Issue
    """In the project of the first."""
    url: str
    """Where the simulated Sentry listens."""
    token: str
    clients: ClientFactory = field(init=False)

    def __post_init__(self) -> None:
        self.clients = ClientFactory(self.services)

    def sentry(
        self,
        grant: Grant,
        *,
        needs: tuple[str, ...] = ALL_SCOPES,
        mode: Mode = "act",
        modes: dict[str, Mode] | None = None,
        name: str = "plugin",
        connection: IntegrationConnection | None = None,
    ) -> Sentry:
        """The client that a handler with this grant gets."""

        async def function() -> None: ...

        handler = Handler(name, function, ("*",), "plugin.py", mode, (), needs=needs, grant=grant, modes=modes or {})
        event = parse("issue", samples.load("issue.created"))
        return self.clients.sentry_for(
            connection or self.connection, handler, Context("delivery", name, 1, mode), event
        )

    async def entries(self) -> list[Any]:
        """The audit, the oldest first."""
        return [entry async for entry in self.services.audit.oldest()]

    async def decisions(self) -> list[str]:
        """The decision on each call, the oldest first."""
        return [entry.text("decision") for entry in await self.entries() if entry.kind == "call"]


@pytest.fixture
async def client(redis_url: str) -> AsyncIterator[RedisClient]:
    client = open_redis(redis_url)
    yield client
    await client.aclose()


@pytest.fixture
def make_scene(client: RedisClient) -> Callable[..., Any]:
    """Make a scene; the token's scopes and the access settings can be chosen."""
    return partial(_scene, client)


def _scene(client: RedisClient, url: str, world: World, token: str, settings: AccessSettings) -> Scene:
    integration = IntegrationSettings.model_validate(
        {"client_secret": "s" * 32, "token": token, "organization": world.organization_slug, "sentry_url": url}
    )
    issues: list[Issue] = []
    for slug, bad in (("shop", "bad"), ("bank", "bad"), ("shop", "worse")):
        event = record_error(world, world.project_by_slug[slug], ErrorReport(f"{bad.title()}Error", f"{bad} in {slug}"))
        assert event is not None
        issues.append(event.issue)
    connection, services = connect("default", integration, client), make_policy_services(client, settings)
    return Scene(world, client, connection, services, issues[0], issues[1], issues[2], url, token)


@pytest.fixture
def scopes() -> tuple[str, ...]:
    """What the token holds."""
    return ALL_SCOPES


@pytest.fixture
def dropped_fields() -> tuple[str, ...]:
    """Fields of updates that this Sentry answers 200 to and drops, as an old one does."""
    return ()


def dropping(app: ASGIApp, fields: tuple[str, ...]) -> ASGIApp:
    """A Sentry that drops fields of writes, and does not show them."""
    if not fields:
        return app

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        async def receive_less() -> Message:
            message = await receive()
            body = message.get("body", b"")
            if scope.get("method") != "PUT" or not body:
                return message
            kept = {name: value for name, value in json.loads(body).items() if name not in fields}
            text = json.dumps(kept).encode()
            return {**message, "body": text + b" " * (len(body) - len(text))}

        await app(scope, receive_less, send)

    return serve


@pytest.fixture
def access_settings() -> AccessSettings:
    return AccessSettings()


@pytest.fixture
async def scene(
    make_scene: Callable[..., Scene],
    scopes: tuple[str, ...],
    access_settings: AccessSettings,
    dropped_fields: tuple[str, ...],
) -> AsyncIterator[Scene]:
    world = World("acme", seed=7)
    team = builders.add_team(world, "payments")
    builders.add_member(world, "ines@acme.example", "Inés", "owner", [team])
    for slug in ("shop", "bank"):
        builders.add_project(world, slug, teams=[team])
    integration = builders.add_integration(world, scopes=scopes)
    token = builders.add_token(world, "internal", scopes, integration=integration)
    app = dropping(create_app(world, limits=RateLimits(manner="self-hosted")), dropped_fields)
    async with serving(app) as url:
        scene = make_scene(url, world, token.secret, access_settings)
        yield scene
        await scene.connection.transport.aclose()
