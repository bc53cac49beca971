"""Runs clients of Sentry that others wrote, as processes, with an agent's token and the gateway's address."""

import asyncio
import json
import os
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TextIO

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

from tests.clients.install import NODE

_PATIENCE: Final = 40
"""Seconds for one command on a busy machine."""
_WORDS: Final = (
    *("create", "update", "delete", "remove", "add", "find", "get", "search", "issue", "event", "project", "team"),
    *("release", "monitor", "uptime", "dashboard", "alert", "trace", "replay", "profile", "snapshot", "seer", "dsn"),
)
"""Words whose searches find all of the tools between them."""
_MCP_SERVER: Final = "@sentry/mcp-server/dist/index.js"
_PATHS: Final = {
    "sentry": "sentry/dist/bin.cjs",
    "sentry-cli": "@sentry/cli/bin/sentry-cli",
    "mcp-inspector": "@modelcontextprotocol/inspector/clients/launcher/build/index.js",
}


@dataclass(frozen=True, slots=True)
class Finished:
    """The end of a command."""

    code: int
    output: str
    """Of both streams."""


@dataclass(frozen=True, slots=True)
class ToolAnswer:
    """The answer of a tool of an MCP server."""

    failed: bool
    text: str


@dataclass(frozen=True, slots=True)
class Clients:
    """The installed clients, on behalf of one agent.

    Attributes:
        folder: The folder of the installation.
        home: The folder in which they keep what they remember.
        url: The address of the gateway.
        token: The agent's token.
    """

    folder: Path
    home: Path
    url: str
    token: str

    @property
    def environment(self) -> dict[str, str]:
        """The variables of the clients: no telemetry, no update checks, no colours, and nothing of ours."""
        return {
            "PATH": os.pathsep.join((str(NODE.parent), str(self.folder / "node_modules/.bin"), os.defpath)),
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "NO_COLOR": "1",
            "RUST_BACKTRACE": "0",
            "SENTRY_DSN": "",
            "SENTRY_CLI_NO_TELEMETRY": "1",
            "SENTRY_CLI_NO_UPDATE_CHECK": "1",
            "SENTRY_DISABLE_UPDATE_CHECK": "1",
        }

    async def sentry_cli(self, *arguments: str) -> Finished:
        """Run @sentry/cli."""
        return await self._run("sentry-cli", arguments, {"SENTRY_ORG": "acme", "SENTRY_PROJECT": "shop"})

    async def sentry(self, *arguments: str) -> Finished:
        """Run the `sentry` command of getsentry/cli."""
        return await self._run("sentry", arguments, {})

    async def inspector(self, *arguments: str) -> Finished:
        """Run the MCP inspector on the gateway's own tools."""
        connection = ("--cli", f"{self.url}/mcp", "--transport", "http")
        return await self._run(
            "mcp-inspector", (*connection, *arguments, "--header", f"Authorization: Bearer {self.token}"), {}
        )

    async def shell(self, script: str, **variables: str) -> Finished:
        """Run a script that uses the commands by their names, as a page shows it."""
        return await self._finish("/bin/bash", "-euc", script, environment={**self.environment, **variables})

    @asynccontextmanager
    async def mcp_server(self) -> AsyncGenerator["SentryMcp"]:
        """Run @sentry/mcp-server with all its tools, and connect to it over its standard input and output."""
        parameters = StdioServerParameters(
            command=str(NODE),
            args=[
                str(self.folder / "node_modules" / _MCP_SERVER),
                f"--host={self.url.removeprefix('http://')}",
                "--insecure-http",
                "--all-skills",
            ],
            env={**self.environment, "SENTRY_ACCESS_TOKEN": self.token},
        )
        with self.open_log() as log:
            async with stdio_client(parameters, errlog=log) as streams, ClientSession(*streams) as session:
                await session.initialize()
                tools = await session.list_tools()
                yield SentryMcp(session, frozenset(tool.name for tool in tools.tools))

    def open_log(self) -> TextIO:
        """Return a file for the standard error of a server."""
        return (self.home / "server.log").open("w")

    async def _run(self, program: str, arguments: tuple[str, ...], variables: Mapping[str, str]) -> Finished:
        environment = {
            **self.environment,
            "SENTRY_URL": self.url,
            "SENTRY_AUTH_TOKEN": self.token,
            **variables,
        }
        path = self.folder / "node_modules" / _PATHS[program]
        return await self._finish(str(NODE), str(path), *arguments, environment=environment)

    async def _finish(self, *command: str, environment: Mapping[str, str]) -> Finished:
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=self.home,
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            async with asyncio.timeout(_PATIENCE):
                output, _ = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return Finished(process.returncode or 0, output.decode(errors="replace"))


@dataclass(frozen=True, slots=True)
class SentryMcp:
    """A connection to Sentry's own MCP server, which shows a few tools and runs the others by their names."""

    session: ClientSession
    shown: frozenset[str]

    async def call(self, tool: str, **arguments: Any) -> ToolAnswer:
        """Call a tool."""
        name, given = tool, arguments
        if tool not in self.shown:
            name, given = "execute_sentry_tool", {"name": tool, "arguments": arguments}
        async with asyncio.timeout(_PATIENCE):
            answer = await self.session.call_tool(name, given)
        texts = [str(getattr(part, "text", "")) for part in answer.content]
        return ToolAnswer(bool(answer.is_error), "\n".join(texts))

    async def all_tools(self) -> dict[str, dict[str, Any]]:
        """Return every tool that a search finds, with the schema of its arguments."""
        found: dict[str, dict[str, Any]] = {}
        for words in _WORDS:
            answer = await self.session.call_tool("search_sentry_tools", {"query": words, "limit": 20})
            for tool in json.loads(str(getattr(answer.content[0], "text", ""))).get("results", []):
                found[tool["name"]] = tool["inputSchema"]
        return found


def example_of(schema: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """Return arguments that fit a schema: known values, and for other required ones something of their type."""
    simple: Mapping[str, Any] = {"string": "1", "integer": 1, "number": 1, "boolean": True, "array": ["1"]}
    required = set(schema.get("required", []))
    return {
        name: known.get(name, property_.get("enum", [simple.get(str(property_.get("type")), "1")])[0])
        for name, property_ in schema.get("properties", {}).items()
        if name in known or name in required
    }


def json_of(finished: Finished) -> Any:
    """Return the JSON that a command printed."""
    assert finished.code == 0, finished.output
    return json.loads(finished.output)
