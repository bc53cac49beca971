"""Applies the mode: a write is only recorded, proposed to a person, or passed on."""

from dataclasses import dataclass, replace
from typing import Final

from vedette.access.agents.untrusted_text import mode_after_reading
from vedette.access.call_recorder import CallRecorder
from vedette.access.context import AgentStores, IntegrationConnection
from vedette.access.prepared_call import Layer, PreparedCall
from vedette.access.proposal_mapping import proposal_of
from vedette.api.call import Answer, Hold
from vedette.permissions.errors import BudgetExhausted, Denial
from vedette.settings.access import Mode
from vedette.store.access.proposals import Proposals

_PROPOSALS_PER_HOUR: Final = 500
"""Proposals of an agent within an hour, where its grant has no budget for writes."""


@dataclass(frozen=True, slots=True)
class ModeLayer:
    """The layer that holds back writes in the modes `observe` and `propose`."""

    inner: Layer
    recorder: CallRecorder
    connection: IntegrationConnection
    proposals: Proposals
    agents: AgentStores

    async def send(self, call: PreparedCall) -> Answer:
        """Pass on a write in mode `act`, or one that an operator has ordered."""
        context = call.context
        mode = "act" if context.order else await self._mode(call)
        if mode == "observe":
            return await self.recorder.hold_back(call, "observed", f"would have {self.recorder.describe(call)}")
        if mode == "propose":
            await self._check_budget(call)
            return await self._propose(call)
        return await self.inner.send(call)

    async def _mode(self, call: PreparedCall) -> Mode:
        mode = call.context.mode_in(call.target.projects, call.call.ceiling)
        return await mode_after_reading(call.context, mode, self.agents.untrusted_reads)

    async def _check_budget(self, call: PreparedCall) -> None:
        """Deny an agent's proposals beyond a budget, so that it cannot bury those that a person has to read.

        Raises:
            BudgetExhausted: The budget is used up.
        """
        if call.principal.kind != "agent":
            return
        own = call.context.access.grant.writes_per_hour
        limit = _PROPOSALS_PER_HOUR if own is None else own
        if await self.agents.read_budgets.take(f"{call.principal.name}:proposals", limit) is None:
            return
        reason = f"it has proposed {limit} writes within the hour, which is its budget"
        remedy = call.context.access.in_grant(f"writes_per_hour = {max(1, limit) * 2}")
        await self.recorder.deny(call, Denial(reason, remedy), BudgetExhausted)

    async def _propose(self, call: PreparedCall) -> Answer:
        intent = self.recorder.describe(call)
        proposal = proposal_of(self.connection, call, intent)
        if not await self.proposals.propose(proposal):
            call.context.note(f"proposed before: {intent}{call.reason_suffix}")
            call.context.note_result("proposed")
            if call.principal.kind == "agent":
                await self.recorder.record_unsent(replace(call, decision="proposed before"))
            hold = Hold("proposed", proposal.id, is_repeated=True, intent=intent)
            return self.recorder.answer_held_back(hold)
        note = f"proposed as {proposal.id}: {intent}"
        return await self.recorder.hold_back(call, "proposed", note, proposal=proposal.id)
