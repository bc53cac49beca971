"""Applies the mode: a write is only recorded, proposed to a person, or passed on."""

from dataclasses import dataclass, replace

from vedette.access.agents.untrusted_text import mode_after_reading
from vedette.access.call_recorder import CallRecorder
from vedette.access.context import IntegrationConnection
from vedette.access.prepared_call import Layer, PreparedCall
from vedette.access.proposal_mapping import proposal_of
from vedette.api.call import Answer, Hold
from vedette.settings.access import Mode
from vedette.store.access.proposals import Proposals
from vedette.store.agents.untrusted_reads import UntrustedReads


@dataclass(frozen=True, slots=True)
class ModeLayer:
    """The layer that holds back writes in the modes `observe` and `propose`."""

    inner: Layer
    recorder: CallRecorder
    connection: IntegrationConnection
    proposals: Proposals
    untrusted_reads: UntrustedReads

    async def send(self, call: PreparedCall) -> Answer:
        """Pass on a write in mode `act`, or one that an operator has ordered."""
        context = call.context
        mode = "act" if context.order else await self._mode(call)
        if mode == "observe":
            return await self.recorder.hold_back(call, "observed", f"would have {self.recorder.describe(call)}")
        if mode == "propose":
            return await self._propose(call)
        return await self.inner.send(call)

    async def _mode(self, call: PreparedCall) -> Mode:
        mode = call.context.mode_in(call.target.projects, call.call.ceiling)
        return await mode_after_reading(call.context, mode, self.untrusted_reads)

    async def _propose(self, call: PreparedCall) -> Answer:
        intent = self.recorder.describe(call)
        proposal = proposal_of(self.connection, call, intent)
        if not await self.proposals.propose(proposal):
            call.context.note(f"proposed before: {intent}{call.reason_suffix}")
            if call.principal.kind == "agent":
                await self.recorder.record(replace(call, decision="proposed before"))
            hold = Hold("proposed", proposal.id, is_repeated=True, intent=intent)
            return self.recorder.answer_held_back(hold)
        note = f"proposed as {proposal.id}: {intent}"
        return await self.recorder.hold_back(call, "proposed", note, proposal=proposal.id)
