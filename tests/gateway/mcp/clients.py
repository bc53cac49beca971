"""The SDK's own client of MCP, on a real socket, as one of a gateway's agents."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
import mcp_types as types
from mcp import Client
from mcp.client.client import ConnectMode
from mcp.client.streamable_http import streamable_http_client

from tests.gateway.gateways import RunningGateway

MODERN = "2026-07-28"
ERAS: tuple[ConnectMode, ...] = ("legacy", MODERN)


@dataclass
class ToolClient:
    """A client that calls tools, and reads their answers."""

    client: Client

    async def tools(self) -> set[str]:
        return {tool.name for tool in (await self.client.list_tools()).tools}

    async def raw(self, tool: str, /, **arguments: Any) -> types.CallToolResult:
        result = await self.client.call_tool(tool, arguments)
        assert isinstance(result, types.CallToolResult)
        return result

    async def ok(self, tool: str, /, **arguments: Any) -> dict[str, Any]:
        """Call a tool that is to succeed; return its answer, which text and structure have alike."""
        result = await self.raw(tool, **arguments)
        text = text_of(result)
        assert not result.is_error, text
        assert json.loads(text) == result.structured_content
        return dict(result.structured_content)

    async def fails(self, tool: str, /, **arguments: Any) -> dict[str, Any]:
        """Call a tool that is to fail; return what it says."""
        result = await self.raw(tool, **arguments)
        assert result.is_error, text_of(result)
        failure = dict(result.structured_content)
        for name in ("not_done", "why", "retry"):
            assert failure[name] in text_of(result)
        return failure


def text_of(result: types.CallToolResult) -> str:
    """Return the one text of an answer."""
    assert len(result.content) == 1
    content = result.content[0]
    assert isinstance(content, types.TextContent)
    return content.text


@asynccontextmanager
async def tool_client(gateway: RunningGateway, agent: str, mode: ConnectMode = MODERN) -> AsyncGenerator[ToolClient]:
    """Connect as an agent."""
    headers = {"Authorization": f"Bearer {gateway.tokens[agent]}"}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=20, trust_env=False) as http,
        Client(streamable_http_client(f"{gateway.url}/mcp", http_client=http), mode=mode) as client,
    ):
        yield ToolClient(client)
