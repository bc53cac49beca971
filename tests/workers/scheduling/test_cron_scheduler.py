"""Scheduled jobs over several workers, restarts and downtimes."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

import pytest

from vedette.authoring.cron import make_cron
from vedette.settings.settings import Settings
from vedette.store.deliveries.deliveries import Deliveries
from vedette.store.queues.cron_jobs import CronJobs, JobKey, in_milliseconds
from vedette.store.queues.delayed import DelayedMessages
from vedette.store.server.server_check import open_redis
from workers.runtime import Runtime, make_runtime
from workers.scheduling import cron_scheduler
from workers.scheduling.cron_scheduler import CronScheduler

Until = Callable[..., Any]
SHIFTED_CLOCK = Path(__file__).parents[2] / "shifted_clock"
PLUGIN = """
from vedette import every
@every("0 6 * * *", timezone="Europe/Berlin")
async def daily(event): ...
"""
DAILY = JobKey("daily", "default", "0 6 * * *", "Europe/Berlin")
CRON = make_cron("0 6 * * *", "Europe/Berlin")


@pytest.fixture
async def runtime(redis_url: str, tmp_path: Path) -> AsyncIterator[Runtime]:
    (tmp_path / "plugin.py").write_text(PLUGIN)
    integration = {"client_secret": "s" * 32, "token": "t", "organization": "o"}
    settings = Settings.model_validate({"plugins": [tmp_path / "plugin.py"], "integrations": {"default": integration}})
    made = make_runtime(settings, redis_url)
    yield made
    await made.close()


async def waiting(runtime: Runtime) -> list[datetime]:
    return [datetime.fromtimestamp(one.due / 1000, UTC) for one in await DelayedMessages(runtime.client).next()]


async def test_a_job_waits_once_however_many_workers_there_are(runtime: Runtime) -> None:
    workers = [CronScheduler(runtime) for _ in range(3)]
    await asyncio.gather(*(one.start() for one in workers))
    (entry,) = await DelayedMessages(runtime.client).next()
    assert (entry.handler, entry.why) == ("daily", "every 0 6 * * * Europe/Berlin")
    assert await waiting(runtime) == [CRON.after(datetime.now(UTC))]
    for one in workers:
        await one.stop()


async def test_a_time_is_fired_once_however_often_its_message_comes(runtime: Runtime) -> None:
    workers = [CronScheduler(runtime) for _ in range(3)]
    due = CRON.latest(datetime.now(UTC))
    await CronJobs(runtime.client).arm(DAILY, "", due)
    await asyncio.gather(*(one.fire(DAILY, in_milliseconds(due)) for one in workers * 2))
    (delivery,) = await Deliveries(runtime.client).latest()
    assert (delivery.resource, delivery.action, delivery.integration) == ("schedule", "due", "default")
    assert (delivery.source, delivery.subject) == ("schedule", "schedule:daily:default")
    assert CRON.after(datetime.now(UTC)) in await waiting(runtime)


async def test_after_a_downtime_the_latest_time_that_was_missed_is_fired_alone(runtime: Runtime) -> None:
    long_ago = CRON.latest(datetime.now(UTC) - timedelta(days=10))
    await CronScheduler(runtime).fire(DAILY, in_milliseconds(long_ago))
    (delivery,) = await Deliveries(runtime.client).latest()
    body = (await Deliveries(runtime.client).get(delivery.id)).body.decode()
    assert CRON.latest(datetime.now(UTC)).isoformat() in body


async def test_a_time_that_was_taken_out_is_left_out_and_the_next_goes_on(runtime: Runtime) -> None:
    job_keeper = CronScheduler(runtime)
    await job_keeper.arm()
    (entry,) = await DelayedMessages(runtime.client).next()
    assert await DelayedMessages(runtime.client).cancel(entry.id)
    await job_keeper.arm()
    first = CRON.after(datetime.now(UTC))
    assert await waiting(runtime) == [CRON.after(first)]


async def test_a_job_that_is_no_longer_there_is_taken_out(runtime: Runtime) -> None:
    await CronScheduler(runtime).arm()
    await CronJobs(runtime.client).arm(replace_cron("0 7 * * *"), "", datetime.now(UTC) + timedelta(days=1))
    gone = JobKey("gone", "default", "0 7 * * *", "UTC")
    due = datetime.now(UTC) + timedelta(days=1)
    await CronJobs(runtime.client).arm(gone, "", due)
    job_keeper = CronScheduler(runtime)
    await job_keeper.start()
    await job_keeper.stop()
    await job_keeper.fire(gone, in_milliseconds(due))
    assert list(await CronJobs(runtime.client).all()) == [str(DAILY)]
    assert len(await waiting(runtime)) == 1
    assert await Deliveries(runtime.client).latest() == []


class _Ahead(datetime):
    """A worker's clock that is a day ahead."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:
        return datetime.now(tz) + timedelta(days=1)


async def test_the_server_s_clock_counts_and_not_the_worker_s(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = CRON.after(datetime.now(UTC))
    monkeypatch.setattr(cron_scheduler, "datetime", _Ahead)
    await CronScheduler(runtime).arm()
    assert await waiting(runtime) == [expected]


async def test_a_time_that_is_still_ahead_is_not_fired_and_waits_on(runtime: Runtime) -> None:
    due = CRON.after(datetime.now(UTC))
    await CronJobs(runtime.client).arm(DAILY, "", due)
    await runtime.client.delete("{vedette}:schedule", "{vedette}:schedule.messages")
    await CronScheduler(runtime).fire(DAILY, in_milliseconds(due))
    assert await Deliveries(runtime.client).latest() == []
    assert await waiting(runtime) == [due]


def replace_cron(cron: str) -> JobKey:
    return JobKey(DAILY.handler, DAILY.integration, cron, DAILY.timezone)


async def test_what_should_have_come_long_ago_is_asked_for_again(runtime: Runtime) -> None:
    due = CRON.latest(datetime.now(UTC) - timedelta(days=2))
    await CronJobs(runtime.client).arm(DAILY, "", due)
    await runtime.client.delete("{vedette}:schedule", "{vedette}:schedule.messages")
    await CronScheduler(runtime).arm()
    assert await waiting(runtime) == [due]


async def test_a_handler_may_be_given_times_when_it_is_loaded(runtime: Runtime) -> None:
    handlers = runtime.registry.handlers
    handlers["triage"] = replace(handlers["triage"], crons=(make_cron("*/5 * * * *"),))
    assert set(CronScheduler(runtime).jobs()) == {str(DAILY), "triage:default:*/5 * * * *:UTC"}


def test_two_worker_processes_that_come_late_run_it_once(site: Any, redis_url: str, until: Until) -> None:
    site.plugin("""
from vedette import every

@every("0 6 1 1 *")
async def often(event, ctx: Context) -> None:
    note(f"{event.name} {event.cron}")
""")
    job = JobKey("often", "default", "0 6 1 1 *", "UTC")

    async def miss() -> None:
        client = open_redis(redis_url)
        await CronJobs(client).arm(job, "", datetime.now(UTC) - timedelta(days=366))
        await client.aclose()

    asyncio.run(miss())
    for _ in range(2):
        site.start()
    until(lambda: site.states("often") == {"done": 1})
    assert site.notes() == ["schedule.due 0 6 1 1 *"]
    # The message of a worker that armed the missed time once more is still to be taken; it runs nothing.
    until(lambda: site.client.zcard("{vedette}:schedule") == 1)
    assert site.states("often") == {"done": 1}


@pytest.mark.parametrize("shifts", [(3600, -3600), (-3600, 3600)])
def test_workers_whose_clocks_are_hours_apart_fire_the_latest_missed_time_once(
    site: Any, redis_url: str, until: Until, tmp_path: Path, shifts: tuple[int, int]
) -> None:
    site.plugin("""
from vedette import every

@every("0 * * * *")
async def hourly(event, ctx: Context) -> None:
    note(event.due.isoformat())
""")
    cron, job = make_cron("0 * * * *"), JobKey("hourly", "default", "0 * * * *", "UTC")

    async def miss() -> None:
        client = open_redis(redis_url)
        await CronJobs(client).arm(job, "", datetime.now(UTC) - timedelta(hours=5))
        await client.aclose()

    latest = cron.latest(datetime.now(UTC))
    asyncio.run(miss())
    for shift in shifts:
        shift_file = tmp_path / f"shift{shift}"
        shift_file.write_text(str(shift))
        site.variables |= {"PYTHONPATH": str(SHIFTED_CLOCK), "CLOCK_SHIFT": str(shift_file)}
        site.start()
    until(lambda: site.states("hourly") == {"done": 1})
    waiting_now = until(lambda: site.client.zrange("{vedette}:schedule", 0, -1, withscores=True))
    assert site.notes() == [latest.isoformat()]
    assert [due / 1000 for _, due in waiting_now] == [cron.after(latest).timestamp()]
