"""Serves the tools to one agent over standard input and output, for hosts that start their servers as programs.

The process has a token of its own for as long as it runs, so that the audit, `vedette agents tokens` and revocation
treat it as any other client of the agent.
"""

import asyncio
import os
import signal
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, cast

from mcp.server.stdio import stdio_server
from redis.exceptions import RedisError

from gateway.agent_reload import AgentReloader, ServedAgents
from gateway.client_limits import BODY
from gateway.mcp.server import Request, make_server
from gateway.mcp.stdin_lines import StdinLines
from gateway.mcp.tool_contexts import ToolContexts
from vedette._core.nearest_name import did_you_mean
from vedette._core.printable import printable
from vedette._core.user_error import UserError
from vedette.access.agent_directory import Agent, AgentDirectory, ExpiredAgentTokenError
from vedette.access.agent_gates import AgentGateFactory
from vedette.access.client_factory import connect
from vedette.access.context import IntegrationConnection, make_policy_services
from vedette.http_server.background_tasks import BackgroundTasks
from vedette.permissions.principal import Principal
from vedette.settings.settings import IntegrationSettings, Settings, load_settings
from vedette.settings.settings_file import settings_file
from vedette.store.access.audit_log import Audit
from vedette.store.agents.tokens import AgentTokens
from vedette.store.server.client import RedisClient

if TYPE_CHECKING:
    import anyio

_LIFETIME: Final = 86_400.0
"""Seconds after which the token of a process that was killed ends; one that still runs makes itself another."""
_NOTE: Final = "vedette agents serve"


class UnknownAgentError(UserError):
    """The settings have no agent of this name."""

    exit_code = 2

    def __init__(self, name: str, settings: Settings) -> None:
        self.name = name
        near = did_you_mean(name, settings.agents)
        super().__init__(
            f"there is no agent {printable(name)} in vedette.toml{near or ': add its table [agents.NAME]'}"
        )


@dataclass
class ProcessToken:
    """The token of this process."""

    directory: AgentDirectory
    tokens: AgentTokens
    audit: Audit
    name: str
    by: str
    """The person who started the process."""
    _text: str = field(default="", repr=False)
    _id: str = ""

    async def agent(self) -> Agent:
        """Return the agent, while its token is in force.

        Raises:
            AgentTokenError: It was revoked.
        """
        try:
            return await self.directory.authenticate(self._text)
        except ExpiredAgentTokenError:
            await self.make()
            return await self.directory.authenticate(self._text)

    async def make(self) -> None:
        """Make the token."""
        self._text, token = await self.tokens.create(self.name, by=self.by, lifetime=_LIFETIME, note=_NOTE)
        self._id = token.id
        about = {"handler": Principal("agent", self.name).key, "intent": f"serve agent {self.name} over stdio"}
        await self.audit.append("order", {**about, "decision": f"started by {self.by} with token {token.id}"})

    async def revoke(self) -> None:
        """Revoke the token at the end of the process."""
        with suppress(RedisError, OSError):
            await self.tokens.revoke(self._id)


async def serve(
    name: str,
    by: str,
    redis: RedisClient,
    settings: Settings,
    integration_settings: Callable[[str], IntegrationSettings],
) -> None:
    """Serve one agent until standard input ends, or until SIGTERM or SIGINT.

    Args:
        name: The agent.
        by: The person who started the process.
        redis: The client of the Redis that the workers and the gateway use.
        settings: The settings of this process.
        integration_settings: Returns an integration that has a token and an organization, by its name.

    Raises:
        UnknownAgentError: The settings have no such agent.
        SettingsError: The agent's integration lacks what a call needs.
        redis.exceptions.RedisError: Redis gives no answer.
    """
    if name not in settings.agents:
        raise UnknownAgentError(name, settings)
    connections: dict[str, IntegrationConnection] = {}

    def connect_integration(integration: str, settings: Settings) -> IntegrationConnection:
        # The first settings may lack the integration, as in a demonstration.
        known = integration_settings(integration) if not connections else settings.require_integration(integration)
        return connect(integration, known, redis)

    served = ServedAgents(AgentDirectory(redis, {}), connections, connect_integration)
    served.replace(_only(name, settings))
    services = make_policy_services(redis, settings.access)
    factory = AgentGateFactory(services, served.directory, connections)
    token = ProcessToken(served.directory, AgentTokens(redis), services.audit, name, by)
    reloader = AgentReloader(settings_file(os.environ), lambda: _only(name, load_settings()), served)
    background = BackgroundTasks()
    await token.make()
    try:
        background.start("agents", reloader.run)
        await _run(token, ToolContexts(factory, services, redis))
    finally:
        await background.stop()
        await token.revoke()
        with suppress(RedisError):
            await factory.aclose()
        for connection in connections.values():
            await connection.transport.aclose()


def _only(name: str, settings: Settings) -> Settings:
    """Return settings with this agent alone; without any if they do not have it."""
    return settings.model_copy(update={"agents": {key: one for key, one in settings.agents.items() if key == name}})


async def _run(token: ProcessToken, contexts: ToolContexts) -> None:
    async def agent_of(request: Request) -> Agent:
        del request
        return await token.agent()

    server = make_server(agent_of, contexts)
    with _cancelled_by_signals(), suppress(asyncio.CancelledError):
        lines = cast("anyio.AsyncFile[str]", StdinLines(0, BODY))
        async with stdio_server(stdin=lines) as (incoming, outgoing):
            await server.run(incoming, outgoing, server.create_initialization_options())


@contextmanager
def _cancelled_by_signals() -> Generator[None]:
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, task.cancel)
    try:
        yield
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
