"""Takes the steps of a write in Redis right before it is sent, in one round trip: all of them or none.

A write is admitted by pauses and budgets, noted for its echoes, and recorded in the audit. These were five round trips,
between which a process could end: then a budget was used, or an echo expected, of a write that nothing recorded.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vedette._core.ids import new_identifier
from vedette.store.access.audit_appender import AppendRefusedError
from vedette.store.access.audit_log import Audit
from vedette.store.access.own_writes import WriteNotes
from vedette.store.access.write_budgets import NO_BOUND, BudgetDecision, BudgetLimits, budget_keys, read_decision
from vedette.store.server.client import RedisClient, Value
from vedette.store.server.keys import AUDIT, AUDIT_HEAD, own_writes_key
from vedette.store.server.scripts import audit_script, script

_NO_NOTES = WriteNotes()


@dataclass(frozen=True)
class Admission:
    """The budgets that a write needs."""

    principal: str
    """The key of the principal that writes."""
    issues: tuple[str, ...]
    """The issues, each with its tenant, since two Sentrys give the same ids."""
    limits: BudgetLimits
    """The writes that are allowed within an hour of the server's clock."""


@dataclass(frozen=True)
class Departure:
    """The steps of one write, as the layers of the gate ask for them; its entry in the audit is always one."""

    admission: Admission | None = None
    """None for a write that no pause and no budget holds back."""
    notes: WriteNotes = _NO_NOTES
    """The notes by which the deliveries that it causes are recognised."""


class NotAdmittedError(Exception):
    """A pause or a budget holds the write back; no step was taken.

    Attributes:
        decision: The pause or the budget.
    """

    def __init__(self, decision: BudgetDecision) -> None:
        self.decision = decision
        super().__init__()


class Departures:
    """The departures of writes, recorded in one audit."""

    def __init__(self, client: RedisClient, audit: Audit) -> None:
        self._audit = audit
        self._depart = client.register_script(f"{script('access/_admission')}\n{audit_script('access/depart')}")

    async def depart(self, departure: Departure, facts: Mapping[str, Any]) -> int:
        """Take the steps of a write, and return the number of its entry in the audit.

        Raises:
            NotAdmittedError: A pause or a budget holds it back.
            AuditBusyError: Too many others appended at the same time.
            UnreadableAuditError: The newest entry's number was altered.
        """
        admission, notes = departure.admission, departure.notes
        principal, issues, limits = "", (), BudgetLimits(NO_BOUND, NO_BOUND, NO_BOUND)
        if admission is not None:
            principal, issues, limits = admission.principal, admission.issues, admission.limits
        keys = [AUDIT, AUDIT_HEAD, *budget_keys(principal, issues), *map(own_writes_key, notes.ids)]
        member = "" if admission is None else new_identifier()
        bounds = (limits.per_hour, limits.per_issue, limits.circle)
        more: list[Value] = [principal, member, len(issues), *bounds, notes.age, notes.record, *notes.ids.values()]

        async def append(entry: Sequence[Value]) -> Any:
            return await self._depart(keys=keys, args=[*entry, *more])

        try:
            return await self._audit.appender.append(append, "call", facts)
        except AppendRefusedError as refused:
            raise NotAdmittedError(read_decision(principal, refused.refusal)) from None
