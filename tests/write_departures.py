"""Departures of writes for tests of what they leave in Redis."""

from collections.abc import Sequence

from vedette.store.access.audit_log import Audit
from vedette.store.access.departures import Admission, Departure, Departures, NotAdmittedError
from vedette.store.access.own_writes import OwnWrites
from vedette.store.access.write_budgets import BudgetLimits
from vedette.store.server.client import RedisClient


async def note_write(
    client: RedisClient, own: OwnWrites, issue: str, names: Sequence[str], principal: str = "plugin"
) -> str:
    """Let a write depart with a note; return the note's id."""
    notes = own.notes_of([issue], principal, names, "", person=False)
    await Departures(client, Audit(client, 3600.0)).depart(Departure(notes=notes), {})
    return notes.ids[issue]


async def admit_write(client: RedisClient, issue: str, limits: BudgetLimits, principal: str = "plugin") -> str:
    """Let a write depart that counts in budgets; return the verdict."""
    departures = Departures(client, Audit(client, 3600.0))
    try:
        await departures.depart(Departure(Admission(principal, (issue,), limits)), {})
    except NotAdmittedError as refused:
        return refused.decision.verdict
    return "go"
