"""The gate: every call of a handler passes it, and none goes around.

check the call -> find what it is about -> check that -> mode -> pause and budgets -> own-write ledger -> audit ->
Sentry -> audit. If Redis cannot take the audit's entry, the write does not leave: what is not written down is not done.
"""

from dataclasses import dataclass, replace
from typing import NoReturn

from vedette.access.call_normalization import normalize_call
from vedette.access.context import CallContext, IntegrationConnection, PolicyServices
from vedette.access.read_policy import narrowed, projects_shown, treatment_of
from vedette.access.targets import CallTarget, target_of
from vedette.access.write_pipeline import Write, record_denial, write
from vedette.api.call import Answer, Call, Transport
from vedette.api.issue_update import InvalidUpdateError
from vedette.permissions.authorization import check_call, check_projects, check_token
from vedette.permissions.errors import AccessDenied, BudgetExhausted, Denial


@dataclass(frozen=True)
class Gate:
    """Lets a handler's calls out, or not."""

    services: PolicyServices
    connection: IntegrationConnection
    caller: CallContext

    async def send(self, call: Call) -> Answer:
        """Answer the call; a write that is held back is answered with `sent=False`.

        Raises:
            AccessDenied: it is not granted.
            BudgetExhausted: the handler has written as often as it may.
            InvalidUpdateError: it is no call that could be sent.
            SentryError: Sentry refused it or failed.
        """
        call = await self._honest(call)
        denial = check_call(self.caller.access, call, self.connection.organization)
        denial = denial or check_token(call, await self.connection.token.get())
        if denial is not None:
            await self._deny(call, CallTarget(), denial)
        return await (self._write(call) if call.operation.writes else self._read(call))

    async def _honest(self, call: Call) -> Call:
        try:
            rebuilt = normalize_call(call)
        except InvalidUpdateError as error:
            facts = {"handler": self.caller.name, "source": self.caller.source, "intent": "made up a call"}
            where = {"delivery": self.caller.delivery, "event": self.caller.event}
            await self.services.audit.append("call", {**facts, **where, "decision": f"denied: {error}"})
            await self.services.budgets.count(self.caller.name, "denied")
            raise
        # Sentry may need a moment to know the issue that the delivery has just named.
        named = rebuilt.parameters.get("issue_id") == self.caller.subject != ""
        return replace(rebuilt, fresh=rebuilt.fresh or named)

    async def _read(self, call: Call) -> Answer:
        name, grant = call.operation.name, self.caller.access.grant
        treatment = treatment_of(call, grant)
        if treatment in {"of projects", "of the organization"}:
            target = CallTarget()
            if treatment == "of projects":
                target = await target_of(call, self.connection.issue_cache, self.connection.transport)
            await self._check(call, target)
        await self.services.budgets.count(self.caller.name, "read")
        answer = await self.connection.transport.send(call)
        seen = self.connection.issue_cache.note(answer)
        self.connection.issue_cache.note_actors(name, answer)
        if treatment == "shows issues":
            await self._check(call, CallTarget(projects=projects_shown(answer, seen)))
        return narrowed(call, answer, grant) if treatment == "narrowed" else answer

    async def _write(self, call: Call) -> Answer:
        try:
            target = await target_of(call, self.connection.issue_cache, self.connection.transport)
        except InvalidUpdateError as error:
            await self._deny(call, CallTarget(), Denial(str(error).rstrip("."), "name the issues"))
        await self._check(call, target)
        try:
            return await write(Write(self.services, self.connection, self.caller, call, target))
        except BudgetExhausted as error:
            await record_denial(Write(self.services, self.connection, self.caller, call, target), error)
            raise

    async def _check(self, call: Call, target: CallTarget) -> None:
        denial = check_projects(self.caller.access, target.projects, call)
        if denial is not None:
            await self._deny(call, target, denial)

    async def _deny(self, call: Call, target: CallTarget, denial: Denial) -> NoReturn:
        error = AccessDenied(call, handler=self.caller.name, denial=denial)
        await record_denial(Write(self.services, self.connection, self.caller, call, target), error)
        raise error


def sealed(transport: Transport) -> Transport:
    """A transport that shows nothing of the one behind it: no attribute leads past the gate."""

    class Sealed:
        """What a handler's client holds."""

        __slots__ = ()

        async def send(self, call: Call) -> Answer:
            """Answer the call, or raise a `SentryError`."""
            return await transport.send(call)

        def __repr__(self) -> str:
            return "<the gate>"

    return Sealed()
