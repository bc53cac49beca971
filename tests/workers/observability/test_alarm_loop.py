"""Alarms from a worker: the leader judges, anybody sends, and an outage of Redis ends nothing."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.vedette.notify.conftest import Service, service
from vedette.settings.settings import Settings
from vedette.store.access.audit_log import Audit
from vedette.store.server.client import RedisClient
from vedette.store.server.keys import DEAD, SCHEDULER_LEADER
from vedette.store.server.server_check import open_redis
from workers.observability.alarm_loop import AlarmLoop

__all__ = ["service"]


@pytest.fixture
async def client(redis_url: str) -> AsyncIterator[RedisClient]:
    found = open_redis(redis_url)
    yield found
    await found.aclose()


def _loop(client: RedisClient, service: Service, worker: str) -> AlarmLoop:
    channels = {"ops": {"kind": "webhook", "url": f"{service.url}/ops"}}
    settings = Settings.model_validate({"channels": channels, "alarms": {"channel": "ops", "dead": 1}})
    return AlarmLoop(settings, client, Audit(client, 86_400.0), lambda: worker, each=0.02, judge_each=0.05)


async def _posted(service: Service, count: int) -> None:
    for _ in range(500):
        if len(service.posts) >= count:
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"{len(service.posts)} of {count} messages were posted")


async def test_the_leader_raises_what_any_worker_sends_once(client: RedisClient, service: Service) -> None:
    await client.set(SCHEDULER_LEADER, "two")
    await client.zadd(DEAD, {"1:triage": 1, "2:triage": 2})
    loops = [_loop(client, service, name) for name in ("one", "two", "three")]
    for one in loops:
        await one.start()
    await _posted(service, 1)
    await client.delete(DEAD)
    await _posted(service, 2)
    await asyncio.sleep(0.2)
    for one in loops:
        await one.stop()
    assert [post["title"] for post in service.posts] == [
        "2 dead letters wait for a decision (triage 2)",
        "Over: 2 dead letters wait for a decision (triage 2)",
    ]


async def test_a_worker_that_is_not_the_leader_judges_nothing(client: RedisClient, service: Service) -> None:
    await client.set(SCHEDULER_LEADER, "two")
    await client.zadd(DEAD, {"1:triage": 1, "2:triage": 2})
    await _loop(client, service, "one").look()
    assert service.posts == []


async def test_an_outage_is_left_to_the_next_look(service: Service) -> None:
    away = open_redis("redis://127.0.0.1:9/0", timeout=0.2)
    await _loop(away, service, "one").look()
    await away.aclose()
