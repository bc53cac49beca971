"""`vedette agents serve NAME` as hosts start it: a process that talks over its standard input and output."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from mcp import Client, StdioServerParameters
from mcp.client.client import ConnectMode
from mcp.client.stdio import stdio_client

from tests.gateway.gateways import SentryServer, add_issue, make_world
from tests.gateway.mcp.clients import ERAS, ToolClient
from tests.http_servers import serving
from vedette.simulator import Issue, RateLimits, create_app
from vedette.store.access.audit_log import Audit, AuditEntry
from vedette.store.agents.tokens import AgentTokens
from vedette.store.server.client import RedisClient

SETTINGS = """
[agents.helper]
mode = "act"
[agents.helper.may]
issues = "read"
triage = "write"
"""


PAGE = (Path(__file__).parents[3] / "docs/gateway.md").read_text(encoding="utf-8")


def documented_arguments(agent: str) -> list[str]:
    """Return the arguments of `vedette` that the page gives to hosts, for another agent."""
    section = PAGE.partition("### Over standard input and output")[2]
    found = json.loads(section.partition("```json")[2].partition("```")[0])["mcpServers"]["vedette"]
    assert found["command"] == "vedette"
    return [agent if each == "triage-agent" else each for each in found["args"]]


@dataclass
class StdioScene:
    """The program, what it needs, and what it can change."""

    parameters: StdioServerParameters
    issue: Issue
    redis: RedisClient

    async def entries(self) -> list[AuditEntry]:
        return [entry async for entry in Audit(self.redis, 3600).oldest()]


@pytest.fixture
async def stdio(redis_url: str, redis_client: RedisClient, tmp_path: Path) -> AsyncIterator[StdioScene]:
    world, token = make_world()
    issue = add_issue(world, "shop", "BadError")
    (tmp_path / "vedette.toml").write_text(SETTINGS)
    async with serving(SentryServer(create_app(world, limits=RateLimits(manner="self-hosted")))) as url:
        settings = {
            "VEDETTE_REDIS_URL": redis_url,
            "VEDETTE_CLIENT_SECRET": "s" * 32,
            "VEDETTE_TOKEN": token,
            "VEDETTE_ORGANIZATION": "acme",
            "VEDETTE_SENTRY_URL": url,
        }
        command = ["-m", "console", *documented_arguments("helper"), "--by", "ann"]
        parameters = StdioServerParameters(command=sys.executable, args=command, env=settings, cwd=tmp_path)
        yield StdioScene(parameters, issue, redis_client)


@pytest.mark.parametrize("mode", ERAS)
async def test_a_host_uses_the_tools_over_standard_input_and_output(stdio: StdioScene, mode: ConnectMode) -> None:
    async with Client(stdio_client(stdio.parameters), mode=mode) as client:
        tools = ToolClient(client)
        assert "update_issue" in await tools.tools()
        done = await tools.ok("update_issue", issue=stdio.issue.short_id, status="resolved", reason="fixed")
        running = await AgentTokens(stdio.redis).all()

    assert stdio.issue.status == "resolved"
    entry = next(each for each in await stdio.entries() if each.number == done["audit"])
    assert entry.text("handler") == "agent:helper"
    assert "via MCP" in entry.text("source")
    # The token of the process ends with it, and its start is in the audit.
    assert [each.note for each in running] == ["vedette agents serve"]
    assert await AgentTokens(stdio.redis).all() == []
    assert (await stdio.entries())[0].text("decision") == f"started by ann with token {running[0].id}"


async def test_revoking_its_token_ends_what_the_process_may(stdio: StdioScene) -> None:
    async with Client(stdio_client(stdio.parameters), mode="legacy") as client:
        tools = ToolClient(client)
        await tools.ok("what_may_i_do")
        for token in await AgentTokens(stdio.redis).all():
            await AgentTokens(stdio.redis).revoke(token.id)
        await asyncio.sleep(1)
        with pytest.raises(Exception, match="revoked"):
            await tools.ok("what_may_i_do")

    assert stdio.issue.status == "unresolved"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_the_process_and_its_token(stdio: StdioScene, number: signal.Signals) -> None:
    process = await start(stdio, "helper")
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps({"jsonrpc": "2.0", "id": 1, "method": "ping"}).encode() + b"\n")
    assert json.loads(await process.stdout.readline())["id"] == 1

    process.send_signal(number)

    assert await asyncio.wait_for(process.wait(), 10) == 0
    assert await AgentTokens(stdio.redis).all() == []


async def test_an_agent_that_is_not_in_the_settings_is_refused_with_a_hint(stdio: StdioScene) -> None:
    process = await start(stdio, "helpr")
    output, errors = await process.communicate()

    assert process.returncode == 2
    assert output == b""
    assert "there is no agent helpr in vedette.toml: did you mean helper?" in errors.decode()


async def start(stdio: StdioScene, agent: str) -> asyncio.subprocess.Process:
    """Start the program itself."""
    pipe = asyncio.subprocess.PIPE
    command = [stdio.parameters.command, "-m", "console", "agents", "serve", agent]
    environment, folder = stdio.parameters.env, stdio.parameters.cwd
    return await asyncio.create_subprocess_exec(
        *command, stdin=pipe, stdout=pipe, stderr=pipe, env=environment, cwd=folder
    )


async def test_a_changed_grant_is_in_force_in_a_running_program(stdio: StdioScene) -> None:
    file = Path(str(stdio.parameters.cwd)) / "vedette.toml"
    async with Client(stdio_client(stdio.parameters)) as client:
        tools = ToolClient(client)
        change = {"issue": str(stdio.issue.id), "status": "resolved", "reason": "fixed in 1.2"}
        await tools.ok("update_issue", **change)
        file.write_text(SETTINGS.replace('"act"', '"observe"'))
        async with asyncio.timeout(60):
            while (await tools.ok("what_may_i_do"))["mode"] != "observe":  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.1)
        failure = await tools.fails("update_issue", **change)
    assert failure["decision"] == "observed"
