"""The state of an installation, from what receivers, workers and operators left in a real Redis."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from vedette.admin.pauses import pause_handler
from vedette.admin.receiver_probe import probe_receiver
from vedette.admin.session import AdminSession
from vedette.admin.status import SystemStatus, get_status
from vedette.admin.status_lines import StatusLine
from vedette.alarms.alarms import Alarms
from vedette.checks.findings import Finding
from vedette.checks.watch_state import WatchState, WatchStates
from vedette.store.access.refused_tokens import RefusedTokens
from vedette.store.receivers.receiver_status import ReceiverStatus, ReceiverStatuses
from vedette.store.server.clock import server_time
from vedette.store.server.keys import WORKERS
from vedette.store.server.server_check import open_redis
from vedette.testing.servers import served

NOWHERE = "http://127.0.0.1:9"


def line(status: SystemStatus, name: str) -> StatusLine:
    return next(one for one in status.lines if one.name == name)


async def a_receiver(session: AdminSession, **values: Any) -> None:
    now = round(await server_time(session.redis) * 1000)
    status = ReceiverStatus("r1", "web1", now, now, last={"default issue": now - 7_300_000}, **values)
    await ReceiverStatuses(session.redis).write(status)


async def a_worker(session: AdminSession) -> None:
    await session.redis.zadd(WORKERS, {"w1": round(await server_time(session.redis) * 1000)})


async def test_an_installation_whose_parts_run_is_well(session: AdminSession) -> None:
    await a_receiver(session)
    await a_worker(session)
    status = await get_status(session, NOWHERE)
    states = {one.name: one.state for one in status.lines}
    # The server of the tests keeps nothing over a crash, and says so.
    assert states.pop("redis") == "warn"
    assert set(states.values()) == {"ok"}
    assert line(status, "receiver").says == "1 running on web1; not reached from here"
    assert line(status, "deliveries").says == "the last arrived 2 hours ago: issue of default"
    assert line(status, "alarms").says == "none; set [alarms] channel to have them sent"
    assert (status.state, status.exit_code) == ("warn", 1)
    assert json.loads(json.dumps(status.to_json_object()))["exit_code"] == 1


async def test_without_receiver_and_workers_it_is_broken(session: AdminSession) -> None:
    status = await get_status(session, NOWHERE)
    assert line(status, "receiver").state == line(status, "workers").state == "broken"
    assert line(status, "deliveries").says == "none has arrived yet"
    assert status.exit_code == 2


async def test_a_refused_token_is_named_with_what_waits(session: AdminSession) -> None:
    tokens = RefusedTokens(session.redis)
    await tokens.refuse("default", "f1", 401, "Invalid token")
    await session.redis.zadd("{vedette}:token_waiters:default", {"d1:triage": 0})
    found = line(await get_status(session, NOWHERE), "sentry default")
    assert (found.state, found.command) == ("broken", "vedette runs --state waiting")
    assert (
        found.says == "refuses the token for 0 s (401 Invalid token): 1 run waits; start the workers with a new token"
    )
    await tokens.accept("default", "f2")
    found = line(await get_status(session, NOWHERE), "sentry default")
    assert (found.state, found.says) == ("warn", "a worker still runs with a token that was replaced: restart it")


async def test_what_waits_for_people_is_shown(session: AdminSession, record: Callable[..., str]) -> None:
    for number in range(12):
        record("SHOP-5", str(number), triage={"state": "dead"})
    await pause_handler(session, "triage")
    await Alarms(session.redis).raise_("queue_age", "", "it is slow", "vedette status", level="warning")
    status = await get_status(session, NOWHERE)
    assert (line(status, "dead").state, line(status, "dead").says) == ("warn", "12: triage 12")
    assert line(status, "paused").says == "writes of triage by ann"
    assert line(status, "alarm").says == "it is slow (for 0 s)"
    assert line(status, "alarm").state == "warn"


@pytest.mark.parametrize(
    ("values", "state"),
    [
        ({}, "ok"),
        ({"spool_records": 3, "spool_age": 4.0}, "warn"),
        ({"spool_records": 3, "spool_age": 400.0}, "broken"),
        ({"spool_accepts": False}, "broken"),
    ],
)
async def test_a_spool_in_use_is_shown(session: AdminSession, values: dict[str, Any], state: str) -> None:
    await a_receiver(session, **values)
    assert line(await get_status(session, NOWHERE), "spool").state == state


async def test_the_watchdog_s_findings_are_one_line_for_an_integration(session: AdminSession) -> None:
    now = await server_time(session.redis)
    bad = Finding("arrives", "broken", "nothing arrives of what happens in Sentry", integration="default")
    odd = Finding("app", "warn", "one event is unticked", integration="default")
    well = Finding("token", "ok", "the token works", integration="default")
    states = {one.check: WatchState(one, now, now) for one in (bad, odd, well)}
    await WatchStates(session.redis).write("default", states)
    found = line(await get_status(session, NOWHERE), "watch default")
    assert (found.state, found.says) == ("broken", "nothing arrives of what happens in Sentry, and 1 more")
    assert found.command == "vedette doctor --integration default"
    long_ago = WatchState(well, now - 9000, now - 9000)
    await WatchStates(session.redis).write("default", dict.fromkeys(states, long_ago))
    assert all(one.name != "watch default" for one in (await get_status(session, NOWHERE)).lines)


async def test_while_redis_is_away_the_rest_is_shown(session: AdminSession) -> None:
    away = open_redis("redis://127.0.0.1:9/0", timeout=0.2)
    status = await get_status(replace(session, redis=away), NOWHERE)
    await away.aclose()
    assert [one.name for one in status.lines] == ["receiver", "redis"]
    assert status.exit_code == 2


@pytest.mark.parametrize(
    ("answer", "status", "state"),
    [
        (JSONResponse({"status": "ready", "redis": {"problem": ""}}), "ready", "ok"),
        (JSONResponse({"status": "spooling", "redis": {"problem": "away"}}), "spooling", "warn"),
        (JSONResponse({"status": "refusing"}, 503), "refusing", "broken"),
        (JSONResponse(["ready"]), "unreachable", "broken"),
        (Response("<html>", 200), "unreachable", "broken"),
    ],
)
async def test_the_receiver_is_asked_for_its_readiness(
    session: AdminSession, answer: Response, status: str, state: str
) -> None:
    async def health(_: Request) -> Response:
        return answer

    with served(Starlette(routes=[Route("/health/ready", health)])) as url:
        assert (await probe_receiver(url)).status == status
        assert line(await get_status(session, url), "receiver").state == state
