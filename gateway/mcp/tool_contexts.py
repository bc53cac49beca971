"""Builds the contexts of tools, one for each call, from the services of a process."""

from dataclasses import dataclass, field
from functools import cached_property

from gateway.mcp.tool_context import ToolContext
from gateway.rest.denial_log import DenialLog
from vedette.access.agent_directory import Agent
from vedette.access.agent_gates import AgentGateFactory
from vedette.access.context import PolicyServices
from vedette.api import Memory
from vedette.store.server.client import RedisClient


@dataclass(frozen=True)
class ToolContexts:
    """The services of a process, as tools use them."""

    gates: AgentGateFactory
    services: PolicyServices
    redis: RedisClient = field(repr=False)
    memories: dict[str, Memory] = field(default_factory=dict[str, Memory], repr=False)
    """Agent -> the caches of its clients."""

    @cached_property
    def denials(self) -> DenialLog:
        """The records of calls that never reach the gate."""
        return DenialLog(self.services)

    def context(self, agent: Agent, client: str) -> ToolContext:
        """Return the context of one call.

        Args:
            agent: The agent that calls.
            client: The program that it uses, as the program calls itself.
        """
        return ToolContext(
            self.gates.gate(agent, "mcp", client),
            self.gates.connections[agent.settings.integration],
            self.services,
            self.redis,
            self.memories.setdefault(agent.name, Memory()),
        )
