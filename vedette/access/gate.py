"""Builds the gate: the chain of layers that each call of a principal passes.

Writes:    normalize -> authorize -> resolve target -> authorize projects -> apply mode -> budget -> own writes -> audit
           -> send; the steps of budget, own writes and audit are taken in Redis together, where the audit is
Reads:     normalize -> authorize -> resolve target -> authorize projects -> read filter
Agents:    as these; searches are limited to the granted projects before the target is resolved, and reads pass
           their budget and are recorded before the read filter
Messages:  as writes, with deduplication before the mode and a channel at the end
"""

from dataclasses import dataclass

from vedette.access.call_recorder import CallRecorder
from vedette.access.context import CallContext, IntegrationConnection, PolicyServices
from vedette.access.layers.agent_reads import AgentReadsLayer
from vedette.access.layers.audit import AuditLayer
from vedette.access.layers.authorization import AuthorizationLayer
from vedette.access.layers.budget import BudgetLayer
from vedette.access.layers.channel_post import ChannelCheckLayer, ChannelPostLayer
from vedette.access.layers.message_deduplication import MessageDeduplicationLayer
from vedette.access.layers.mode import ModeLayer
from vedette.access.layers.normalization import NormalizationLayer
from vedette.access.layers.own_writes import OwnWritesLayer
from vedette.access.layers.project_authorization import ProjectAuthorizationLayer
from vedette.access.layers.project_search import ProjectSearchLayer
from vedette.access.layers.read_filter import ReadFilterLayer
from vedette.access.layers.sentry_request import SentryRequestLayer
from vedette.access.layers.target_resolution import TargetResolutionLayer
from vedette.access.message_calls import MESSAGE_OPERATIONS
from vedette.access.prepared_call import Layer, PreparedCall
from vedette.api.call import Answer, Call, Transport
from vedette.api.operations import OPERATIONS
from vedette.notify.channels import Channels


@dataclass(frozen=True)
class Gate:
    """A transport through which the calls of one principal pass the chain."""

    chain: Layer
    context: CallContext

    async def send(self, call: Call) -> Answer:
        """Answer the call; a write that is held back is answered with `sent=False`.

        Raises:
            AccessDenied: It is not granted.
            BudgetExhausted: The principal has written as often as it may.
            InvalidUpdateError: It is no call that could be sent.
            SentryError: Sentry refused it or failed.
        """
        return await self.chain.send(PreparedCall(call, self.context))


@dataclass(frozen=True)
class GateBuilder:
    """Builds the chains of one integration; they hold no state, so that one chain serves any number of calls."""

    services: PolicyServices
    connection: IntegrationConnection

    @property
    def _recorder(self) -> CallRecorder:
        return CallRecorder(self.services, self.connection)

    def sentry_chain(self) -> Layer:
        """Return the chain for calls to Sentry."""
        return self._entrance(self._resolved(ReadFilterLayer(self._recorder, self.connection)))

    def agent_chain(self) -> Layer:
        """Return the chain for calls of agents, which are not written for Vedette and read on their own account."""
        recorder, connection = self._recorder, self.connection
        filtered = ReadFilterLayer(recorder, connection, is_counted=False)
        reads = self._resolved(AgentReadsLayer(filtered, recorder, self.services.agents))
        return self._entrance(ProjectSearchLayer(reads, recorder, connection))

    def undo_chain(self) -> Layer:
        """Return the chain for a write that takes another back: an operator orders it, even during a pause."""
        return self._recorded(SentryRequestLayer(self.connection))

    def message_chain(self, channels: Channels) -> Layer:
        """Return the chain for messages."""
        recorder = self._recorder
        sent_messages = self.services.sent_messages.of_tenant(self.connection.tenant)
        writes = self._writes(self._recorded(ChannelPostLayer(channels, sent_messages)))
        return self._messages(MessageDeduplicationLayer(writes, recorder, channels, sent_messages))

    def message_check(self, channels: Channels) -> Layer:
        """Return the chain that checks a message as `message_chain` does, and does not send it."""
        return self._messages(ChannelCheckLayer(channels))

    def _entrance(self, inner: Layer) -> Layer:
        recorder, connection = self._recorder, self.connection
        return NormalizationLayer(AuthorizationLayer(inner, recorder, connection), recorder, OPERATIONS)

    def _resolved(self, reads: Layer) -> Layer:
        recorder, connection = self._recorder, self.connection
        projects = ProjectAuthorizationLayer(self._writes(self.undo_chain()), reads, recorder)
        return TargetResolutionLayer(projects, recorder, connection)

    def _messages(self, inner: Layer) -> Layer:
        recorder, connection = self._recorder, self.connection
        target = TargetResolutionLayer(ProjectAuthorizationLayer(inner, inner, recorder), recorder, connection)
        return NormalizationLayer(AuthorizationLayer(target, recorder, connection), recorder, MESSAGE_OPERATIONS)

    def _writes(self, inner: Layer) -> Layer:
        services, recorder, connection = self.services, self._recorder, self.connection
        limit = services.settings.writes_per_issue_per_hour
        budget = BudgetLayer(inner, recorder, connection, limit)
        return ModeLayer(budget, recorder, connection, services.proposals, services.agents)

    def _recorded(self, end: Layer) -> Layer:
        audit = AuditLayer(end, self._recorder, self.connection.issue_cache)
        return OwnWritesLayer(audit, self.connection, self.services.own_writes)


def sealed(transport: Transport) -> Transport:
    """Return a transport without attributes, so that none leads a plugin past the gate."""

    class Sealed:
        """The transport that a handler's client holds."""

        __slots__ = ()

        async def send(self, call: Call) -> Answer:
            """Answer the call, or raise a `SentryError`."""
            return await transport.send(call)

        def __repr__(self) -> str:
            return "<the gate>"

    return Sealed()
