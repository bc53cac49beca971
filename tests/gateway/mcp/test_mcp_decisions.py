"""The decision on a call is the oracle's, which the gate is held to as well: for all operations, grants and modes.

The calls come from the SDK's client, connected to the server in this process, since each has an agent of its own. With
VEDETTE_FULL=1 many more are tried.
"""

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import mcp_types as types
import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError

from gateway.mcp.server import Request, make_server
from gateway.mcp.tool_contexts import ToolContexts
from tests.agent_decisions import (
    BULK,
    AgentCase,
    Decision,
    WriteRecorder,
    add_releases,
    agent_cases,
    check_cases,
    expected_decision,
)
from tests.gateway.gateways import SentryServer, add_issue, make_world
from tests.http_servers import serving
from vedette.access.agent_directory import Agent, AgentDirectory
from vedette.access.agent_gates import AgentGateFactory
from vedette.access.client_factory import connect
from vedette.access.context import IntegrationConnection, PolicyServices, make_policy_services
from vedette.api.call import fill
from vedette.api.operations import OPERATIONS
from vedette.api.resources.issue_bulk import FINDS_NOTHING
from vedette.settings.access import AccessSettings
from vedette.settings.agents import AgentSettings
from vedette.settings.settings import IntegrationSettings
from vedette.simulator import Issue, RateLimits, create_app
from vedette.store.agents.tokens import AgentTokens
from vedette.store.server.client import RedisClient

# No tool can show a file, so that these are refused before the gate.
OPERATIONS_OF_TOOLS = {name: each for name, each in OPERATIONS.items() if each.answers != "bytes"}
EXAMPLES = 1000 if os.environ.get("VEDETTE_FULL") == "1" else 150


@dataclass
class DecisionScene:
    """Agents and their calls."""

    redis: RedisClient
    services: PolicyServices
    connection: IntegrationConnection
    recording: WriteRecorder
    issues: dict[str, Issue]
    """By project."""

    async def decide(self, case: AgentCase) -> Decision:
        """Return the decision on a call that the SDK's client makes."""
        settings = {name: value for name, value in case.settings.items() if value != {}}
        directory = AgentDirectory(self.redis, {"helper": AgentSettings.model_validate(settings)})
        token, record = await AgentTokens(self.redis).create("helper", by="ann")
        agent = await directory.authenticate(token)

        async def agent_of(_: Request) -> Agent:
            return agent

        factory = AgentGateFactory(self.services, directory, {"default": self.connection})
        server = make_server(agent_of, ToolContexts(factory, self.services, self.redis))
        try:
            async with Client(server) as client:
                return await _decide(client, case, self.arguments(case))
        finally:
            await factory.aclose()
            await AgentTokens(self.redis).revoke(record.id)

    def arguments(self, case: AgentCase) -> dict[str, Any]:
        """Return the arguments of `read_operation` or `write_operation`."""
        operation, issue = case.operation, self.issues[case.project].id
        parameters = case.parameters(issue)
        parameters.pop("organization_id_or_slug", None)
        arguments: dict[str, Any] = {"operation": operation.name, "parameters": parameters}
        if operation.name in BULK:
            arguments["query"] = {"id": [str(issue)], "query": FINDS_NOTHING}
        if operation.writes:
            arguments |= {"body": case.body, "reason": "it is drawn"}
        return arguments


async def _decide(client: Client, case: AgentCase, arguments: dict[str, Any]) -> Decision:
    tool = "write_operation" if case.operation.writes else "read_operation"
    try:
        result = await client.call_tool(tool, arguments)
    except MCPError as error:
        if error.error.code != types.INVALID_PARAMS:
            raise
        # The agent has no operation of the kind, so that it does not have the tool.
        return "denied"
    assert isinstance(result, types.CallToolResult)
    decision = result.structured_content.get("decision") if result.is_error else "passed"
    assert decision in {"denied", "observed", "proposed", "passed", "failed"}, result.structured_content
    return "passed" if decision == "failed" else decision


@pytest.fixture
async def decisions(redis_client: RedisClient) -> AsyncIterator[DecisionScene]:
    world, token = make_world()
    issues = {slug: add_issue(world, slug, "BadError") for slug in ("shop", "bank")}
    add_releases(world)
    async with serving(SentryServer(create_app(world, limits=RateLimits(manner="self-hosted")))) as url:
        integration = IntegrationSettings.model_validate(
            {"client_secret": "s" * 32, "token": token, "organization": "acme", "sentry_url": url}
        )
        plain = connect("default", integration, redis_client)
        recording = WriteRecorder(plain.transport)
        connection = replace(plain, transport=recording)  # type: ignore[arg-type] # a transport is all that is used
        # Budgets are tested elsewhere.
        services = make_policy_services(redis_client, AccessSettings(writes_per_issue_per_hour=1_000_000))
        yield DecisionScene(redis_client, services, connection, recording, issues)
        await plain.transport.aclose()


async def test_tools_decide_as_the_page_says(decisions: DecisionScene) -> None:
    async def check(case: AgentCase) -> Decision:
        decisions.recording.written.clear()
        decision = await decisions.decide(case)
        assert decision == expected_decision(case), str(case)
        is_sent = case.operation.writes and decision == "passed"
        path = fill(case.operation.path, case.parameters(decisions.issues[case.project].id))
        assert [each.path for each in decisions.recording.written] == [path] * is_sent
        return decision

    await check_cases(check, agent_cases(OPERATIONS_OF_TOOLS), EXAMPLES)
