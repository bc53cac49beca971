"""The process: readiness, the demonstration's first webhooks, the API, the end."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import httpx2
import pytest

from vedette.simulator import Demonstration, World
from vedette.simulator.process import SimulatorOptions, bind_socket, serve

if TYPE_CHECKING:
    from tests.vedette.simulator.conftest import Hook


async def test_the_first_issue_is_told_within_a_second_of_readiness(hook: Hook) -> None:
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    options = SimulatorOptions(token="t0ken", client_secret="s", webhook_url=hook.url, ready=ready.set_result)
    task = asyncio.create_task(serve(options))
    try:
        base_url = await asyncio.wait_for(ready, 60)
        async with asyncio.timeout(5):
            while not any(r.header("sentry-hook-resource") == "issue" for r in hook.received):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        body = next(json.loads(r.body) for r in hook.received if r.header("sentry-hook-resource") == "issue")
        issue = body["data"]["issue"]
        assert (issue["level"], issue["project"]["slug"]) == ("fatal", "payments-api")
        headers = {"Authorization": "Bearer t0ken"}
        async with httpx2.AsyncClient(headers=headers) as client:
            read = await client.get(issue["url"])
            assert read.json()["id"] == issue["id"]
            assert issue["url"].startswith(base_url)
    finally:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_options_do_not_show_their_secrets() -> None:
    text = repr(SimulatorOptions(token="t0p-secret", client_secret="hush"))
    assert "t0p-secret" not in text
    assert "hush" not in text


def test_the_same_seed_tells_the_same_story() -> None:
    stories: list[list[str]] = []
    for _ in range(2):
        world = World(seed=3)
        day = Demonstration(world)
        for _ in range(200):
            day.step()
        stories.append([f"{i.short_id} {i.title} {i.status} {i.substatus} {i.count}" for i in world.issues.values()])
    assert stories[0] == stories[1]
    assert len(stories[0]) > 40


def test_the_story_gives_something_to_assign_archive_and_resolve_and_lets_some_come_back() -> None:
    world = World(seed=1)
    heard: set[str] = set()
    substatuses: set[str | None] = set()
    day = Demonstration(world)
    world.listeners.append(lambda webhook: heard.add(f"{webhook.resource}.{webhook.action}"))
    world.listeners.append(lambda webhook: substatuses.add(webhook.data.get("issue", {}).get("substatus")))
    for _ in range(400):
        day.step()
    titles = " ".join(issue.title for issue in list(world.issues.values())[:3])
    assert "refused capture" in titles
    assert "ResizeObserver" in titles
    assert "example Python exception" in titles
    assert heard >= {
        "issue.created",
        "issue.assigned",
        "issue.resolved",
        "issue.ignored",
        "issue.unresolved",
        "error.created",
        "comment.created",
        "event_alert.triggered",
    }
    assert substatuses >= {"new", "regressed", "escalating"}


PROGRAM = """
import asyncio, sys
from vedette.simulator.process import SimulatorOptions, bind_socket, serve
ready = lambda url: print(url, flush=True)
asyncio.run(serve(SimulatorOptions(token="t0ken", client_secret="s", pace=0.05, ready=ready)))
"""


def test_a_process_of_its_own_ends_on_sigterm_within_seconds() -> None:
    with subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            # Log lines go to the same place when nobody has set logging up.
            base_url = next(line.strip() for line in process.stdout if line.startswith("http://"))
            state = httpx2.get(f"{base_url}/_simulator/state").json()
            assert state["organization"] == "harbour-shop"
        finally:
            process.send_signal(signal.SIGTERM)
            code = process.wait(60)
    assert code == 0


def test_a_taken_port_is_an_error_at_once() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        options = SimulatorOptions(port=taken.getsockname()[1])
        with pytest.raises(OSError, match="in use"):
            asyncio.run(serve(options))


async def test_no_connection_waits_for_a_delayed_acknowledgement() -> None:
    listening = bind_socket("127.0.0.1", 0)
    with listening:
        # asyncio sets TCP_NODELAY on connections whose socket names the protocol.
        assert listening.proto == socket.IPPROTO_TCP


def test_the_same_story_with_other_ids() -> None:
    stories: list[list[str]] = []
    ids: list[set[int]] = []
    for first_id in (20_000_000_000, 30_000_000_000):
        world = World(seed=3, first_id=first_id)
        day = Demonstration(world)
        for _ in range(200):
            day.step()
        stories.append([f"{i.short_id} {i.title} {i.status} {i.substatus} {i.count}" for i in world.issues.values()])
        ids.append(set(world.issues))
    assert stories[0] == stories[1]
    assert not ids[0] & ids[1]
