"""Builds the contexts of tools, one for each call, from the services of a process."""

from dataclasses import dataclass, field
from functools import cached_property

from gateway.mcp.tool_context import ToolContext
from gateway.rest.denial_log import DenialLog
from vedette.access.agent_directory import Agent
from vedette.access.agent_gates import AgentGateFactory
from vedette.access.context import PolicyServices
from vedette.api import Memory
from vedette.settings.agents import AgentSettings
from vedette.store.server.client import RedisClient


@dataclass(frozen=True)
class ToolContexts:
    """The services of a process, as tools use them."""

    gates: AgentGateFactory
    services: PolicyServices
    redis: RedisClient = field(repr=False)
    memories: dict[str, tuple[AgentSettings, Memory]] = field(
        default_factory=dict[str, tuple[AgentSettings, Memory]], repr=False
    )
    """Agent -> its settings, and the caches of its clients under them."""

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
            self._memory(agent),
        )

    def _memory(self, agent: Agent) -> Memory:
        """Return the caches of an agent; new ones after a change of its settings, which may have taken projects."""
        kept = self.memories.get(agent.name)
        if kept is None or kept[0] is not agent.settings:
            kept = self.memories[agent.name] = (agent.settings, Memory())
        return kept[1]
