"""The watchdog of the workers: one looks for all, sooner again when it suspects something, and metrics show it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from tests.conftest import connect as open_blocking
from tests.vedette.checks.installation import Installation, MovedClock, installed
from vedette.access.client_factory import ClientFactory
from vedette.access.context import make_policy_services
from vedette.alarms.alarms import Alarms
from vedette.checks.findings import Finding
from vedette.checks.integration_watch import WATCHED
from vedette.checks.watch_state import WatchStates, first_state
from vedette.plugins.registry import Registry
from vedette.settings.settings import WatchdogSettings
from vedette.simulator import Fault
from vedette.store.access.handler_roster import HandlerRoster, RosterHandler, write_roster
from vedette.store.server.keys import WATCH_LOCK
from workers.integration_clients import IntegrationClients
from workers.observability.webhook_watchdog import WebhookWatchdog
from workers.observability.worker_metrics import RedisMetricsCollector

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

TRIAGE = HandlerRoster((RosterHandler("triage", ("issue.created",), "act", "tests"),), ())


@asynccontextmanager
async def watchdogs(town: Installation, count: int) -> AsyncGenerator[list[WebhookWatchdog]]:
    """Yield the watchdogs of so many workers."""
    await write_roster(town.client, TRIAGE)
    services = make_policy_services(town.client, town.settings.access)
    made: list[IntegrationClients] = []
    for _ in range(count):
        registry = Registry(frozenset())
        made.append(IntegrationClients(town.settings, town.client, registry, ClientFactory(services)))
    try:
        yield [WebhookWatchdog(town.settings, town.client, clients) for clients in made]
    finally:
        for clients in made:
            await clients.close()


async def ttl(town: Installation) -> int:
    with open_blocking(str(town.settings.redis_url.get_secret_value() if town.settings.redis_url else "")) as client:
        return int(client.pttl(WATCH_LOCK))


async def test_one_of_many_workers_looks_and_after_a_suspicion_soon_again(redis_url: str, tmp_path: Path) -> None:
    async with installed(redis_url, tmp_path, MovedClock()) as town, watchdogs(town, 4) as dogs:
        await town.happen()
        looked = await asyncio.gather(*(dog.look_when_elected() for dog in dogs))
        assert looked.count(True) == 1
        assert await ttl(town) > 200_000
        assert (await town.states())["arrives"].finding.state == "ok"
        town.sender.faults.add(Fault("disabled"))
        await town.client.delete(WATCH_LOCK)
        assert await dogs[0].look_when_elected()
        assert 0 < await ttl(town) <= 60_000
        await town.client.delete(WATCH_LOCK)
        assert await dogs[1].look_when_elected()
        assert (await town.states())["integration"].finding.cause == "app_disabled"
        assert await ttl(town) > 200_000


async def test_metrics_show_the_findings_and_the_latest_deliveries(redis_url: str, tmp_path: Path) -> None:
    async with installed(redis_url, tmp_path, MovedClock()) as town, watchdogs(town, 1) as (dog,):
        await town.happen()
        town.sender.faults.add(Fault("disabled"))
        for _ in range(2):
            await town.client.delete(WATCH_LOCK)
            assert await dog.look_when_elected()
        last = round(town.services.status_report.make().last["default issue"] / 1000)
    with open_blocking(redis_url) as client:
        text = RedisMetricsCollector(client).text().decode()
    assert 'vedette_watch_state{check="integration",integration="default"} 2.0' in text
    assert 'vedette_watch_state{check="webhook_url",integration="default"} 0.0' in text
    line = next(line for line in text.splitlines() if line.startswith("vedette_last_delivery_timestamp_seconds{"))
    assert line.startswith('vedette_last_delivery_timestamp_seconds{integration="default",resource="error"} ')
    assert abs(float(line.split()[1]) - last) < 5


async def test_an_integration_that_was_removed_has_no_state_and_no_alarm(redis_url: str, tmp_path: Path) -> None:
    async with installed(redis_url, tmp_path, MovedClock()) as town, watchdogs(town, 1) as (dog,):
        gone = Finding("arrives", "broken", "nothing arrives", integration="old one")
        states, alarms = WatchStates(town.client), Alarms(town.client)
        await states.write("old one", {"arrives": first_state(gone, 1), "plan": first_state(gone, 1)})
        await alarms.raise_("sentry_quiet", "old one", "nothing arrives", "vedette doctor")
        await alarms.raise_("watch", "old one plan", "no plan", "vedette doctor")
        assert await dog.look_when_elected()
        assert await alarms.list_open() == []
        assert await states.of("old one") == {}
        assert len(await states.of("default")) == len(WATCHED)


async def test_it_can_be_switched_off(redis_url: str, tmp_path: Path) -> None:
    async with installed(redis_url, tmp_path, MovedClock()) as town:
        for is_on in (False, True):
            town.settings = town.settings.model_copy(update={"watchdog": WatchdogSettings(enabled=is_on)})
            async with watchdogs(town, 1) as (dog,):
                await dog.start()
                assert is_on is any(task.get_name() == "webhook watchdog" for task in asyncio.all_tasks())
                await dog.stop()
