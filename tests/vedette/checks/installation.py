"""An installation in one process: simulated Sentry, receiver, Redis and watch, on real sockets and a moved clock."""

from __future__ import annotations

import time
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from receiver.app import build_app
from receiver.container import ReceiverServices
from tests.http_servers import serving
from vedette.access.client_factory import connect
from vedette.alarms.alarms import Alarms
from vedette.checks.demand import Demand, demand_of
from vedette.checks.evidence_collector import EvidenceCollector
from vedette.checks.integration_watch import IntegrationWatch
from vedette.checks.watch_state import WatchState, WatchStates
from vedette.settings.settings import Settings
from vedette.simulator import ErrorReport, Event, RateLimits, WebhookSender, World, create_app, record_error
from vedette.simulator.faults.responses import Droppable
from vedette.simulator.world import builders
from vedette.store.access.handler_roster import HandlerRoster, RosterHandler
from vedette.store.receivers.receiver_status import ReceiverStatuses
from vedette.store.server.server_check import open_redis

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from starlette.types import ASGIApp, Receive, Scope, Send

    from vedette.simulator.world.integrations import Integration, Token
    from vedette.simulator.world.projects import Project
    from vedette.store.server.client import RedisClient

SECRET = "a-client-secret-of-the-tests"
SCOPES = ("event:admin", "project:read", "org:read", "team:read", "alerts:read")
INTERVAL, CONFIRM = 240.0, 60.0


@dataclass
class MovedClock:
    """The time of this process, ahead of the real one by an offset."""

    real: Any = time.time
    offset: float = 0.0

    def time(self) -> float:
        return self.real() + self.offset

    def time_ns(self) -> int:
        return round(self.time() * 1_000_000_000)

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.time(), UTC)


@dataclass
class Proxy:
    """What stands in front of the receiver: passes requests on, or answers instead."""

    app: ASGIApp
    instead: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (self.instead or self.app)(scope, receive, send)


@dataclass
class Installation:
    """One integration at work."""

    clock: MovedClock
    world: World
    project: Project
    app: Integration
    token: Token
    sender: WebhookSender
    proxy: Proxy
    services: ReceiverServices
    client: RedisClient
    settings: Settings
    watch: IntegrationWatch
    handlers: dict[str, tuple[str, ...]] = field(default_factory=lambda: {"triage": ("issue.created",)})
    needs: tuple[str, ...] = ("event:write",)

    @property
    def demand(self) -> Demand:
        found = (
            RosterHandler(name, patterns, "act", "tests", needs=self.needs) for name, patterns in self.handlers.items()
        )
        return demand_of(HandlerRoster(tuple(found), ()))

    async def happen(self, count: int = 1, project: Project | None = None) -> list[Event]:
        """Let issues be born, and what Sentry sends of them arrive."""
        found: list[Event] = []
        for _ in range(count):
            report = ErrorReport("E", "x", fingerprint=self.world.hex_id())
            event = record_error(self.world, project or self.project, report)
            assert event is not None
            found.append(event)
        await self.settle()
        return found

    async def settle(self) -> None:
        await self.sender.idle()
        await ReceiverStatuses(self.client).write(self.services.status_report.make())

    def move(self, seconds: float) -> None:
        self.clock.offset += seconds

    async def run_until(self, check: str, state: str, *, most: float = 600.0) -> tuple[WatchState, float]:
        """Look as the watchdog does until a check is in a state; return it, and the seconds that passed."""
        passed = 0.0
        while True:
            wait = CONFIRM if await self.watch.look(self.demand) else INTERVAL
            found = (await self.states())[check]
            if found.finding.state == state:
                return found, passed
            assert passed + wait <= most, f"after {passed} s: {found}"
            passed += wait
            self.move(wait)

    async def states(self) -> dict[str, WatchState]:
        return await WatchStates(self.client).of("default")


@asynccontextmanager
async def installed(
    redis_url: str, folder: Path, clock: MovedClock, *, app: str | None = "vedette", server: str = "saas"
) -> AsyncGenerator[Installation]:
    """Yield an installation in which everything is well."""
    async with AsyncExitStack() as stack:
        world = World("acme", seed=7, clock=clock.now)
        project = builders.add_project(world, "shop")
        integration = builders.add_integration(world, client_secret=SECRET, scopes=SCOPES)
        token = builders.add_token(world, "internal", SCOPES, integration=integration)
        sender = await stack.enter_async_context(WebhookSender(world, jitter=0.0))
        limits = RateLimits(manner="self-hosted")
        world.base_url = await stack.enter_async_context(serving(create_app(world, sender=sender, limits=limits)))
        proxy = Proxy(_not_ready)
        public = await stack.enter_async_context(serving(Droppable(proxy)))
        integration.webhook_url = f"{public}/hooks"
        settings = Settings.model_validate(
            {
                "integrations": {
                    "default": {
                        "client_secret": SECRET,
                        "token": token.secret,
                        "organization": "acme",
                        "sentry_url": world.base_url,
                        "public_url": integration.webhook_url,
                        **({"app": app} if app else {}),
                    }
                },
                "redis_url": redis_url,
                "state_dir": folder / "state",
            }
        )
        services = ReceiverServices(settings)
        proxy.app = build_app(settings, services=services)
        await services.start()
        stack.push_async_callback(services.stop)
        client = open_redis(redis_url)
        stack.push_async_callback(client.aclose)
        connection = connect("default", settings.integrations["default"], client)
        stack.push_async_callback(connection.transport.aclose)
        collector = EvidenceCollector(
            client, "default", settings.integrations["default"], connection.transport, clock=clock.time
        )
        watch = IntegrationWatch(collector, WatchStates(client), Alarms(client))
        yield Installation(
            *(clock, world, project, integration, token, sender, proxy, services, client, settings, watch)
        )


async def _not_ready(scope: Scope, receive: Receive, send: Send) -> None:
    del scope, receive, send
    raise RuntimeError("the receiver is not in place yet")
