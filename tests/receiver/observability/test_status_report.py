"""A receiver's report in Redis: other processes learn whether it runs and what it rejects."""

import asyncio
import json
from collections.abc import AsyncGenerator

import pytest

from tests.receiver.running import MakeSettings, Running, running
from tests.receiver.sentry import hook_headers, issue_body, raw_request
from vedette.store.receivers.receiver_status import ReceiverStatus, ReceiverStatuses, RejectionCount
from vedette.store.server.client import RedisClient
from vedette.store.server.clock import server_time
from vedette.store.server.keys import RECEIVERS
from vedette.store.server.server_check import open_redis


@pytest.fixture
async def client(redis_url: str) -> AsyncGenerator[RedisClient]:
    opened = open_redis(redis_url)
    yield opened
    await opened.aclose()


async def reported(client: RedisClient) -> ReceiverStatus:
    async with asyncio.timeout(10):
        while not (found := await ReceiverStatuses(client).all()):  # noqa: ASYNC110 - another connection writes it
            await asyncio.sleep(0.02)
    return found[0]


async def test_it_says_that_the_receiver_runs_and_when_it_has_ended(
    make_settings: MakeSettings, client: RedisClient
) -> None:
    async with running(make_settings()):
        status = await reported(client)
        now = await server_time(client)
        assert status.is_live(now)
        assert not status.is_live(now + 16)
        assert abs(status.started / 1000 - now) < 10
        assert abs(status.clock / 1000 - now) < 10
    ended = await reported(client)
    assert (ended.id, ended.stopped, ended.started) == (status.id, True, status.started)
    assert not ended.is_live(await server_time(client))


async def test_it_has_what_was_accepted_and_what_was_rejected(make_settings: MakeSettings, client: RedisClient) -> None:
    async with running(make_settings()) as receiver:
        before = round(await server_time(client) * 1000)
        await send(receiver)
    status, last = await reported(client), await ReceiverStatuses(client).last_deliveries()
    assert status.accepted == 1
    assert last == {("default", "issue"): status.last["default issue"]}
    assert before - 1000 <= status.last["default issue"] <= before + 20_000
    assert list(status.matched) == ["default 1"]
    wrong = status.last_rejection("wrong_signature", "default")
    assert wrong is not None
    assert wrong.count == 2
    assert before - 1000 <= wrong.last <= before + 20_000
    assert status.last_rejection("wrong_signature", "other") is None


async def send(receiver: Running) -> None:
    body = issue_body(7)
    assert (await receiver.hook(body)).status_code == 202
    for _ in range(2):
        assert (await receiver.hook(body, **{"Sentry-Hook-Signature": "0" * 64})).status_code == 401


async def test_the_latest_delivery_of_all_receivers_is_kept(client: RedisClient) -> None:
    statuses = ReceiverStatuses(client)
    for name, moment in (("one", 5000), ("two", 3000)):
        await statuses.write(
            ReceiverStatus(name, "host", 0, 1, last={"default issue": moment, "a b error": moment}, accepted=1)
        )
    assert await statuses.last_deliveries() == {("default", "issue"): 5000, ("a b", "error"): 5000}
    found = await statuses.all()
    assert {status.id for status in found} == {"one", "two"}
    assert found[0].rejected == ()


async def test_a_report_is_read_as_it_was_written(client: RedisClient) -> None:
    status = ReceiverStatus(
        *("one", "host", 0, 1_790_000_000_123),
        stopped=True,
        last={"default issue": 1_790_000_000_000},
        matched={"default 0": 1_790_000_000_000},
        rejected=(RejectionCount("wrong_signature", "default", 3, 1_790_000_000_000),),
        quarantined={"resource_mismatch": 2},
        accepted=12345,
        slow=1,
        spooled=4,
        spool_records=2,
        spool_age=1.5,
        spool_accepts=False,
    )
    statuses = ReceiverStatuses(client)
    await statuses.write(status)
    (found,) = await statuses.all()
    assert {**to_dict(found), "written": 0, "started": 0} == to_dict(status)
    assert found.written == found.started


async def test_reports_of_receivers_that_are_gone_are_removed(client: RedisClient) -> None:
    statuses = ReceiverStatuses(client)
    old = round((await server_time(client) - 90_000) * 1000)
    await client.hset(RECEIVERS, mapping={"old": json.dumps({"id": "old", "written": old}), "odd": "{"})
    await statuses.write(ReceiverStatus("new", "host", 0, 1))
    assert [status.id for status in await statuses.all()] == ["new"]


def to_dict(status: ReceiverStatus) -> dict[str, object]:
    return {name: getattr(status, name) for name in ReceiverStatus.__struct_fields__}


async def test_a_slow_answer_is_dated_also_where_no_task_gave_it(
    make_settings: MakeSettings, client: RedisClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("receiver.observability.receiver_metrics._HUNG", 0.0)
    async with running(make_settings()) as receiver:
        reader, writer = await asyncio.open_connection("127.0.0.1", receiver.port)
        body = issue_body(1)
        writer.write(raw_request(body, hook_headers(body)))
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 202")
        writer.close()
    assert (await reported(client)).last_hung > 0
