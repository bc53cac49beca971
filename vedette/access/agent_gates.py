"""Builds the gates of agents: the chain that handlers' calls pass too, for a principal of the kind `agent`."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from vedette._core.printable import printable
from vedette.access.agent_directory import Agent, AgentDirectory
from vedette.access.context import CallContext, IntegrationConnection, PolicyServices
from vedette.access.gate import Gate, GateBuilder
from vedette.api.call import Answer, Call, Lane
from vedette.permissions.authorization import Access

Front = Literal["rest", "mcp"]
"""The way by which an agent reaches the gateway."""
_LONGEST_CLIENT: Final = 60


@dataclass(frozen=True)
class AgentGate:
    """A transport through which the calls of one agent pass the chain."""

    agent: Agent
    directory: AgentDirectory
    inner: Gate

    @property
    def who(self) -> str:
        """The agent with its client and front, as the audit has it: `agent NAME (CLIENT via REST)`."""
        return self.inner.context.source

    async def send(self, call: Call) -> Answer:
        """Answer the call; a write that is held back is answered with `sent=False` and the decision in `held`.

        Raises:
            AgentTokenError: The agent's token is no longer in force; nothing was sent.
            AccessDenied: The call is not granted; the error has the operator's line.
            BudgetExhausted: The agent has called as often as it may.
            InvalidUpdateError: It is no call that could be sent.
            SentryError: Sentry refused it or failed.
            redis.exceptions.RedisError: Redis gives no answer; nothing was sent.
        """
        return await self.inner.send(replace(call, lane=Lane.AGENT))


@dataclass(frozen=True)
class AgentGateFactory:
    """Builds the gates of agents; one for each process."""

    services: PolicyServices
    directory: AgentDirectory
    connections: Mapping[str, IntegrationConnection]
    """The connection of each integration, by its name."""

    def gate(self, agent: Agent, front: Front, client: str) -> AgentGate:
        """Return the gate for one request of an agent.

        Args:
            agent: The agent, as the directory recognised it.
            front: The way by which the request came.
            client: The program that sent it, such as `claude-code/2.1`; text that anyone may choose.
        """
        connection = self.connections[agent.settings.integration]

        async def check() -> None:
            await self.directory.check(agent)

        access = Access(agent.principal, agent.grant.scopes, agent.grant)
        context = CallContext(
            access,
            source_of(agent, front, client),
            agent.settings.mode,
            agent.settings.modes,
            passes_on=True,
            before_send=check,
        )
        return AgentGate(agent, self.directory, Gate(GateBuilder(self.services, connection).agent_chain(), context))


def source_of(agent: Agent, front: Front, client: str) -> str:
    """Return an agent with its client and front, as the audit has it."""
    known = " ".join(printable(client).split())[:_LONGEST_CLIENT] or "unknown client"
    return f"agent {agent.name} ({known} via {front.upper()})"
