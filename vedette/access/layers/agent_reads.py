"""Limits the reads of agents by their budgets, and records each of them."""

from dataclasses import dataclass
from typing import Final

from vedette.access.call_recorder import CallRecorder
from vedette.access.context import AgentStores
from vedette.access.prepared_call import Layer, PreparedCall
from vedette.api.call import Answer
from vedette.api.errors import SentryError
from vedette.permissions.errors import AccessDenied, BudgetExhausted, Denial
from vedette.store.agents.read_budgets import ReadsExhausted
from vedette.store.agents.read_journal import new_record

_MINUTE: Final = 60


@dataclass(frozen=True, slots=True)
class AgentReadsLayer:
    """The layer that allows the reads of agents and records their results, in batches."""

    inner: Layer
    recorder: CallRecorder
    stores: AgentStores

    async def send(self, call: PreparedCall) -> Answer:
        """Pass on a read within its budget.

        Raises:
            BudgetExhausted: The budget is used up.
            ReadJournalFullError: The read could not be recorded.
            AccessDenied: The answer shows data that is not granted.
            SentryError: Sentry refused it or failed.
        """
        self.stores.journal.check_room()
        limit = call.context.access.grant.reads_per_hour
        exhausted = None if limit is None else await self.stores.read_budgets.take(call.principal.name, limit)
        if exhausted is not None and limit is not None:
            await self.recorder.deny(call, _denial(call, exhausted, limit), BudgetExhausted)
        try:
            answer = await self.inner.send(call)
        except (SentryError, AccessDenied) as error:
            self._record(call, type(error).__name__)
            raise
        self._record(call, "narrowed" if answer.is_narrowed else str(answer.status))
        return answer

    def _record(self, call: PreparedCall, result: str) -> None:
        read, context = call.call, call.context
        record = new_record(context.source, read.operation.name, read.parameters, read.query, result, call.reason)
        self.stores.journal.note(call.principal.name, record)


def _denial(call: PreparedCall, exhausted: ReadsExhausted, limit: int) -> Denial:
    minutes = max(1, round(exhausted.seconds / _MINUTE))
    return Denial(
        f"it has read {limit} times within the hour, which is its budget; it may read again in {minutes} min",
        call.context.access.in_grant(f"reads_per_hour = {max(1, limit) * 2}"),
    )
