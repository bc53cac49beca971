"""Records calls in the audit, counts them, and describes them to people."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, NoReturn

import structlog
from redis.exceptions import ConnectionError as LostConnectionError

from vedette.access.audit_records import facts_of
from vedette.access.context import IntegrationConnection, PolicyServices
from vedette.access.prepared_call import PreparedCall
from vedette.access.sentences import sentence_of
from vedette.api.call import Answer, HeldDecision, Hold
from vedette.permissions.errors import AccessDenied, Denial
from vedette.store.access.write_budgets import counter_of
from vedette.store.agents.read_journal import new_record

_HELD_BACK: Final = 200
"""The status of the answer to a write that is not sent."""

log = structlog.get_logger(__name__)


class OutcomeUnrecordedError(LostConnectionError):
    """A write was sent and answered; the audit has its entry and lacks its outcome.

    To handlers it is an outage of Redis like any other. An immediate answer must not say that nothing was sent.

    Attributes:
        answer: Sentry's answer, with the number of the entry.
    """

    def __init__(self, answer: Answer) -> None:
        Exception.__init__(self, "the write was sent, and its outcome could not be recorded in the audit")
        self.answer = answer


@dataclass(frozen=True)
class CallRecorder:
    """The audit and the counters, as the layers of the gate write to them."""

    services: PolicyServices
    connection: IntegrationConnection

    def describe(self, call: PreparedCall) -> str:
        """Return what the call does, in plain English."""
        return sentence_of(call.call, call.target.issues, self.connection.issue_cache)

    async def record(self, call: PreparedCall) -> int:
        """Append an entry with the decision on a call; return its number."""
        return await self.services.audit.append("call", facts_of(call, self.connection, self.describe(call)))

    async def record_departure(self, call: PreparedCall) -> int:
        """Take the steps of a write before it is sent, and append its entry; return the entry's number.

        Raises:
            NotAdmittedError: A pause or a budget holds it back; nothing was appended.
        """
        facts = facts_of(call, self.connection, self.describe(call))
        return await self.services.departures.depart(call.departure, facts)

    async def record_unsent(self, call: PreparedCall) -> int | None:
        """Record the decision on a call that is not sent; return the number of its entry.

        Calls of an agent beyond a bound for each minute are in a batch with its reads, and have no number.
        """
        principal = call.principal
        if principal.kind != "agent" or self.services.agents.journal.takes_entry(principal.name):
            return await self.record(call)
        made, source = call.call, call.context.source
        record = new_record(
            source, made.operation.name, made.parameters, made.query, call.decision, call.reason, unsent=True
        )
        self.services.agents.journal.note(principal.name, record)
        return None

    async def record_malformed(self, call: PreparedCall, error: Exception) -> None:
        """Append an entry for a call that could not be rebuilt; none of its own values are recorded."""
        context = call.context
        facts = {
            "handler": context.principal.key,
            "source": context.source,
            "intent": "made up a call",
            "delivery": context.delivery,
            "event": context.event,
            "decision": f"denied: {error}",
        }
        await self.services.audit.append("call", facts)
        await self.count(call, "denied")

    async def record_outcome(self, call: PreparedCall, entry: int, facts: Mapping[str, Any], result: str = "") -> None:
        """Append the outcome of a call that was sent, and count the call by its result if it has one."""
        about = {"of": entry, "handler": call.principal.key, "issue": call.issue_id}
        counter = counter_of(call.principal.key, result) if result else ""
        await self.services.audit.append("outcome", {**about, **facts}, counter=counter)

    async def count(self, call: PreparedCall, result: str) -> None:
        """Count a call by its result, such as `read`, `sent` or `denied`."""
        await self.services.budgets.count(call.principal.key, result)

    def count_soon(self, call: PreparedCall, result: str) -> None:
        """Count a call by its result, without a wait for Redis."""
        self.services.budgets.count_soon(call.principal.key, result)

    async def deny(self, call: PreparedCall, denial: Denial, error_type: type[AccessDenied] = AccessDenied) -> NoReturn:
        """Record that a call is denied, and raise the error.

        An operator who ordered the call sees the error itself, so it is logged for other calls alone.

        Raises:
            AccessDenied: Always.
        """
        error = error_type(call.call, handler=call.principal.key, denial=denial)
        entry = await self.record_unsent(replace(call, decision=f"denied: {denial.recorded_reason}"))
        await self.count(call, "denied")
        call.context.note_result("denied")
        if entry is not None and call.context.note_entry is not None:
            call.context.note_entry(entry)
        if not call.context.order and entry is not None:
            log.warning("call denied", operation=error.operation, reason=str(error), audit=denial.recorded_reason)
        raise error

    async def hold_back(
        self, call: PreparedCall, result: HeldDecision, note: str, *, by: str = "", proposal: str = ""
    ) -> Answer:
        """Record that a write is not sent, and answer it.

        Args:
            call: The write.
            result: The reason in one word.
            note: The sentence for the summary of the run.
            by: The person who paused writes.
            proposal: The id of the proposal that waits for a person.
        """
        entry = await self.record_unsent(replace(call, decision=f"{result} by {by}" if by else result))
        await self.count(call, result)
        call.context.note(f"{note}{call.reason_suffix}")
        call.context.note_result(result)
        if call.context.note_entry is not None and entry is not None:
            call.context.note_entry(entry)
        tell = log.info if call.context.note_entry is None else log.debug
        tell("write held back", operation=call.call.operation.name, intent=self.describe(call), why=result)
        hold = Hold(result, proposal, by=by, intent=self.describe(call))
        answer = self.answer_held_back(hold)
        return answer if entry is None else answer.with_audit(entry)

    def answer_held_back(self, hold: Hold | None = None) -> Answer:
        """Return the answer to a write that is not sent."""
        return Answer(_HELD_BACK, sent=False, held=hold)
