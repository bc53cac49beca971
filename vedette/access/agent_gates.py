"""Builds the gates of agents: the chain that handlers' calls pass too, for a principal of the kind `agent`."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from vedette._core.printable import printable
from vedette.access.agent_directory import Agent, AgentDirectory
from vedette.access.agents.sending_check import PausedInFlightError, SendingCheck
from vedette.access.agents.untrusted_text import shows_untrusted_text
from vedette.access.context import AgentStores, CallContext, IntegrationConnection, PolicyServices
from vedette.access.gate import Gate, GateBuilder
from vedette.api.call import Answer, Call, Hold, Lane
from vedette.api.errors import CallStoppedError
from vedette.api.operations import OPERATIONS, Operation
from vedette.permissions.authorization import Access
from vedette.store.agents.read_journal import new_record

Front = Literal["rest", "mcp"]
"""The front through which an agent reaches the gateway."""
_LONGEST_CLIENT: Final = 60
_ANSWERED: Final = "answered by Vedette"
_BRACKETS: Final = str.maketrans("()", "[]")


@dataclass(frozen=True)
class AgentGate:
    """A transport through which the calls of one agent pass the chain."""

    agent: Agent
    inner: Gate
    stores: AgentStores
    shows_written: bool = True
    """Return whether the front passes on the answers to writes, which can hold text from events as those to reads."""

    @property
    def who(self) -> str:
        """The agent with its client and front, as the audit has it: `agent NAME (CLIENT via REST)`."""
        return self.inner.context.source

    async def send(self, call: Call) -> Answer:
        """Answer the call; a write that is held back is answered with `sent=False` and the decision in `held`.

        Raises:
            AgentTokenError: The agent's token is no longer in force; nothing was sent.
            AgentChangedError: The agent's grant was changed meanwhile; nothing was sent.
            AccessDenied: The call is not granted; the error has the operator's line.
            BudgetExhausted: The agent has called as often as it may.
            ReadJournalFullError: The read could not be recorded, and was not made.
            InvalidUpdateError: It is no call that could be sent.
            SentryError: Sentry refused it or failed.
            redis.exceptions.RedisError: Redis gives no answer; nothing was sent, unless only the outcome is missing.
        """
        try:
            # The text of an agent is its reason, in a field of its own; a write is described by Vedette alone.
            answer = await self.inner.send(replace(call, lane=Lane.AGENT, intent=""))
        except CallStoppedError as stopped:
            return _held(stopped)
        await self._note(OPERATIONS[call.operation.name], answer)
        return answer

    def record_own_answer(self, name: str, parameters: Mapping[str, str] | None = None) -> None:
        """Record a read that Vedette answers without a call to Sentry.

        Args:
            name: The name of the read, such as `gateway.scopes`; it is no operation of the table.
            parameters: The parameters of the read, such as a proposal.

        Raises:
            ReadJournalFullError: It cannot be recorded, and must not be answered.
        """
        journal = self.stores.journal
        journal.check_room()
        journal.note(self.agent.name, new_record(self.who, name, parameters or {}, (), _ANSWERED, ""))

    async def _note(self, operation: Operation, answer: Answer) -> None:
        """Note what a call has used, and whether the agent is about to read text from events."""
        if operation.writes:
            self.stores.journal.note_write(self.agent.name, operation.name)
        is_shown = self.shows_written or not operation.writes
        if answer.sent and is_shown and self.agent.settings.untrusted != "act" and shows_untrusted_text(operation):
            # Before the agent gets the text, so that no write of its own can be quicker.
            await self.stores.untrusted_reads.note_untrusted_text(self.agent.name)


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
            front: The front that received the request.
            client: The program that sent it, such as `claude-code/2.1`; text that anyone may choose.
        """
        settings, connection = agent.settings, self.connections[agent.settings.integration]
        context = CallContext(
            Access(agent.principal, agent.grant.scopes, agent.grant),
            source_of(agent, front, client),
            settings.mode,
            settings.modes,
            untrusted=settings.untrusted,
            passes_on=True,
            before_send=SendingCheck(agent, self.directory, self.services.budgets),
        )
        chain = GateBuilder(self.services, connection).agent_chain()
        return AgentGate(agent, Gate(chain, context), self.services.agents, shows_written=front != "mcp")

    async def aclose(self) -> None:
        """Write the records of reads that wait; to be called before the process ends.

        Raises:
            redis.exceptions.RedisError: They could not be written.
        """
        await self.services.agents.journal.aclose()


def source_of(agent: Agent, front: Front, client: str) -> str:
    """Return an agent with its client and front, as the audit has it."""
    # A client names itself; brackets of its own would let it name another agent or front.
    known = " ".join(printable(client).translate(_BRACKETS).split())[:_LONGEST_CLIENT] or "unknown client"
    return f"agent {agent.name} ({known} via {front.upper()})"


def _held(stopped: CallStoppedError) -> Answer:
    """Return the answer to a call that a pause stopped right before it left.

    Raises:
        UserError: Another reason stopped it.
    """
    reason = stopped.reason
    if isinstance(reason, PausedInFlightError):
        return Answer(200, sent=False, held=Hold("paused", by=reason.by, intent=stopped.call.intent))
    raise reason from None
