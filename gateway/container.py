"""Builds the gateway's services from settings; each is made here once, with its dependencies as arguments."""

import os
from contextlib import suppress
from typing import Final

import structlog
from redis.exceptions import RedisError

from gateway.agent_reload import AgentReloader, ServedAgents
from gateway.client_limits import ClientLimits
from vedette.access.agent_directory import AgentDirectory
from vedette.access.agent_gates import AgentGateFactory
from vedette.access.client_factory import connect
from vedette.access.context import IntegrationConnection, PolicyServices, make_policy_services
from vedette.api import HttpOptions
from vedette.http_server.background_tasks import BackgroundTasks
from vedette.settings.settings import Settings, load_settings
from vedette.settings.settings_file import settings_file
from vedette.store.server.edition import claim_edition
from vedette.store.server.embedded import redis_url_of
from vedette.store.server.server_check import ServerUnreachableError, check_server, open_redis

LONGEST_WAIT: Final = 25.0
"""Seconds that a call waits for the rate limit and for Sentry's answers, retries included; clients wait for 30."""
_REDIS_TIMEOUT: Final = 2.0
"""Seconds for an answer of Redis, after which a request is answered 503."""
LARGEST_ANSWER: Final = 8 * 1024 * 1024
"""Bytes of an answer of Sentry; a process holds those of all calls in progress."""
_SHARE_OF_LIMIT: Final = 0.75
"""The part of a time limit that `connect` gives to one call."""


class GatewayServices:
    """The services of one gateway, apart from its routes."""

    def __init__(self, settings: Settings) -> None:
        """Build them; nothing is sent yet.

        Raises:
            SettingsError: When the integration of an agent lacks what a call needs.
            UnusableTokenError: When its token cannot work.
        """
        self.settings = settings
        self.public_url = settings.gateway.public_url
        """The address by which agents reach it, without a trailing slash."""
        self.redis_url = redis_url_of(settings)
        self.redis = open_redis(self.redis_url, timeout=_REDIS_TIMEOUT)
        self.policy: PolicyServices = make_policy_services(self.redis, settings.access)
        self.agents = AgentDirectory(self.redis, settings.agents)
        self.sentry: dict[str, IntegrationConnection] = {}
        served = ServedAgents(self.agents, self.sentry, self._connect)
        served.replace(settings)
        self._reloader = AgentReloader(settings_file(os.environ), load_settings, served)
        self.gates = AgentGateFactory(self.policy, self.agents, self.sentry)
        self.clients = ClientLimits()
        self._background = BackgroundTasks()

    async def start(self) -> None:
        """Check Redis and start the background tasks.

        Raises:
            UnsafeServerError: When Redis evicts acknowledged data, or may not be written to.
        """
        with suppress(ServerUnreachableError):
            await check_server(self.redis, self.redis_url)
            await claim_edition(self.redis)
        self.clients.start(self._background)
        self._background.start("agents", self._reloader.run)
        structlog.get_logger().info("gateway is up", agents=sorted(self.settings.agents))

    async def stop(self) -> None:
        """Stop the background tasks and close all connections."""
        await self._background.stop()
        with suppress(RedisError):
            await self.gates.aclose()
        for connection in self.sentry.values():
            await connection.transport.aclose()
        await self.redis.aclose()

    def _connect(self, name: str, settings: Settings) -> IntegrationConnection:
        limit, options = LONGEST_WAIT / _SHARE_OF_LIMIT, HttpOptions(largest=LARGEST_ANSWER)
        return connect(name, settings.require_integration(name), self.redis, time_limit=limit, options=options)
