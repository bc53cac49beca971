"""Sends a read to Sentry, and removes from the answer what the grant does not cover."""

from dataclasses import dataclass, replace

from vedette.access.call_recorder import CallRecorder
from vedette.access.context import IntegrationConnection
from vedette.access.prepared_call import PreparedCall
from vedette.access.read_policy import NARROWED, SHOWS_ISSUES, narrowed, projects_shown, treatment_of
from vedette.access.targets import CallTarget
from vedette.api.call import Answer
from vedette.permissions.authorization import check_projects
from vedette.permissions.errors import Denial


@dataclass(frozen=True, slots=True)
class ReadFilterLayer:
    """The end of the chain for reads; they are counted, and their denials alone are in the audit."""

    recorder: CallRecorder
    connection: IntegrationConnection
    is_counted: bool = True
    """Return whether each read is counted here."""

    async def send(self, call: PreparedCall) -> Answer:
        """Send the read, and return the part of the answer that is granted.

        Raises:
            AccessDenied: The answer shows issues of projects that are not granted.
            SentryError: Sentry refused it or failed.
        """
        access, cache = call.context.access, self.connection.issue_cache
        treatment = treatment_of(call.call, access.grant)
        if self.is_counted:
            self.recorder.count_soon(call, "read")
        answer = await self.connection.transport.send(call.call)
        # A large answer that is only passed on is not read for the cache.
        is_read = answer.is_read or treatment == SHOWS_ISSUES
        seen = cache.note(answer) if is_read else []
        if is_read:
            cache.note_actors(call.call.operation.name, answer)
        if treatment == SHOWS_ISSUES:
            target = CallTarget(projects=projects_shown(answer, seen))
            denial = check_projects(access, target.projects, call.call)
            if denial is not None:
                await self.recorder.deny(replace(call, target=target), denial)
        if treatment != NARROWED:
            return answer
        reduced = narrowed(call.call, answer, access.grant)
        if reduced.body is None:
            reason = "its grant covers none of the projects that the answer is about"
            await self.recorder.deny(call, Denial(reason, access.in_grant('projects = ["*"]')))
        return reduced.with_narrowing()
