"""When workers sweep, who of them does, and what people are told."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from tests.conftest import connect
from vedette.alarms.alarms import Alarms
from vedette.reconcile.state import ReconcileStates
from vedette.settings.reconcile import ReconcileSettings
from vedette.settings.settings import IntegrationSettings, Settings
from vedette.simulator import (
    SENTRY,
    ErrorReport,
    Fault,
    Faults,
    RateLimits,
    World,
    create_app,
    notes,
    population,
    record_error,
)
from vedette.store.access.handler_roster import OFF, HandlerRoster, RosterHandler, write_roster
from vedette.store.receivers.receiver_status import ReceiverStatus, ReceiverStatuses
from vedette.store.server.client import RedisClient
from vedette.store.server.server_check import open_redis
from vedette.testing.servers import served
from workers.observability.worker_metrics import RedisMetricsCollector
from workers.scheduling.reconcile_scheduler import ReconcileScheduler

TINY = 0.01


@dataclass
class Site:
    """A simulated Sentry, a Redis, and the settings of a worker."""

    world: World
    faults: Faults
    client: RedisClient
    settings: Settings

    def scheduler(self) -> ReconcileScheduler:
        return ReconcileScheduler(self.settings, self.client, look=0.02)

    def lose_an_issue(self, number: int = 0) -> None:
        project = self.world.project_by_slug["shop"]
        record_error(self.world, project, ErrorReport("ValueError", f"no. {number}", function=f"f{number}"))

    async def report(self, *, stopped: bool = False, spool: int = 0) -> None:
        status = ReceiverStatus("r1", "host", 0, 0, stopped=stopped, spool_records=spool)
        await ReceiverStatuses(self.client).write(status)

    async def alarms(self) -> dict[str, str]:
        return {one.subject: one.level for one in await Alarms(self.client).list_open() if one.kind == "sweep"}


@pytest.fixture
async def site(redis_url: str) -> AsyncIterator[Site]:
    world, faults = World("acme", seed=1), Faults()
    population.add_project(world, "shop", teams=[population.add_team(world, "payments")])
    own = population.add_integration(world)
    token = population.add_token(world, "internal", own.scopes, integration=own)
    with served(create_app(world, limits=RateLimits(manner="self-hosted"), faults=faults)) as url:
        values = {"client_secret": "s" * 32, "token": token.secret, "organization": "acme", "sentry_url": url}
        settings = Settings(
            integrations={"default": IntegrationSettings.model_validate(values)},
            reconcile=ReconcileSettings(grace=TINY, overlap=60.0),
        )
        client = open_redis(redis_url)
        yield Site(world, faults, client, settings)
        await client.aclose()


async def test_a_sweep_is_made_at_the_start_and_then_at_the_interval(site: Site) -> None:
    scheduler = site.scheduler()
    assert await scheduler.look("default") is not None
    assert await scheduler.look("default") is None
    site.settings = site.settings.model_copy(update={"reconcile": ReconcileSettings(interval=1.0, grace=TINY)})
    await asyncio.sleep(1.1)
    assert await site.scheduler().look("default") is not None


async def test_of_many_workers_one_sweeps(site: Site) -> None:
    reports = await asyncio.gather(*(site.scheduler().look("default") for _ in range(5)))
    assert sum(report is not None for report in reports) == 1


async def test_a_lease_that_another_worker_holds_is_waited_for(site: Site) -> None:
    async with ReconcileStates(site.client, "default").lease() as is_held:
        assert is_held
        assert await site.scheduler().look("default") is None
    assert await site.scheduler().look("default") is not None


async def test_when_receivers_are_back_there_is_a_sweep_at_once(site: Site) -> None:
    scheduler = site.scheduler()
    await site.report()
    assert await scheduler.look("default") is not None
    await site.report(stopped=True)
    assert await scheduler.look("default") is None
    await asyncio.sleep(0.05)
    site.lose_an_issue()
    await asyncio.sleep(0.05)
    await site.report(spool=3)
    # What is in the spool has arrived.
    assert await scheduler.look("default") is None
    await site.report()
    report = await scheduler.look("default")
    assert report is not None
    assert [one.name for one in report.missing] == ["issue.created"]
    assert await scheduler.look("default") is None


async def test_people_are_told_what_was_missing_and_the_figures_show_it(site: Site) -> None:
    scheduler = site.scheduler()
    await scheduler.look("default")
    await asyncio.sleep(0.05)
    site.lose_an_issue(1)
    site.lose_an_issue(2)
    await asyncio.sleep(0.05)
    await site.report(stopped=True)
    await scheduler.look("default")
    await site.report()
    assert await scheduler.look("default") is not None
    assert await site.alarms() == {"default webhooks": "warning"}
    await site.report(stopped=True)
    await scheduler.look("default")
    await site.report()
    assert await scheduler.look("default") is not None
    assert await site.alarms() == {}


async def test_sweeps_that_fail_repeatedly_raise_an_alarm_until_one_succeeds(site: Site) -> None:
    settings = ReconcileSettings(interval=1.0, grace=TINY)
    site.settings = site.settings.model_copy(update={"reconcile": settings})
    site.faults.add(Fault("status", times=None, status=400))
    scheduler = site.scheduler()
    assert await scheduler.look("default") is None
    assert await site.alarms() == {}
    assert (await ReconcileStates(site.client, "default").read()).failures == 1
    await asyncio.sleep(1.1)
    assert await scheduler.look("default") is None
    assert await site.alarms() == {"default": "broken"}
    site.faults.clear()
    await asyncio.sleep(1.1)
    assert await scheduler.look("default") is not None
    assert await site.alarms() == {}
    state = await ReconcileStates(site.client, "default").read()
    assert (state.failures, state.problem) == (0, "")


async def test_it_runs_until_it_is_stopped_and_not_at_all_when_it_is_off(site: Site) -> None:
    scheduler = site.scheduler()
    await scheduler.start()
    states = ReconcileStates(site.client, "default")
    for _ in range(1000):
        if (await states.read()).last is not None:
            break
        await asyncio.sleep(0.02)
    assert (await states.read()).last is not None
    await scheduler.stop()
    site.settings = site.settings.model_copy(update={"reconcile": ReconcileSettings(enabled=False)})
    await site.client.delete("{vedette}:reconcile:default")
    off = site.scheduler()
    await off.start()
    await asyncio.sleep(0.1)
    await off.stop()
    assert (await states.read()).last is None


async def test_the_totals_are_metrics(site: Site, redis_url: str) -> None:
    scheduler = site.scheduler()
    await scheduler.look("default")
    await asyncio.sleep(0.05)
    site.lose_an_issue()
    await asyncio.sleep(0.05)
    await site.report(stopped=True)
    await scheduler.look("default")
    await site.report()
    await scheduler.look("default")
    with connect(redis_url) as client:
        lines = RedisMetricsCollector(client).text().decode().splitlines()
    assert 'vedette_reconcile_missing_total{event="issue.created",integration="default"} 1.0' in lines
    assert 'vedette_reconcile_rebuilt_total{event="issue.created",integration="default"} 1.0' in lines
    assert any(line.startswith('vedette_reconcile_calls_total{integration="default"}') for line in lines)
    assert any(line.startswith('vedette_reconcile_watermark_seconds{integration="default"}') for line in lines)


async def test_what_no_handler_asks_for_is_not_rebuilt(site: Site) -> None:
    handlers = (
        RosterHandler("h", ("issue.*",), "act", "here"),
        RosterHandler("off", ("comment.*",), OFF, "here"),
        RosterHandler("never", ("comment.*",), "act", "here", rebuilt="never"),
    )
    await write_roster(site.client, HandlerRoster(handlers, ()))
    scheduler = site.scheduler()
    await scheduler.look("default")
    await asyncio.sleep(0.05)
    site.lose_an_issue()
    (issue,) = site.world.issues.values()
    notes.comment(site.world, issue, SENTRY, "seen it")
    await asyncio.sleep(0.05)
    await site.report(stopped=True)
    await scheduler.look("default")
    await site.report()
    report = await scheduler.look("default")
    assert report is not None
    assert [one.name for one in report.missing] == ["issue.created"]
    assert sorted(report.unwanted) == ["comment.created", "event_alert.triggered"]
