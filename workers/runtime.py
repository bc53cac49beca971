"""Builds everything that a worker process needs, and starts and closes it."""

import asyncio
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import structlog

from vedette._core.backoff import Backoff
from vedette.access.client_factory import ClientFactory
from vedette.access.context import make_policy_services
from vedette.events.catalog import known_names
from vedette.notify import Channels
from vedette.plugins.discovery import discover
from vedette.plugins.provided_objects import ProvidedObjects
from vedette.plugins.registry import Registry
from vedette.settings.settings import Settings
from vedette.settings.tenant import tenant_of
from vedette.store.deliveries.deliveries import Deliveries
from vedette.store.runs.runs import Runs
from vedette.store.server.client import RedisClient
from vedette.store.server.edition import LOOK_INTERVAL, OtherEditionError, claim_edition
from vedette.store.server.retrying import REDIS_ERRORS
from vedette.store.server.server_check import ServerUnreachableError, check_server, open_redis
from workers.handler_list import publish_handlers
from workers.integration_clients import IntegrationClients
from workers.live_config_watcher import LiveConfigWatcher
from workers.observability.name_check import NameCheck

_BACKOFF = Backoff(first=0.25, longest=5.0)
_CLEANUP = 0.5
"""Seconds that cancelled runs have before the objects that they use are closed."""


@dataclass(frozen=True)
class InFlightRun:
    """One attempt that is in flight in this process."""

    delivery: str
    handler: str
    """The name of the run: its handler, and `@NAME` for a deferred run."""
    attempt_token: int


@dataclass
class Runtime:
    """The services of a worker process, and its in-flight runs; made once per process."""

    settings: Settings
    redis_url: str
    registry: Registry
    client: RedisClient
    deliveries: Deliveries
    runs: Runs
    clients: IntegrationClients
    objects: ProvidedObjects
    """The objects that `@provide` functions have made in this process."""
    worker: str = ""
    """The id of this worker process; empty when no broker holds messages for it."""
    attempts: "dict[InFlightRun, asyncio.Task[Any] | None]" = field(
        default_factory=dict["InFlightRun", "asyncio.Task[Any] | None"]
    )
    watching: "asyncio.Task[None] | None" = None
    """Reloads live configurations, and keeps the handler list current."""
    checking: "asyncio.Task[None] | None" = None
    """Asks Sentry for the names in handlers' settings and rules."""
    is_ending: bool = False
    alone: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by a run that may have crashed its worker before, so that no other run is blamed for the next crash."""

    def __post_init__(self) -> None:
        publish = partial(publish_handlers, self.client, self.registry)
        self.names = NameCheck(self.registry, self.clients.connections.values, publish)

    async def start(self) -> None:
        """Wait for the server, check it, and publish the handler list.

        Raises:
            UnsafeServerError: When the server may lose deliveries.
            UnusableTokenError: When an integration's token cannot work.
        """
        log = structlog.get_logger()
        if not await self._check_server():
            log.warning("Redis keeps no append-only file: a crash of its server loses accepted deliveries")
        for name in self.settings.integrations:
            self.clients.connect(name)
        await publish_handlers(self.client, self.registry)
        watcher = LiveConfigWatcher(self.registry, self._update)
        self.watching = asyncio.create_task(watcher.run(), name="watching live configuration")
        self._check_names()

    @contextmanager
    def in_flight(self, attempt: InFlightRun) -> Generator[Callable[[], bool]]:
        """Record an attempt as in flight; the value returns whether the process's shutdown has cancelled it."""
        self.attempts[attempt] = asyncio.current_task()
        try:
            yield lambda: self.is_ending
        finally:
            self.attempts.pop(attempt, None)

    async def release(self) -> None:
        """Return in-flight runs to the queue, so that they count neither as failed nor as crashed."""
        self.is_ending = True
        for attempt in list(self.attempts):
            try:
                await self.runs.release_attempt(attempt.delivery, attempt.handler, attempt.attempt_token)
            except REDIS_ERRORS as error:
                structlog.get_logger().warning("run is cut off", handler=attempt.handler, problem=str(error))

    async def close(self) -> None:
        """Cancel in-flight runs, then close their objects and all connections."""
        ending = {task for task in (*self.attempts.values(), self.watching, self.checking) if task is not None}
        for task in ending:
            task.cancel()
        if ending:
            await asyncio.wait(ending, timeout=_CLEANUP)
        await self.objects.close()
        await self.clients.close()
        await self.client.aclose()

    async def _check_server(self) -> bool:
        """Wait for the server; return whether it keeps everything over a crash."""
        failures = 0
        while True:
            try:
                durable = await check_server(self.client, self.redis_url)
                await claim_edition(self.client)
            except OtherEditionError as error:
                structlog.get_logger().error("waiting for Redis", problem=str(error), again_in=LOOK_INTERVAL)
                await asyncio.sleep(LOOK_INTERVAL)
            except ServerUnreachableError as error:
                # After a reboot it may still be starting.
                failures += 1
                wait = _BACKOFF.after(failures)
                structlog.get_logger().warning("waiting for Redis", problem=str(error), again_in=wait)
                await asyncio.sleep(wait)
            else:
                return durable

    async def _update(self, *, only_if_missing: bool) -> None:
        """Publish the handler list, and check the names in rules that have changed."""
        if self.names.is_outdated:
            self._check_names()
        await publish_handlers(self.client, self.registry, only_if_missing=only_if_missing)

    def _check_names(self) -> None:
        """Start to check names; a check that is running is about rules that are no longer in force."""
        if self.checking is not None:
            self.checking.cancel()
        self.checking = asyncio.create_task(self.names.look(), name="checking names in settings and rules")


def make_runtime(settings: Settings, redis_url: str) -> Runtime:
    """Discover the handlers and prepare the connections; nothing is connected yet."""
    client = open_redis(redis_url)
    registry = discover(settings, frozenset(known_names()))
    factory = ClientFactory(make_policy_services(client, settings.access), Channels(settings.channels))
    return Runtime(
        settings,
        redis_url,
        registry,
        client,
        Deliveries(client, {name: tenant_of(settings, name) for name in settings.integrations}),
        Runs(client),
        IntegrationClients(settings, client, registry, factory),
        ProvidedObjects(settings.worker.time_limit),
    )
