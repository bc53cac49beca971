"""Lets each write depart with its entry in the audit before it is sent, and records its outcome afterwards."""

from dataclasses import dataclass

import structlog

from vedette.access.audit_records import dropped_of, outcome_of
from vedette.access.call_recorder import CallRecorder, OutcomeUnrecordedError
from vedette.access.issue_cache import IssueCache
from vedette.access.prepared_call import Layer, PreparedCall
from vedette.api.call import Answer
from vedette.api.change import with_dropped
from vedette.api.errors import SentryError
from vedette.notify.errors import NotificationError
from vedette.store.server.retrying import REDIS_ERRORS

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class AuditLayer:
    """The layer that records writes; where Redis does not take the steps of a departure, the write is not sent."""

    inner: Layer
    recorder: CallRecorder
    issue_cache: IssueCache

    async def send(self, call: PreparedCall) -> Answer:
        """Pass on the write once it is recorded.

        Raises:
            NotAdmittedError: A pause or a budget holds it back.
            SentryError: Sentry refused it or failed.
            NotificationError: A channel refused the message or failed.
            OutcomeUnrecordedError: It was sent, and Redis went away before the outcome was recorded.
        """
        intent = self.recorder.describe(call)
        entry = await self.recorder.record_departure(call)
        try:
            answer = await self.inner.send(call)
        except (SentryError, NotificationError) as error:
            facts = {"status": error.status, "error": str(error), "unknown": error.outcome_unknown}
            await self.recorder.record_outcome(call, entry, facts)
            raise
        dropped = dropped_of(call.call, answer)
        outcome = outcome_of(call.call, answer, self.issue_cache.issues.get(call.issue_id), dropped)
        try:
            await self.recorder.record_outcome(call, entry, outcome, result="sent")
        except REDIS_ERRORS as error:
            raise OutcomeUnrecordedError(answer.with_audit(entry)) from error
        call.context.note(f"{with_dropped(intent, dropped)}{call.reason_suffix}")
        call.context.note_result("acted")
        if call.context.note_entry is not None:
            call.context.note_entry(entry)
        _log(call, answer, intent, entry, dropped)
        return answer.with_audit(entry)


def _log(call: PreparedCall, answer: Answer, intent: str, entry: int, dropped: frozenset[str]) -> None:
    if dropped and not call.context.order:
        log.warning("Sentry dropped fields of a write", audit=entry, fields=sorted(dropped), intent=intent)
    more = {"because": call.reason} if call.reason else {}
    name = call.call.operation.name
    # Within a run its end is the line that is logged, with the numbers of all entries.
    tell = log.info if call.context.note_entry is None else log.debug
    tell("write sent", operation=name, intent=intent, status=answer.status, audit=entry, **more)
