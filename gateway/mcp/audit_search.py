"""Finds entries of the audit for agents, among the newest ones alone: no call of a tool reads the whole audit."""

from collections.abc import Callable
from typing import Final, NamedTuple

from vedette.store.access.audit_log import Audit, AuditEntry

MOST_READ: Final = 10_000
"""Number of the newest entries that are looked at."""
_SUCCESS: Final = range(200, 300)


class RecordedCall(NamedTuple):
    """A call or an order, and its outcome."""

    entry: AuditEntry
    outcome: AuditEntry | None

    @property
    def result(self) -> str:
        """The outcome in a word or two; empty where there is none."""
        if self.outcome is None:
            return ""
        status = self.outcome.facts.get("status")
        if status in _SUCCESS:
            return "dropped by Sentry" if self.outcome.facts.get("unconfirmed") else "done"
        return "outcome unknown" if self.outcome.facts.get("unknown") else f"refused by Sentry ({status})"


async def find_recorded(audit: Audit, keep: Callable[[AuditEntry], bool], limit: int) -> list[RecordedCall]:
    """Return the newest calls and orders that `keep` accepts, the newest first.

    Args:
        audit: The audit.
        keep: Called with each call and order, but with no outcome.
        limit: Greatest number of them.
    """
    outcomes: dict[object, AuditEntry] = {}
    found: list[RecordedCall] = []
    left = MOST_READ
    async for entry in audit.newest():
        left -= 1
        if left < 0 or len(found) >= limit:
            break
        if entry.kind == "outcome":
            outcomes[entry.facts.get("of")] = entry
        elif keep(entry):
            found.append(RecordedCall(entry, outcomes.pop(entry.number, None)))
    return found
