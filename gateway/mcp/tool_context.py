"""Holds the objects that one call of a tool uses: the agent, its gate, and the client of Sentry on top of the gate."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any

from vedette.access.agent_directory import Agent
from vedette.access.agent_gates import AgentGate
from vedette.access.agents.preview import Preview, preview
from vedette.access.context import IntegrationConnection, PolicyServices
from vedette.api import Memory, Sentry
from vedette.api.call import Answer, Call, Lane, Query, pairs
from vedette.api.operations import OPERATIONS
from vedette.api.redaction import can_redact, redact
from vedette.permissions.grants import Grant
from vedette.store.server.client import RedisClient

_ORGANIZATION = "organization_id_or_slug"


@dataclass(frozen=True)
class ToolContext:
    """One call of a tool."""

    gate: AgentGate
    connection: IntegrationConnection = field(repr=False)
    services: PolicyServices = field(repr=False)
    redis: RedisClient = field(repr=False)
    memory: Memory = field(default_factory=Memory, repr=False)
    """The caches of this agent's clients; no other agent's, so that none names a team for another."""
    previews: list[Preview] | None = field(default=None, repr=False)
    """Takes the previews of writes in a dry run, which sends none; None otherwise."""

    @property
    def agent(self) -> Agent:
        """The agent that calls."""
        return self.gate.agent

    @property
    def grant(self) -> Grant:
        """The grant of the agent."""
        return self.gate.agent.grant

    @property
    def sentry(self) -> Sentry:
        """The client of Sentry; each of its calls is sent by `send`."""
        return Sentry(
            organization=self.connection.organization,
            transport=self,
            lane=Lane.AGENT,
            memory=self.memory,
            server=self.connection.transport.server,
        )

    def call(
        self,
        name: str,
        parameters: Mapping[str, str] | None = None,
        *,
        query: Query | None = None,
        body: Mapping[str, Any] | None = None,
        reason: str = "",
    ) -> Call:
        """Make a call from the table of operations; the organization is filled in.

        Args:
            name: The name of the operation.
            parameters: The other parameters of its path.
            query: The query.
            body: The body of a write.
            reason: The agent's reason for a write.
        """
        operation = OPERATIONS[name]
        values = {_ORGANIZATION: self.connection.organization, **(parameters or {})}
        return Call(
            operation,
            {each: values[each] for each in operation.parameters if each in values},
            pairs(query or {}),
            body,
            lane=Lane.AGENT,
            because=because(reason),
        )

    async def send(self, call: Call) -> Answer:
        """Send a call through the gate; a write of a dry run is only previewed."""
        if self.previews is None or not call.operation.writes:
            return self._redacted(call, await self.gate.send(call))
        self.previews.append(await self.preview(call))
        return Answer(HTTPStatus.OK)

    def _redacted(self, call: Call, answer: Answer) -> Answer:
        name, hide = call.operation.name, self.grant.hide
        if not can_redact(name, hide):
            return answer
        return answer.with_body(redact(name, call.parameters, answer.body, hide).body)

    async def preview(self, call: Call) -> Preview:
        """Return what the gate would do with a write."""
        return await preview(self.services, self.connection, self.gate.inner.context, replace(call, lane=Lane.AGENT))


def because(reason: str) -> str:
    """Return an agent's reason for the audit, marked as the agent's: it can be taken for no rule and no order."""
    if not reason:
        return ""
    quoted = reason.replace('"', "'")
    return f'the agent says: "{quoted}"'
