"""Authorizes a call by the projects of its target, and passes reads to the read filter."""

from dataclasses import dataclass

from vedette.access.call_recorder import CallRecorder
from vedette.access.prepared_call import Layer, PreparedCall
from vedette.access.read_policy import OF_ORGANIZATION, OF_PROJECTS, treatment_of
from vedette.api.call import Answer
from vedette.permissions.authorization import check_projects


@dataclass(frozen=True, slots=True)
class ProjectAuthorizationLayer:
    """The layer that denies calls about projects which are not granted; behind it reads and writes part."""

    inner: Layer
    """The next layer for writes."""
    reads: Layer
    """The next layer for reads."""
    recorder: CallRecorder

    async def send(self, call: PreparedCall) -> Answer:
        """Pass on a call about granted projects.

        Raises:
            AccessDenied: One of the projects is not granted.
        """
        if _is_checked_before(call):
            denial = check_projects(call.context.access, call.target.projects, call.call)
            if denial is not None:
                await self.recorder.deny(call, denial)
        return await (self.inner if call.call.operation.writes else self.reads).send(call)


def _is_checked_before(prepared: PreparedCall) -> bool:
    """Return whether the projects are checked before the call is sent; of other reads the answer is checked."""
    call = prepared.call
    if call.operation.writes:
        return True
    return treatment_of(call, prepared.context.access.grant) in {OF_PROJECTS, OF_ORGANIZATION}
