"""Predicts what the gate would do with a call, by sending it through the same chain up to the entry of the audit.

The stores that the chain writes to are replaced by ones that only read, so that a preview is counted in no budget,
makes no proposal, leaves no note of an own write, and never reaches Sentry.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from vedette._core.json_values import json_object
from vedette.access.context import CallContext, IntegrationConnection, PolicyServices
from vedette.access.gate import GateBuilder
from vedette.access.prepared_call import PreparedCall
from vedette.api.call import Call
from vedette.permissions.errors import AccessDenied, Denial
from vedette.store.access.audit_log import Audit
from vedette.store.access.departures import Departure, Departures, NotAdmittedError
from vedette.store.access.proposals import Proposal, Proposals
from vedette.store.access.write_budgets import WriteBudgets
from vedette.store.agents.read_budgets import ReadBudgets, ReadsExhausted
from vedette.store.agents.read_journal import ReadJournal
from vedette.store.server.client import RedisClient


@dataclass(frozen=True)
class Preview:
    """The decision that the gate would take on a write."""

    decision: str
    """As the audit would have it: `granted by ...`, `proposed`, `observed`, `paused by ...`, `denied: ...`."""
    intent: str
    """The write in plain English and past tense; empty for one that was denied before it was resolved."""
    before: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """The values of the written fields before it, if it is about one issue."""
    after: Mapping[str, Any] = field(default_factory=dict[str, Any])
    denial: Denial | None = None

    @property
    def would_send(self) -> bool:
        """Return whether the write would be sent to Sentry."""
        return self.decision.startswith("granted")


async def preview(
    services: PolicyServices, connection: IntegrationConnection, context: CallContext, call: Call
) -> Preview:
    """Return what the gate would do with a write.

    Args:
        services: The stores that govern writes.
        connection: The connection that would send it; issues that are not cached are read through it.
        context: The principal, and its modes.
        call: The write.

    Raises:
        ValueError: The call reads; reads are not held back.
        InvalidUpdateError: It is no call that could be sent.
        SentryError: An issue could not be read.
    """
    if not call.operation.writes:
        raise ValueError("only writes have a preview")
    client = services.budgets.client
    reading = replace(
        services,
        audit=_PreviewAudit(client, 0),
        departures=_PreviewDepartures(client, services),
        budgets=_PreviewBudgets(client),
        proposals=_PreviewProposals(client, 0),
        agents=replace(
            services.agents, read_budgets=_PreviewReads(client), journal=_PreviewJournal(client, services.audit)
        ),
    )
    gates = GateBuilder(reading, connection)
    chain = gates.agent_chain() if context.principal.kind == "agent" else gates.sentry_chain()
    try:
        await chain.send(PreparedCall(call, context))
    except _Reached as reached:
        facts = reached.facts
        decision, intent = str(facts.get("decision", "")), str(facts.get("intent", ""))
        return Preview(decision, intent, json_object(facts.get("before")), json_object(facts.get("after")))
    except AccessDenied as denied:
        return Preview(f"denied: {denied.denial.reason}", "", denial=denied.denial)
    raise AssertionError("every write is recorded before it is sent")


class _Reached(Exception):  # noqa: N818 - no error: it ends the chain
    """The chain has come to the entry of the audit."""

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self.facts = facts
        super().__init__()


class _PreviewAudit(Audit):
    """An audit that ends the chain in the place of the entry; after a denial the chain itself raises."""

    async def append(self, kind: str, facts: Mapping[str, Any], *, counter: str = "") -> int:
        del counter
        if kind == "call" and not str(facts.get("decision", "")).startswith("denied"):
            raise _Reached(facts)
        return 0


class _PreviewDepartures(Departures):
    """Departures that end the chain; budgets are looked at and not used, and no note is kept."""

    def __init__(self, client: RedisClient, services: PolicyServices) -> None:
        super().__init__(client, services.audit)
        self._budgets = services.budgets

    async def depart(self, departure: Departure, facts: Mapping[str, Any]) -> int:
        admission = departure.admission
        if admission is not None:
            decision = await self._budgets.look(admission.principal, admission.issues, admission.limits)
            if decision.verdict != "go":
                raise NotAdmittedError(decision)
        raise _Reached(facts)


class _PreviewBudgets(WriteBudgets):
    """Budgets for which nothing is counted."""

    async def count(self, principal: str, what: str) -> None:
        del principal, what


class _PreviewProposals(Proposals):
    """Proposals of which none is stored."""

    async def propose(self, proposal: Proposal) -> bool:
        del proposal
        return True


class _PreviewReads(ReadBudgets):
    """Budgets of which nothing is taken."""

    async def take(self, agent: str, per_hour: int) -> ReadsExhausted | None:
        del agent, per_hour
        return None


class _PreviewJournal(ReadJournal):
    """A journal in which nothing is noted."""

    def takes_entry(self, agent: str) -> bool:
        del agent
        return True
