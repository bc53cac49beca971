"""Exact costs of one delivery in a worker: commands to Redis that it waits for, and Redis commands that scripts run.

The counts do not depend on the machine. A bound that is exceeded means that a delivery has become more expensive.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.stored_world import StoredWorld
from tests.vedette.api.stub import Reply, StubSentry, serving
from vedette._core.detached_tasks import DetachedTasks
from vedette.events import samples
from vedette.settings.settings import Settings
from vedette.store.queues.queue_messages import FAN_OUT_QUEUE
from vedette.store.server.keys import queue_key, run_key
from vedette.store.server.shared_connection import SharedConnection
from workers.dispatch.fan_out import fan_out
from workers.execution.executor import execute_run
from workers.runtime import Runtime, make_runtime

PLUGIN = """
from vedette import Event, Sentry, on

@on("issue.created", needs=["event:admin"])
async def resolve(event: Event, sentry: Sentry) -> None:
    # Reads the issue, and writes to it.
    await sentry.issues.resolve(event.issue_id)

@on("issue.assigned")
async def nothing(event: Event) -> None: ...
"""
ISSUE = json.loads(samples.wire(samples.load("issue.created")))["data"]["issue"]["id"]
LIMIT = {f"x-sentry-rate-limit-{name}": value for name, value in (("limit", "40"), ("remaining", "39"), ("reset", "1"))}


@dataclass
class Costs:
    """The counts of one delivery."""

    trips: int = 0
    """Commands to Redis that the delivery waited for."""
    detached: int = 0
    """Commands that nobody waited for."""


class Meter:
    """Counts what a real connection and a real server do."""

    def __init__(self, runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
        self.runtime = runtime
        self.costs = Costs()
        call, start = SharedConnection.call, DetachedTasks.start

        async def counted(shared: SharedConnection, data: bytes) -> Any:
            self.costs.trips += 1
            return await call(shared, data)

        def detached(tasks: DetachedTasks, work: Any) -> None:
            self.costs.detached += 1
            self.costs.trips -= 1
            start(tasks, work)

        monkeypatch.setattr(SharedConnection, "call", counted)
        monkeypatch.setattr(DetachedTasks, "start", detached)

    async def measure(self, work: Callable[[], Awaitable[None]]) -> tuple[Costs, int]:
        """Return the costs of some work, and the Redis commands that scripts ran meanwhile."""
        before = await self._commands()
        self.costs = Costs()
        await work()
        # Detached commands are sent in the iterations that follow.
        for _ in range(5):
            await asyncio.sleep(0)
        costs, self.costs = self.costs, Costs()
        return costs, await self._commands() - before

    async def _commands(self) -> int:
        client: Any = self.runtime.client
        stats = await client.info("commandstats")
        own = ("cmdstat_evalsha", "cmdstat_eval", "cmdstat_info")
        return sum(counted["calls"] for name, counted in stats.items() if name not in own)


@pytest.fixture
async def sentry() -> AsyncIterator[StubSentry]:
    stub = StubSentry()
    project = {"id": "7", "slug": "shop", "name": "Shop"}
    issue = {"id": ISSUE, "shortId": "SHOP-1", "title": "KeyError", "project": project}
    for method in ("GET", "PUT"):
        status = "unresolved" if method == "GET" else "resolved"
        stub.on(method, f"/api/0/organizations/acme/issues/{ISSUE}/", Reply(200, issue | {"status": status}, LIMIT))
    stub.on("GET", "/api/0/", Reply(200, {"auth": {"scopes": ["event:admin"]}}))
    async with serving(stub) as stub.url:
        yield stub


@pytest.fixture
async def runtime(redis_url: str, tmp_path: Path, sentry: StubSentry) -> AsyncIterator[Runtime]:
    (tmp_path / "plugin.py").write_text(PLUGIN)
    table = {"client_secret": "s" * 32, "token": "sntryi_" + "a" * 64, "organization": "acme", "sentry_url": sentry.url}
    values: dict[str, Any] = {
        "integrations": {"default": table},
        "plugins": [str(tmp_path / "plugin.py")],
        "handlers": {"triage": {"enabled": False}, "resolve": {"mode": "act", "grant": {"scopes": ["event:admin"]}}},
    }
    made = make_runtime(Settings.model_validate(values), redis_url)
    yield made
    await made.close()


async def handle(runtime: Runtime, sample: str, handler: str, action: str) -> Callable[[], Awaitable[None]]:
    """Store a delivery, and return what handles it."""
    world = StoredWorld(runtime.client)
    body = samples.wire(samples.load(sample))
    record = world.record(ISSUE, integration="default", action=action, size=len(body))
    client: Any = runtime.client
    await world.accept_all([record], body)
    await client.delete(queue_key(FAN_OUT_QUEUE))

    async def work() -> None:
        await fan_out(runtime, record.id)
        if handler:
            await execute_run(runtime, record.id, handler, 1)
            assert await client.hget(run_key(record.id, handler), "state") == b"done"

    return work


@pytest.mark.parametrize(
    ("sample", "action", "handler", "trips", "detached", "commands"),
    [
        ("issue.created", "created", "resolve", 8, 3, 144),
        ("issue.assigned", "assigned", "nothing", 4, 0, 71),
        ("issue.resolved", "resolved", "", 2, 0, 17),
    ],
    ids=["one write", "a handler that does nothing", "nobody wants it"],
)
async def test_a_delivery_costs_at_most_so_much(
    runtime: Runtime,
    monkeypatch: pytest.MonkeyPatch,
    sample: str,
    action: str,
    handler: str,
    trips: int,
    detached: int,
    commands: int,
) -> None:
    # The first delivery also loads scripts, learns the limits, and asks for the token's scopes.
    await (await handle(runtime, sample, handler, action))()
    meter = Meter(runtime, monkeypatch)
    costs, sent = await meter.measure(await handle(runtime, sample, handler, action))
    assert (costs.trips - (1 if handler else 0), costs.detached) == (trips, detached)
    assert sent <= commands
