"""Messages of alarms to a service on a real socket, from several workers at once."""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from starlette.responses import Response

from tests.vedette.notify.conftest import Service
from vedette.alarms.alarm_messages import format_duration
from vedette.alarms.alarm_sender import AlarmSender
from vedette.alarms.alarms import Alarms
from vedette.notify import Channels
from vedette.settings.channels import ChannelSettings
from vedette.store.access.audit_log import Audit, AuditEntry
from vedette.store.server.client import RedisClient
from vedette.store.server.keys import AUDIT_HEAD

DAY = 86_400.0


@pytest.fixture
async def channels(service: Service) -> AsyncIterator[Channels]:
    table = {"kind": "webhook", "url": f"{service.url}/ops", "timeout": 5.0}
    found = Channels({"ops": ChannelSettings.model_validate(table)})
    yield found
    await found.aclose()


@pytest.fixture
def sender(client: RedisClient, channels: Channels) -> AlarmSender:
    return AlarmSender(client, Audit(client, DAY), channels, "ops", DAY)


async def _raise(client: RedisClient) -> None:
    await Alarms(client).raise_("dead_letters", "", "12 runs failed for good", "vedette dead", level="warning")


async def _entries(client: RedisClient) -> list[AuditEntry]:
    return [entry async for entry in Audit(client, DAY).oldest()]


async def test_an_alarm_and_its_end_are_one_message_each_in_one_thread(
    client: RedisClient, sender: AlarmSender, service: Service
) -> None:
    await _raise(client)
    assert await sender.send_due() == 1
    await _raise(client)
    assert await sender.send_due() == 0
    await Alarms(client).clear("dead_letters")
    assert await sender.send_due() == 1
    begun, ended = service.posts
    assert (begun["title"], begun["text"]) == ("12 runs failed for good", "`vedette dead` shows more.")
    assert (begun["colour"], ended["colour"]) == ("yellow", "green")
    assert ended["title"] == "Over: 12 runs failed for good"
    assert begun["thread"] == ended["thread"]
    assert service.headers[0]["vedette-message"] != service.headers[1]["vedette-message"]


async def test_several_workers_send_one_message(
    client: RedisClient, channels: Channels, sender: AlarmSender, service: Service
) -> None:
    others = [AlarmSender(client, Audit(client, DAY), channels, "ops", DAY) for _ in range(7)]
    await _raise(client)
    assert sum(await asyncio.gather(*(one.send_due() for one in (sender, *others)))) == 1
    assert len(service.posts) == 1


async def test_each_message_and_its_outcome_are_in_the_audit(
    client: RedisClient, sender: AlarmSender, service: Service
) -> None:
    service.answers = [Response("no", 503)]
    await _raise(client)
    await sender.send_due()
    call, outcome = await _entries(client)
    assert (call.kind, call.text("handler"), call.text("intent")) == (
        *("call", "vedette"),
        "notified ops: 12 runs failed for good",
    )
    assert (outcome.kind, outcome.facts["of"], outcome.facts["status"]) == ("outcome", call.number, 503)
    assert (await Audit(client, DAY).verify()).problems == ()


async def test_a_message_that_failed_is_sent_later_with_the_same_id(
    client: RedisClient, sender: AlarmSender, service: Service
) -> None:
    service.answers = [Response("busy", 429, headers={"Retry-After": "1"})]
    await _raise(client)
    assert await sender.send_due() == 0
    assert await sender.send_due() == 0
    end = time.monotonic() + 60
    while not await sender.send_due():
        assert time.monotonic() < end
        await asyncio.sleep(0.1)
    assert len({headers["vedette-message"] for headers in service.headers}) == 1
    assert len(service.posts) == 2


async def test_an_alarm_is_sent_although_the_audit_was_altered(
    client: RedisClient, sender: AlarmSender, service: Service
) -> None:
    await client.hset(AUDIT_HEAD, mapping={"number": "many"})
    await _raise(client)
    assert await sender.send_due() == 1
    assert len(service.posts) == 1


_WORKER = """
import asyncio, sys
from vedette.alarms.alarm_sender import AlarmSender
from vedette.notify import Channels
from vedette.settings.channels import ChannelSettings
from vedette.store.access.audit_log import Audit
from vedette.store.server.server_check import open_redis

async def main():
    client = open_redis(sys.argv[1])
    table = {"kind": "webhook", "url": sys.argv[2], "timeout": 0.4}
    channels = Channels({"ops": ChannelSettings.model_validate(table)})
    sender = AlarmSender(client, Audit(client, 86400.0), channels, "ops", 86400.0, slack=float(sys.argv[3]))
    while True:
        await sender.send_due()
        await asyncio.sleep(0.02)

asyncio.run(main())
"""


async def test_a_worker_that_is_killed_before_it_sends_leaves_the_message_to_another(
    client: RedisClient, redis_url: str, service: Service
) -> None:
    hung = await asyncio.start_server(_hang, "127.0.0.1", 0)
    port = hung.sockets[0].getsockname()[1]
    first = _start(redis_url, f"http://127.0.0.1:{port}/", "0.1")
    try:
        await _raise(client)
        await asyncio.wait_for(_CONNECTED.wait(), 60)
        first.send_signal(signal.SIGKILL)
        first.wait(60)
    finally:
        first.kill()
        hung.close()
    others = [_start(redis_url, f"{service.url}/ops", "30") for _ in range(2)]
    try:
        end = time.monotonic() + 60
        while not service.posts:
            assert time.monotonic() < end
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.5)
        assert [post["title"] for post in service.posts] == ["12 runs failed for good"]
    finally:
        for one in others:
            one.kill()
            one.wait(60)


_CONNECTED = asyncio.Event()


async def _hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    _CONNECTED.set()
    await reader.read()
    writer.close()


def _start(*arguments: str) -> "subprocess.Popen[Any]":
    return subprocess.Popen([sys.executable, "-c", _WORKER, *arguments], stdout=subprocess.DEVNULL)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 s"), (59.9, "59 s"), (60, "1 minute"), (7300, "2 hours"), (200_000, "2 days")]
)
def test_a_duration_is_told_in_its_largest_unit(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text
