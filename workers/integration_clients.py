"""Connects each integration to Sentry once per process, and makes the clients of runs."""

import json

from vedette.access.client_factory import ClientFactory, connect
from vedette.access.context import IntegrationConnection, PolicyServices
from vedette.access.notifier import Notify
from vedette.api import Sentry
from vedette.authoring.context import Context
from vedette.events import Event
from vedette.plugins.registry import Registry
from vedette.settings.settings import Settings
from vedette.store.server.client import RedisClient


class IntegrationClients:
    """The connections of a worker process to Sentry, one per integration."""

    def __init__(self, settings: Settings, client: RedisClient, registry: Registry, factory: ClientFactory) -> None:
        """Prepare; nothing is connected yet.

        Args:
            settings: The integrations with their tokens.
            client: The connection to Redis, which holds the rate limits.
            registry: The handlers with their grants and modes.
            factory: Makes the clients.
        """
        self._settings = settings
        self._client = client
        self._registry = registry
        self._factory = factory
        self.connections: dict[str, IntegrationConnection] = {}

    @property
    def services(self) -> PolicyServices:
        """The services that the gate checks calls with."""
        return self._factory.services

    def connect(self, integration: str) -> IntegrationConnection:
        """Return the connection of an integration; the first call makes it.

        Raises:
            SettingsError: When the integration has no token or organization, naming the setting.
            UnusableTokenError: When its token cannot work.
        """
        if integration not in self.connections:
            self.connections[integration] = connect(
                integration,
                self._settings.require_integration(integration),
                self._client,
                time_limit=self._settings.worker.time_limit,
                has_breaker=True,
            )
        return self.connections[integration]

    def fingerprints(self) -> str:
        """Return the fingerprint of each integration's token, as the JSON that scripts compare with refused ones."""
        return json.dumps({name: one.transport.fingerprint for name, one in self.connections.items()})

    def sentry_for(self, integration: str, context: Context, event: Event) -> Sentry:
        """Return the API client of one run: all its calls pass the gate, under the handler's grant and mode.

        Args:
            integration: The integration that the delivery came from.
            context: The run.
            event: The event of the delivery.

        Raises:
            SettingsError: When the integration has no token or organization, naming the setting.
            UnusableTokenError: When its token cannot work.
        """
        handler = self._registry.handlers[context.handler]
        return self._factory.sentry_for(self.connect(integration), handler, context, event)

    def notify_for(self, integration: str, context: Context, event: Event) -> Notify:
        """Return the object with which one run sends messages; see `sentry_for`."""
        handler = self._registry.handlers[context.handler]
        return self._factory.notify_for(self.connect(integration), handler, context, event)

    async def close(self) -> None:
        """Close the connections to Sentry and to channels."""
        for connection in self.connections.values():
            await connection.transport.aclose()
        await self._factory.channels.aclose()
