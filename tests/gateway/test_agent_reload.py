"""Changed grants are in force without a restart, in real processes, by both fronts; damaged files change nothing."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from tests.gateway.gateways import SentryServer, add_issue, make_world
from tests.gateway.processes import gateway_process
from tests.http_servers import serving
from vedette.simulator import Issue, RateLimits, create_app
from vedette.store.agents.tokens import AgentTokens
from vedette.store.server.client import RedisClient

READING = """
[agents.helper]
mode = "act"
[agents.helper.may]
issues = "read"
"""
WRITING = f'{READING}triage = "write"\n'
OTHER = READING.replace("helper", "other")
PATIENCE = 60.0
KEPT = "the agents and grants in force stay as they are"
DAMAGED: dict[str | None, str] = {
    None: "No such file",
    "": "it is empty",
    "[agents.helper": "cannot be read",
    '[agents.helper]\nmode = "bold"\n': "agents.helper.mode",
    READING.replace("[agents.helper]", '[agents.helper]\nintegration = "elsewhere"'): "elsewhere",
}
"""What a settings file may hold, none where it vanishes, and a part of the log line."""


@dataclass
class Reloading:
    """A gateway process whose settings file a test changes."""

    http: httpx2.AsyncClient
    sentry: SentryServer
    issue: Issue
    token: str
    file: Path
    log: Path

    def write(self, text: str) -> None:
        """Replace the settings as an editor does, by another file."""
        other = self.file.with_suffix(".new")
        other.write_text(text)
        other.replace(self.file)

    async def status(self) -> int:
        """The answer to a write by REST."""
        path = f"/api/0/organizations/acme/issues/{self.issue.id}/"
        headers = {"Authorization": f"Bearer {self.token}"}
        return (await self.http.put(path, json={"status": "resolved"}, headers=headers)).status_code

    async def tools(self) -> set[str]:
        """The tools that the agent has."""
        answer = await self.http.post(
            "/mcp",
            headers={"Authorization": f"Bearer {self.token}", "Accept": "application/json, text/event-stream"},
            json={"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}},
        )
        if answer.status_code != 200:
            return set()
        return {tool["name"] for tool in answer.json()["result"]["tools"]}

    @property
    def logged(self) -> str:
        """What the process has logged."""
        return self.log.read_text()

    async def until_logged(self, text: str) -> None:
        async def is_logged() -> bool:
            return text in self.logged

        await until(is_logged)


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Wait for a condition."""
    end = time.monotonic() + PATIENCE
    while not await holds():
        assert time.monotonic() < end, "it did not come about"
        await asyncio.sleep(0.1)


@pytest.fixture
async def reloading(redis_url: str, redis_client: RedisClient, tmp_path: Path) -> AsyncIterator[Reloading]:
    world, token = make_world()
    issue = add_issue(world, "shop", "BadError")
    sentry = SentryServer(create_app(world, limits=RateLimits(manner="self-hosted")))
    file, log = tmp_path / "vedette.toml", tmp_path / "log"
    file.write_text(READING)
    text, _ = await AgentTokens(redis_client).create("helper", by="ann")
    async with AsyncExitStack() as stack:
        variables = {
            "VEDETTE_REDIS_URL": redis_url,
            "VEDETTE_CLIENT_SECRET": "s" * 32,
            "VEDETTE_TOKEN": token,
            "VEDETTE_ORGANIZATION": "acme",
            "VEDETTE_SENTRY_URL": await stack.enter_async_context(serving(sentry)),
            "VEDETTE_GATEWAY__PORT": "0",
            # A budget that is used up would look like a grant that was taken.
            "VEDETTE_ACCESS__WRITES_PER_ISSUE_PER_HOUR": "100000",
        }
        errors = stack.enter_context(log.open("wb"))
        url = await stack.enter_async_context(gateway_process(tmp_path, variables, errors.fileno()))
        http = await stack.enter_async_context(httpx2.AsyncClient(base_url=url, timeout=60, trust_env=False))
        yield Reloading(http, sentry, issue, text, file, log)


async def test_a_changed_grant_is_in_force_without_a_restart_by_both_fronts(reloading: Reloading) -> None:
    assert await reloading.status() == 403
    assert "update_issue" not in await reloading.tools()

    reloading.write(WRITING)
    await until(lambda: _answers(reloading, 200))
    assert "update_issue" in await reloading.tools()
    assert reloading.issue.status == "resolved"

    reloading.write(READING)
    await until(lambda: _answers(reloading, 403))
    assert "update_issue" not in await reloading.tools()

    reloading.write(WRITING.replace('"act"', '"observe"'))
    await until(lambda: _answers(reloading, 409))

    # Agents that are no longer in the file are no agents, and a new one needs no restart either.
    reloading.write(OTHER)
    await until(lambda: _answers(reloading, 401))
    assert await reloading.tools() == set()
    reloading.write(OTHER + WRITING)
    await until(lambda: _answers(reloading, 200))
    written = len(reloading.sentry.writes())
    assert written >= 2


async def test_files_that_cannot_be_used_change_nothing_and_are_loud(reloading: Reloading) -> None:
    reloading.write(WRITING)
    await until(lambda: _answers(reloading, 200))
    for text, problem in DAMAGED.items():
        logged = reloading.logged.count(KEPT)
        if text is None:
            reloading.file.unlink()
        else:
            reloading.write(text)
        await reloading.until_logged(problem)
        assert await reloading.status() == 200, problem
        assert reloading.logged.count(KEPT) == logged + 1

    # It is read again when it is mended.
    reloading.write(READING)
    await until(lambda: _answers(reloading, 403))


async def _answers(reloading: Reloading, status: int) -> bool:
    return await reloading.status() == status
