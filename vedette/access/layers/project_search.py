"""Limits an agent's searches of the whole organization to the projects of its grant."""

from dataclasses import dataclass, replace
from typing import Final

from vedette.access.call_recorder import CallRecorder
from vedette.access.context import IntegrationConnection
from vedette.access.prepared_call import Layer, PreparedCall
from vedette.access.read_policy import SEARCH_PROJECTS
from vedette.api.call import Answer, Call
from vedette.permissions.errors import Denial
from vedette.permissions.grants import Grant

_ALL: Final = "-1"
"""The value of `project` by which Sentry searches all projects."""
_NAMES: Final = frozenset({"project", "projectSlug"})


@dataclass(frozen=True, slots=True)
class ProjectSearchLayer:
    """The layer that adds the granted projects to a search that names none."""

    inner: Layer
    recorder: CallRecorder
    connection: IntegrationConnection

    async def send(self, call: PreparedCall) -> Answer:
        """Pass on the call with the projects that it may search; projects that it names are checked later.

        Raises:
            AccessDenied: The grant covers no project that exists.
            SentryError: The projects could not be read.
        """
        grant = call.context.access.grant
        if not _is_unlimited(call.call, grant):
            return await self.inner.send(call)
        connection = self.connection
        ids = await connection.projects.granted_ids(grant, connection.transport, call.call)
        if not ids:
            reason = f"{connection.organization} has no project that its grant covers ({', '.join(grant.projects)})"
            await self.recorder.deny(call, Denial(reason, call.context.access.in_grant('projects = ["*"]')))
        others = tuple(pair for pair in call.call.query if pair[0] not in _NAMES)
        named = tuple(("project", each) for each in ids)
        answer = await self.inner.send(replace(call, call=replace(call.call, query=(*others, *named))))
        return answer.with_narrowing()


def _is_unlimited(call: Call, grant: Grant) -> bool:
    if not grant.is_exact or grant.is_for_all_projects or call.operation.name not in SEARCH_PROJECTS:
        return False
    return all(value == _ALL for name, value in call.query if name in _NAMES)
