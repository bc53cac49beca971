"""What one worker process holds: the handlers, the connections, and a client of Sentry's API per integration."""

import asyncio
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import structlog

from vedette.access.client_factory import ClientFactory, connect
from vedette.access.context import IntegrationConnection, make_policy_services
from vedette.access.notifier import Notify
from vedette.api import Sentry
from vedette.authoring.context import Context
from vedette.events import Event
from vedette.events.catalog import known_names
from vedette.notify import Channels
from vedette.plugins.access_summary import shortcomings
from vedette.plugins.discovery import discover
from vedette.plugins.handler import Handler
from vedette.plugins.provided_objects import ProvidedObjects
from vedette.plugins.registry import Registry
from vedette.settings.settings import Settings
from vedette.settings.tenant import tenant_of
from vedette.store.access.handler_roster import OFF, HandlerRoster, RosterHandler, RosterProblem, write_roster
from vedette.store.deliveries.deliveries import Deliveries
from vedette.store.runs.runs import Runs
from vedette.store.server.client import RedisClient
from vedette.store.server.retrying import REDIS_ERRORS, retry_until_available
from vedette.store.server.server_check import ServerUnreachableError, check_server, open_redis
from workers.live_config_watcher import watch_guides
from workers.observability.name_check import NameCheck

_FIRST_WAIT = 0.25
_LONGEST_WAIT = 5.0
_TIDYING = 0.5
"""Seconds that runs which are cut off have before the objects that they use are closed."""


@dataclass(frozen=True)
class InFlightRun:
    """One attempt that is under way in this process."""

    delivery: str
    handler: str
    """What the run is called: its handler, and `@NAME` for what that put off."""
    attempt_token: int


@dataclass
class Runtime:
    """Everything that fan-out and runs need; made once per process."""

    settings: Settings
    redis_url: str
    registry: Registry
    client: RedisClient
    deliveries: Deliveries
    runs: Runs
    clients: ClientFactory
    objects: ProvidedObjects
    """What `@provide` functions have made here."""
    worker: str = ""
    """This process among the workers; empty where no broker holds messages for it."""
    connections: dict[str, "IntegrationConnection"] = field(default_factory=dict[str, "IntegrationConnection"])
    attempts: "dict[InFlightRun, asyncio.Task[Any] | None]" = field(
        default_factory=dict["InFlightRun", "asyncio.Task[Any] | None"]
    )
    watching: "asyncio.Task[None] | None" = None
    """Follows what guides handlers, and keeps the roster written."""
    checking: "asyncio.Task[None] | None" = None
    """Asks Sentry for the names in handlers' settings and rules."""
    is_ending: bool = False
    alone: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Runs that may be what kills their worker's process go one at a time, so that no other is taken for it."""

    def __post_init__(self) -> None:
        self.names = NameCheck(self.registry, self.connections.values, self._publish)

    async def start(self) -> None:
        """Wait for the server, check it, and say which handlers there are.

        Raises:
            UnsafeServerError: When the server may throw deliveries away.
            UnusableTokenError: When an integration's token cannot work.
        """
        log = structlog.get_logger()
        if not await self._server_keeps_everything():
            log.warning("Redis keeps no append-only file: a crash of its server loses what was accepted")
        for name in self.settings.integrations:
            self.connection(name)
        await write_roster(self.client, _roster(self.registry))
        watching = watch_guides(self.registry, self._follow)
        self.watching = asyncio.create_task(watching, name="watching guides and the roster")
        self._check_names()

    def _check_names(self) -> None:
        """Begin to ask Sentry for names anew; a look that is under way is of rules that are no longer in force."""
        if self.checking is not None:
            self.checking.cancel()
        self.checking = asyncio.create_task(self.names.look(), name="checking names in settings and rules")

    async def _follow(self, *, only_if_missing: bool) -> None:
        """Keep the roster written, and ask Sentry for the names in rules that have changed."""
        if self.names.is_outdated:
            self._check_names()
        await self._publish(only_if_missing=only_if_missing)

    async def _publish(self, *, only_if_missing: bool = False) -> None:
        await retry_until_available(
            lambda: write_roster(self.client, _roster(self.registry), only_if_missing=only_if_missing)
        )

    def sentry_for(self, integration: str, context: Context, event: Event) -> Sentry:
        """Return the API client for one run: all its calls pass the gate, under the handler's grant and mode.

        Args:
            integration: Whose token calls.
            context: The run.
            event: What it works on.

        Raises:
            SettingsError: When the integration has no token or organization, naming the setting.
            UnusableTokenError: When its token cannot work.
        """
        handler = self.registry.handlers[context.handler]
        return self.clients.sentry_for(self.connection(integration), handler, context, event)

    def notify_for(self, integration: str, context: Context, event: Event) -> Notify:
        """Return what one run tells people with, under the handler's grant and mode; see `sentry_for`."""
        handler = self.registry.handlers[context.handler]
        return self.clients.notify_for(self.connection(integration), handler, context, event)

    async def _server_keeps_everything(self) -> bool:
        wait = _FIRST_WAIT
        while True:
            try:
                return await check_server(self.client, self.redis_url)
            except ServerUnreachableError as error:
                # It may be on its way up, as everything after a reboot is.
                structlog.get_logger().warning("waiting for Redis", problem=str(error), again_in=wait)
                await asyncio.sleep(wait)
                wait = min(wait * 2, _LONGEST_WAIT)

    def connection(self, integration: str) -> IntegrationConnection:
        """Return an integration's way to Sentry.

        Raises:
            SettingsError: When the integration has no token or organization, naming the setting.
            UnusableTokenError: When its token cannot work.
        """
        if integration not in self.connections:
            settings = self.settings.require_integration(integration)
            self.connections[integration] = connect(
                integration, settings, self.client, time_limit=self.settings.worker.time_limit
            )
        return self.connections[integration]

    @contextmanager
    def in_flight(self, attempt: InFlightRun) -> Generator[Callable[[], bool]]:
        """Note an attempt while it goes; the value tells whether it was cut off by this process's end."""
        self.attempts[attempt] = asyncio.current_task()
        try:
            yield lambda: self.is_ending
        finally:
            self.attempts.pop(attempt, None)

    async def release(self) -> None:
        """Take back what is still under way, so that it counts neither as failed nor as a death."""
        self.is_ending = True
        for attempt in list(self.attempts):
            try:
                await self.runs.release_attempt(attempt.delivery, attempt.handler, attempt.attempt_token)
            except REDIS_ERRORS as error:
                structlog.get_logger().warning("run is cut off", handler=attempt.handler, problem=str(error))

    async def close(self) -> None:
        """End what is still under way, and close what was made for it and all connections."""
        ending = {task for task in (*self.attempts.values(), self.watching, self.checking) if task is not None}
        for task in ending:
            task.cancel()
        if ending:
            await asyncio.wait(ending, timeout=_TIDYING)
        await self.objects.close()
        for connection in self.connections.values():
            await connection.transport.aclose()
        await self.clients.channels.aclose()
        await self.client.aclose()


def make_runtime(settings: Settings, redis_url: str) -> Runtime:
    """Find the handlers and prepare the connections; nothing is connected yet."""
    client = open_redis(redis_url)
    registry = discover(settings, frozenset(known_names()))
    return Runtime(
        settings,
        redis_url,
        registry,
        client,
        Deliveries(client, {name: tenant_of(settings, name) for name in settings.integrations}),
        Runs(client),
        ClientFactory(make_policy_services(client, settings.access), Channels(settings.channels)),
        ProvidedObjects(settings.worker.time_limit),
    )


def _roster(registry: Registry) -> HandlerRoster:
    handlers = sorted(registry.handlers.values(), key=lambda handler: handler.name)
    off = (RosterHandler(one.name, one.patterns, OFF, one.source, missing=(one.remedy,)) for one in registry.off)
    return HandlerRoster(
        (*(_on_roster(one) for one in handlers), *off),
        tuple(RosterProblem(one.source, one.reason, one.is_left_out) for one in registry.problems),
        names=tuple(sorted(registry.names)),
        providers=tuple(sorted(registry.providers)),
        is_complete=registry.is_complete,
    )


def _on_roster(handler: Handler) -> RosterHandler:
    return RosterHandler(
        handler.name,
        handler.patterns,
        handler.mode,
        handler.source,
        needs=handler.needs,
        grant=str(handler.grant),
        modes=tuple(f"{pattern}: {mode}" for pattern, mode in handler.modes.items()),
        missing=shortcomings(handler),
        when=handler.guide.summary if handler.guide else handler.condition.text if handler.condition else "",
        echoes=handler.echoes,
        crons=tuple(str(cron) for cron in handler.crons),
        where=str(handler.where),
    )
