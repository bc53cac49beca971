"""The checks of Redis and of Vedette's own processes, from what they have said about themselves."""

from __future__ import annotations

from typing import Any

import pytest

from vedette.checks.process_checks import ProcessEvidence, check_processes
from vedette.checks.redis_checks import RedisEvidence, check_redis, read_redis
from vedette.store.receivers.receiver_status import ReceiverStatus
from vedette.store.runs.consistency import Stalled
from vedette.store.server.server_check import open_redis

GOOD = RedisEvidence("redis://10.0.0.5:6379", version="7.2.4", used=10, limit=1000, latency=0.001)
NOW = 1_790_000_000.0


def redis_with(**values: Any) -> RedisEvidence:
    fields = {name: getattr(GOOD, name) for name in RedisEvidence.__dataclass_fields__}
    return RedisEvidence(**(fields | values))


def test_a_good_server_is_well() -> None:
    findings = check_redis(GOOD)
    assert [one.check for one in findings] == [
        *("redis", "redis_persistence", "redis_latency", "redis_memory", "clock"),
    ]
    assert {one.state for one in findings} == {"ok"}


@pytest.mark.parametrize(
    ("values", "check", "state", "cause", "mend"),
    [
        ({"version": "5.0.7"}, "redis", "broken", "redis_old", "Redis 6.2 or newer"),
        ({"version": "6.0.16"}, "redis", "broken", "redis_old", "Redis 6.2 or newer"),
        ({"last_write_failed": True}, "redis_persistence", "broken", "redis_disk", "free space"),
        ({"has_append_file": False}, "redis_persistence", "warn", "redis_volatile", "appendonly yes"),
        ({"latency": 0.030}, "redis_latency", "warn", "redis_slow", "SLOWLOG GET"),
        ({"latency": 0.200}, "redis_latency", "broken", "redis_slow", "SLOWLOG GET"),
        ({"used": 850}, "redis_memory", "warn", "redis_full", "retention.size"),
        ({"used": 960}, "redis_memory", "broken", "redis_full", "retention.size"),
        ({"ahead": 30.0}, "clock", "warn", "clock_skew", "set-ntp"),
        ({"ahead": -30.0}, "clock", "warn", "clock_skew", "set-ntp"),
    ],
)
def test_each_limit_of_the_server_has_its_mend(
    values: dict[str, Any], check: str, state: str, cause: str, mend: str
) -> None:
    (found,) = [one for one in check_redis(redis_with(**values)) if one.state != "ok"]
    assert (found.check, found.state, found.cause) == (check, state, cause)
    assert mend in found.mend[0]


@pytest.mark.parametrize("values", [{"version": ""}, {"version": "unstable"}, {"limit": 0, "used": 5}])
def test_a_server_that_does_not_say_is_not_blamed(values: dict[str, Any]) -> None:
    assert {one.state for one in check_redis(redis_with(**values))} == {"ok"}


async def test_what_the_server_says_is_read(redis_url: str) -> None:
    client = open_redis(redis_url)
    found = await read_redis(client, redis_url)
    await client.aclose()
    assert (found.problem, found.name) == ("", "Valkey")
    assert found.version.count(".") == 2
    assert 0 < found.used < found.limit
    assert 0 < found.latency < 5
    assert abs(found.ahead) < 2
    assert not found.has_append_file


async def test_the_password_of_the_url_is_in_no_finding() -> None:
    url = "redis://:hidden-word@127.0.0.1:1/0"
    client = open_redis(url)
    findings = check_redis(await read_redis(client, url))
    await client.aclose()
    assert findings[0].cause == "redis_unreachable"
    assert "hidden-word" not in str([one.as_json() for one in findings])


def receiver(**values: Any) -> ReceiverStatus:
    now = round(NOW * 1000)
    fields: dict[str, Any] = {"id": "a", "host": "host-1", "started": now, "clock": now, "written": now}
    return ReceiverStatus(**(fields | values))


@pytest.mark.parametrize(
    ("receivers", "check", "state", "cause"),
    [
        ([receiver()], "", "", ""),
        ([], "receiver", "broken", "no_receiver"),
        ([receiver(written=round(NOW * 1000) - 20_000)], "receiver", "broken", "no_receiver"),
        ([receiver(stopped=True)], "receiver", "broken", "no_receiver"),
        ([receiver(), receiver(id="b", stopped=True)], "", "", ""),
        ([receiver(clock=round(NOW * 1000) + 9000)], "receiver", "warn", "receiver_clock"),
        ([receiver(spool_records=3, spool_age=12.0)], "spool", "warn", "spool_waiting"),
        ([receiver(), receiver(id="b", spool_accepts=False)], "spool", "broken", "spool_full"),
    ],
)
def test_receivers_are_judged_by_their_reports(
    receivers: list[ReceiverStatus], check: str, state: str, cause: str
) -> None:
    findings = check_processes(ProcessEvidence(NOW, tuple(receivers), 1, ()))
    wrong = [(one.check, one.state, one.cause) for one in findings if one.state != "ok"]
    assert wrong == ([(check, state, cause)] if check else [])
    assert all(one.mend for one in findings if one.state != "ok")


def test_stalled_deliveries_are_named() -> None:
    stalled = (Stalled("d1", "", "undecided"), Stalled("d2", "triage", "queued"))
    found = check_processes(ProcessEvidence(NOW, (receiver(),), 1, stalled))[-1]
    assert (found.check, found.state) == ("stalled", "warn")
    assert found.says.startswith("2 deliveries or runs are taken up by nothing: delivery d1 was accepted")
    assert "the run of triage on d2" in found.evidence["2"]
