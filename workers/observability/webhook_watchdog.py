"""Looks every few minutes whether Sentry's webhooks arrive; one worker looks for all.

A lock that expires with the interval elects it. After a look that suspects something the lock ends sooner, so that the
second look follows within a minute.
"""

import asyncio
from contextlib import suppress
from typing import Final

import structlog

from vedette._core.ids import new_identifier
from vedette.alarms.alarms import Alarms
from vedette.checks.demand import Demand, demand_of
from vedette.checks.evidence_collector import EvidenceCollector
from vedette.checks.integration_watch import WATCHED, IntegrationWatch, alarm_of
from vedette.checks.watch_state import WatchStates
from vedette.permissions.agent_grants import grant_of_agent
from vedette.settings.settings import Settings
from vedette.store.access.handler_roster import readable_roster
from vedette.store.server.client import RedisClient
from vedette.store.server.keys import WATCH_LOCK
from vedette.store.server.retrying import REDIS_ERRORS
from workers.integration_clients import IntegrationClients

CONFIRM: Final = 60.0
"""Seconds from a first finding to the look that confirms it."""
_MOST_POLLS: Final = 5.0
"""Seconds between two attempts to get the lease for the look, at most."""


class WebhookWatchdog:
    """The watchdog of one worker process."""

    def __init__(self, settings: Settings, client: RedisClient, clients: IntegrationClients) -> None:
        """Prepare; nothing is asked yet.

        Args:
            settings: The interval, the integrations and the agents.
            client: The connection to Redis.
            clients: The connections to Sentry.
        """
        self._settings = settings
        self._client = client
        self._clients = clients
        self._interval = settings.watchdog.interval
        self._looking: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to look, unless the settings say otherwise."""
        if self._settings.watchdog.enabled:
            self._looking = asyncio.create_task(self._look_for_ever(), name="webhook watchdog")

    async def stop(self) -> None:
        """End looking."""
        if self._looking is not None:
            self._looking.cancel()
            with suppress(asyncio.CancelledError):
                await self._looking

    async def look_when_elected(self) -> bool:
        """Look at all integrations, unless another worker has done so within the interval; return whether it looked.

        Raises:
            redis.exceptions.RedisError: Redis gives no answer.
        """
        if not await self._client.set(WATCH_LOCK, new_identifier(), px=round(self._interval * 1000), nx=True):
            return False
        demand = await self._demand()
        await self._forget_others()
        suspects = [await self._look(name, demand) for name in self._settings.integrations]
        if any(suspects):
            await self._client.pexpire(WATCH_LOCK, round(min(CONFIRM, self._interval) * 1000))
        return True

    async def _look(self, name: str, demand: Demand) -> bool:
        connection, settings = self._clients.connect(name), self._settings.require_integration(name)
        collector = EvidenceCollector(self._client, name, settings, connection.transport)
        watch = IntegrationWatch(collector, WatchStates(self._client), Alarms(self._client))
        try:
            return await watch.look(demand)
        except REDIS_ERRORS:
            raise
        except Exception:  # noqa: BLE001 - one integration must not keep the others from being looked at
            structlog.get_logger().exception("the watchdog could not look", integration=name)
            return False

    async def _forget_others(self) -> None:
        """End the alarms of integrations that are no longer in the settings, and of checks that are no longer made."""
        alarms, checks = Alarms(self._client), [check.id for check in WATCHED]
        for gone in await WatchStates(self._client).keep_only(self._settings.integrations, checks):
            await alarms.clear(*alarm_of(*gone))

    async def _demand(self) -> Demand:
        agents = {name: grant_of_agent(agent).scopes for name, agent in self._settings.agents.items()}
        return demand_of(await readable_roster(self._client), agents)

    async def _look_for_ever(self) -> None:
        while True:
            await asyncio.sleep(min(self._interval / 4, _MOST_POLLS))
            try:
                await self.look_when_elected()
            except REDIS_ERRORS as error:
                structlog.get_logger().debug("the watchdog looks later", problem=str(error))
            except Exception:  # noqa: BLE001 - this task has to survive whatever Sentry and Redis answer
                structlog.get_logger().exception("the watchdog could not look")
