"""The commands and files of docs/gateway.md work as they stand, but for the gateway's address and npx."""

import json
import re
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client

from tests.clients.judgements import intents
from tests.clients.programs import Clients
from tests.gateway.gateways import RunningGateway

PAGE = (Path(__file__).parents[2] / "docs/gateway.md").read_text()
ADDRESS = "127.0.0.1:8652"
VARIABLE = "VEDETTE_AGENT_TOKEN"


def blocks(language: str) -> dict[str, str]:
    """Return the blocks of a language, by the heading that they stand under."""
    sections = re.split(r"^### (.+)$", PAGE, flags=re.MULTILINE)[1:]
    found = {
        heading: re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)
        for heading, text in zip(sections[::2], sections[1::2], strict=True)
    }
    return {heading: "".join(texts) for heading, texts in found.items() if texts}


SCRIPTS = blocks("sh")
# The file for standard input and output is run by tests/gateway/mcp/test_stdio.py.
FILES = {heading: text for heading, text in blocks("json").items() if heading != "Over standard input and output"}
# Heading -> how the audit tells what its commands change.
CHANGES = {
    "curl": ["resolved SHOP-1"],
    "sentry-cli": ["resolved SHOP-1", "created a release", "changed ref, url, date", "recorded a deploy"],
    "sentry": ["archived SHOP-1 forever"],
}


def test_the_page_has_each_client() -> None:
    assert set(SCRIPTS) == set(CHANGES)
    assert set(FILES) == {"Claude Code", "Cursor", "sentry-mcp"}
    assert ADDRESS in PAGE


@pytest.mark.parametrize("heading", SCRIPTS)
async def test_the_commands_run(gateway: RunningGateway, client_of: Callable[[str], Clients], heading: str) -> None:
    clients = client_of("actor")
    script = SCRIPTS[heading].replace(ADDRESS, gateway.url.removeprefix("http://"))
    done = await clients.shell(script.replace("curl ", "curl --silent --fail "), **{VARIABLE: clients.token})
    assert done.code == 0, done.output
    assert "BadError" in done.output
    told = await intents(gateway, "actor")
    assert [start for start, intent in zip(CHANGES[heading], told, strict=True) if intent.startswith(start)] == (
        CHANGES[heading]
    )


def server_of(heading: str, gateway: RunningGateway, token: str) -> dict[str, Any]:
    """Return the one server of a file, with the variable filled in as its program does."""
    text = FILES[heading].replace(ADDRESS, gateway.url.removeprefix("http://"))
    text = re.sub(rf"\$\{{(?:env:)?{VARIABLE}\}}", token, text)
    (server,) = json.loads(text)["mcpServers"].values()
    return server


@asynccontextmanager
async def connected(server: dict[str, Any], clients: Clients) -> AsyncGenerator[ClientSession]:
    """Connect as the file says; npx is what runs a package, which is installed here."""
    if "url" in server:
        async with (
            httpx2.AsyncClient(headers=server["headers"], trust_env=False) as http,
            streamable_http_client(server["url"], http_client=http) as streams,
            ClientSession(streams[0], streams[1]) as session,
        ):
            yield session
        return
    assert (server["command"], server["args"][0]) == ("npx", "-y")
    installed = json.loads((clients.folder / "node_modules/@sentry/mcp-server/package.json").read_text())
    assert server["args"][1] == f"@sentry/mcp-server@{installed['version']}"
    parameters = StdioServerParameters(
        command=str(clients.folder / "node_modules/.bin/sentry-mcp"),
        args=server["args"][2:],
        env={**clients.environment, **server["env"]},
    )
    with clients.open_log() as log:
        async with stdio_client(parameters, errlog=log) as streams, ClientSession(*streams) as session:
            yield session


@pytest.mark.parametrize("heading", FILES)
async def test_the_files_connect_to_the_agents_tools(
    gateway: RunningGateway, client_of: Callable[[str], Clients], heading: str
) -> None:
    clients = client_of("reader")
    async with connected(server_of(heading, gateway, clients.token), clients) as session:
        await session.initialize()
        assert "search_issues" in {tool.name for tool in (await session.list_tools()).tools}
        given = {"query": "is:unresolved", **({"organizationSlug": "acme"} if heading == "sentry-mcp" else {})}
        answer = await session.call_tool("search_issues", given)
        assert not answer.is_error
        assert "BadError" in "".join(str(getattr(part, "text", "")) for part in answer.content)
    assert gateway.sentry.writes() == []
    assert len(gateway.sentry.seen) >= 1
