"""A gateway on a real socket, in front of a simulated Sentry that notes each request which reaches it."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.container import GatewayServices
from gateway.process import make_server
from tests.http_servers import run_server, serving
from vedette.settings.settings import Settings
from vedette.simulator import ErrorReport, Issue, RateLimits, World, create_app, record_error
from vedette.simulator.world import builders
from vedette.store.access.audit_log import Audit, AuditEntry
from vedette.store.agents.tokens import AgentTokens
from vedette.store.server.client import RedisClient

SCOPES = (
    *("event:admin", "project:admin", "project:releases", "org:admin", "team:admin", "member:admin", "alerts:write"),
)
READS: Mapping[str, Any] = {"issues": "read", "projects": "read", "teams": "read", "releases": "read"}
AGENTS: Mapping[str, Any] = {
    "nobody": {},
    "reader": {"mode": "act", "may": READS},
    "proposer": {"may": {**READS, "triage": "write"}},
    "watcher": {"mode": "observe", "may": {**READS, "triage": "write"}},
    "actor": {"mode": "act", "may": {**READS, "triage": "write", "releases": "write"}},
    "shop-agent": {
        "mode": "act",
        "may": {**READS, "triage": "write"},
        "grant": {"projects": ["shop"], "bulk": 2, "writes_per_hour": 5},
    },
    "owner": {
        "mode": "act",
        "may": dict.fromkeys(("issues", "triage", "destroy-issues", "projects", "teams", "releases"), "full"),
    },
}


@dataclass
class Seen:
    """A request that reached the simulated Sentry."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class SentryServer:
    """The simulated Sentry, which notes its requests and can be replaced for a while."""

    app: ASGIApp
    seen: list[Seen] = field(default_factory=list[Seen])
    instead: ASGIApp | None = None
    """Answers in the place of the simulated Sentry."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        raw, query = scope["raw_path"].decode(), scope["query_string"].decode()
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        seen = Seen(scope["method"], f"{raw}?{query}" if query else raw, headers, b"")
        self.seen.append(seen)

        async def noting() -> Message:
            message = await receive()
            seen.body += message.get("body", b"")
            return message

        await (self.instead or self.app)(scope, noting, send)

    def writes(self) -> list[str]:
        """Methods and paths of the requests that change something."""
        return [f"{each.method} {each.target}" for each in self.seen if each.method != "GET"]


@dataclass
class RunningGateway:
    """A gateway with its agents."""

    url: str
    world: World
    sentry: SentryServer
    tokens: Mapping[str, str]
    http: httpx2.AsyncClient
    redis: RedisClient
    issues: Mapping[str, Issue]
    """Two of `shop`, one of `bank`."""
    services: GatewayServices

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    async def call(self, agent: str, method: str, path: str, **options: Any) -> httpx2.Response:
        """Send a request of an agent."""
        headers = {"Authorization": f"Bearer {self.tokens[agent]}", **options.pop("headers", {})}
        return await self.http.request(method, path, headers=headers, **options)

    def issue_path(self, name: str = "first") -> str:
        return f"/api/0/organizations/acme/issues/{self.issues[name].id}/"

    async def entries(self) -> list[AuditEntry]:
        """The audit, the oldest first."""
        return [entry async for entry in Audit(self.redis, 3600).oldest()]

    async def decisions(self) -> list[str]:
        """The decision on each call, the oldest first."""
        return [entry.text("decision") for entry in await self.entries() if entry.kind == "call"]


def make_world() -> tuple[World, str]:
    """An organization with three issues in two projects, and the token of its integration."""
    world = World("acme", seed=7)
    team = builders.add_team(world, "payments")
    builders.add_member(world, "ines@acme.example", "Inés", "owner", [team])
    for slug in ("shop", "bank"):
        builders.add_project(world, slug, teams=[team])
    integration = builders.add_integration(world, scopes=SCOPES)
    return world, builders.add_token(world, "internal", SCOPES, integration=integration).secret


def add_issue(world: World, slug: str, title: str) -> Issue:
    """An issue of a project."""
    event = record_error(world, world.project_by_slug[slug], ErrorReport(title, f"{title} in {slug}"))
    assert event is not None
    return event.issue


def settings_of(
    redis_url: str, sentry_url: str, token: str, agents: Mapping[str, Any] = AGENTS, **gateway: Any
) -> Settings:
    """The settings of a gateway on a free port."""
    integration = {"client_secret": "s" * 32, "token": token, "organization": "acme", "sentry_url": sentry_url}
    return Settings.model_validate(
        {
            "integrations": {"default": integration},
            "redis_url": redis_url,
            "agents": agents,
            "gateway": {"port": 0, **gateway},
        }
    )


@asynccontextmanager
async def listening_gateway(settings: Settings, services: GatewayServices | None = None) -> AsyncGenerator[str]:
    """Run a gateway in this process, on a real socket."""
    listening: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    server = make_server(settings, ready=listening.set_result, services=services)
    async with run_server(server):
        yield await listening


@asynccontextmanager
async def running_gateway(
    redis_url: str, redis: RedisClient, agents: Mapping[str, Any] = AGENTS, **gateway: Any
) -> AsyncGenerator[RunningGateway]:
    """Run a gateway in front of a simulated Sentry, with a token for each agent."""
    world, token = make_world()
    issues = {name: add_issue(world, *about) for name, about in _ISSUES.items()}
    sentry = SentryServer(create_app(world, limits=RateLimits(manner="self-hosted")))
    store = AgentTokens(redis)
    tokens = {name: (await store.create(name, by="ann"))[0] for name in agents}
    async with serving(sentry) as sentry_url:
        settings = settings_of(redis_url, sentry_url, token, agents, **gateway)
        services = GatewayServices(settings)
        async with (
            listening_gateway(settings, services) as url,
            httpx2.AsyncClient(base_url=url, timeout=20, trust_env=False) as http,
        ):
            # So that an address in its answers leads past the gateway, and a client that follows it is seen.
            world.base_url = sentry_url
            yield RunningGateway(url, world, sentry, tokens, http, redis, issues, services)


_ISSUES: Mapping[str, tuple[str, str]] = {
    "first": ("shop", "BadError"),
    "foreign": ("bank", "OtherError"),
    "second": ("shop", "WorseError"),
}
