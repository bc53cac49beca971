"""Whatever is lost between two steps is taken up again by real workers."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from vedette.settings.settings import Settings
from vedette.store.queues.queue_messages import run_id
from vedette.store.runs.attempts import PlannedRun, RunMessage
from vedette.store.runs.consistency import find_stalled
from vedette.store.server.keys import delivery_key, in_flight_key, messages_key, queue_key
from vedette.store.server.server_check import open_redis
from workers.execution.lost_attempts import LostAttempts
from workers.runtime import InFlightRun, Runtime, make_runtime

Until = Callable[..., Any]


@pytest.fixture
async def runtime(redis_url: str, tmp_path: Path) -> AsyncIterator[Runtime]:
    del tmp_path
    integration = {"client_secret": "s" * 16, "token": "t", "organization": "o"}
    made = make_runtime(Settings.model_validate({"integrations": {"default": integration}}), redis_url)
    made.worker = "this"
    yield made
    await made.close()


async def begun(runtime: Runtime) -> InFlightRun:
    """Begin a run by a message that this worker holds."""
    await runtime.client.hset(delivery_key("d"), mapping={"state": "accepted", "subject": "issue:1"})
    await runtime.runs.plan("d", [PlannedRun("triage", "act")], "")
    await runtime.client.zadd(in_flight_key("run", "this"), {run_id("d", "triage", 1): 1})
    attempt_token = (await runtime.runs.start_attempt("d", "triage", RunMessage(1))).attempt_token
    return InFlightRun("d", "triage", attempt_token)


async def test_an_attempt_under_way_is_never_lost(runtime: Runtime) -> None:
    looking = LostAttempts(runtime)
    with runtime.in_flight(await begun(runtime)):
        assert [await looking.once() for _ in range(3)] == [0, 0, 0]


async def test_an_attempt_that_its_worker_does_not_have_is_lost_at_the_second_look(runtime: Runtime) -> None:
    await begun(runtime)
    looking = LostAttempts(runtime)
    assert [await looking.once() for _ in range(3)] == [0, 1, 0]
    again = await runtime.runs.start_attempt("d", "triage", RunMessage(2))
    assert (again.verdict, again.attempt, again.crashes) == ("go", 2, 1)


async def test_an_attempt_that_was_settled_between_two_looks_is_not_lost(runtime: Runtime) -> None:
    attempt = await begun(runtime)
    looking = LostAttempts(runtime)
    assert await looking.once() == 0
    await runtime.runs.release_attempt("d", "triage", attempt.attempt_token)
    assert await looking.once() == 0


def test_what_loses_its_message_goes_on_and_each_is_counted(site: Any, redis_url: str, until: Until) -> None:
    site.plugin("""
@on("error.created", retries=Retries(attempts=5, wait=30))
async def handler(ctx: Context) -> None:
    note(ctx.delivery)
    if ctx.delivery == os.environ["FAILS"] and ctx.attempt == 1:
        raise Retry("later", after=1000)
""")
    made = [site.accept(f"issue:{number // 2}") for number in range(8)]
    client = site.client
    for lost in made[:3]:
        client.hdel(messages_key("fan_out"), lost)
    client.delete(queue_key("fan_out"))
    client.rpush(queue_key("fan_out"), *made[3:])
    site.variables["FAILS"] = made[4]
    site.start()
    until(lambda: site.states("handler")["retrying"] == 1)
    # A reload with nothing in Redis but the run itself: its time is far, and its entry is gone.
    client.delete("{vedette}:schedule", "{vedette}:schedule.messages")
    client.hset(f"{{vedette}}:run:{made[4]}:handler", "due", 1)
    until(lambda: site.states("handler") == {"done": 8}, 60)
    assert sorted(set(site.notes())) == sorted(made)
    assert "was stalled and is set going" in site.log()
    assert int(client.hget("{vedette}:counts", "stalled:retrying")) == 1

    async def look() -> list[Any]:
        async_client = open_redis(redis_url)
        try:
            return list(await find_stalled(async_client))
        finally:
            await async_client.aclose()

    assert asyncio.run(look()) == []
