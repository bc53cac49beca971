"""Resolves the issues and projects that a call is about, from Sentry's own answers."""

from dataclasses import dataclass, replace

from vedette.access.call_recorder import CallRecorder
from vedette.access.context import IntegrationConnection
from vedette.access.prepared_call import UNRESOLVED, Layer, PreparedCall
from vedette.access.read_policy import OF_PROJECTS, treatment_of
from vedette.access.targets import target_of
from vedette.api.call import Answer
from vedette.api.issue_update import InvalidUpdateError
from vedette.permissions.errors import Denial


@dataclass(frozen=True, slots=True)
class TargetResolutionLayer:
    """The layer that finds the target of a call; the target of a message is known from its event."""

    inner: Layer
    recorder: CallRecorder
    connection: IntegrationConnection

    async def send(self, call: PreparedCall) -> Answer:
        """Pass on the call with its target.

        Raises:
            AccessDenied: It might change issues that it does not name.
            SentryError: An issue or project could not be read.
        """
        if call.target is not UNRESOLVED or not _has_target(call):
            return await self.inner.send(call)
        try:
            cache, transport = self.connection.issue_cache, self.connection.transport
            target = await target_of(call.call, cache, transport, by_project=_is_decided_by_project(call))
        except InvalidUpdateError as error:
            await self.recorder.deny(call, Denial(str(error).rstrip("."), "name the issues"))
        return await self.inner.send(replace(call, target=target))


def _is_decided_by_project(prepared: PreparedCall) -> bool:
    """Return whether the project of a call makes a difference: by the grant, or by a mode for some projects."""
    context = prepared.context
    return not context.access.grant.is_for_all_projects or bool(context.modes)


def _has_target(prepared: PreparedCall) -> bool:
    """Return whether the target has to be known before the call is sent, which most reads do not need."""
    call = prepared.call
    return call.operation.writes or treatment_of(call, prepared.context.access.grant) == OF_PROJECTS
