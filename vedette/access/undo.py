"""Undoes writes to issues that were not changed since; an undo is audited like every write."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from vedette._core.json_values import json_list, json_object
from vedette.access.audit_records import dropped_of
from vedette.access.context import CallContext, IntegrationConnection, PolicyServices
from vedette.access.gate import GateBuilder
from vedette.access.issue_cache import CachedIssue
from vedette.access.prepared_call import PreparedCall
from vedette.access.targets import CallTarget
from vedette.api.call import Call, Lane
from vedette.api.change import restoring, with_dropped
from vedette.api.issue_update import InvalidUpdateError, IssueUpdate
from vedette.api.operations import OPERATIONS
from vedette.api.write_descriptions import describe
from vedette.permissions.authorization import Access
from vedette.permissions.grants import Grant
from vedette.permissions.principal import Principal
from vedette.store.access.audit_log import AuditEntry

_SUCCESS = range(200, 300)
_SENT: Final = ("granted", "approved", "undone")
"""The first word of the decision on a write that was sent."""
_UNDONE: Final = re.compile(r"undone by .* \(entry (?P<entry>[0-9]+)\)")


@dataclass(frozen=True)
class UndoResult:
    """The result of undoing a write."""

    entry: int
    done: bool
    sentence: str
    """The change that was made, or the reason why none was."""


def can_be_undone(entry: AuditEntry, outcome: AuditEntry | None) -> str:
    """Return the reason why a write cannot be undone; empty if it can."""
    if entry.kind != "call":
        return "it is no write"
    facts: Mapping[str, Any] = {} if outcome is None else outcome.facts
    if facts.get("unknown") or (outcome is None and entry.text("decision").startswith(_SENT)):
        return "it is unknown whether it arrived: look at the issue in Sentry"
    if facts.get("status") not in _SUCCESS:
        return "it changed nothing in Sentry"
    if entry.text("operation") != "issues.update" or not entry.facts.get("issue"):
        return "only changes of single issues can be taken back: undo it in Sentry"
    if _restoring(entry) is None:
        return "the values before it cannot be written again: undo it in Sentry"
    return ""


@dataclass(frozen=True)
class UndoPlan:
    """The update that takes a write back, and the issue's present state."""

    update: IssueUpdate
    issue: CachedIssue
    intent: str
    """The update in plain English and past tense."""


async def plan_undo(connection: IntegrationConnection, entry: AuditEntry, outcome: AuditEntry | None) -> UndoPlan | str:
    """Return the update that takes a write back, or the reason why there is none.

    Args:
        connection: The connection of the integration in the entry, through which the issue is read again.
        entry: The entry of the write.
        outcome: The entry of its outcome.

    Raises:
        SentryError: The issue could not be read.
    """
    reason = can_be_undone(entry, outcome)
    update = None if reason else _restoring(entry)
    if update is None or outcome is None:
        return reason
    if entry.text("organization") not in {"", connection.organization}:
        return f"it was made in {entry.text('organization')}, and the integration is for {connection.organization} now"
    if dropped := _dropped(outcome):
        return f"Sentry has dropped it ({', '.join(dropped)}), so there is nothing to take back"
    parameters = {"organization_id_or_slug": connection.organization, "issue_id": entry.text("issue")}
    draft = Call(OPERATIONS["issues.update"], parameters, body=update.body(), lane=Lane.PERSON)
    seen = await connection.issue_cache.read(entry.text("issue"), connection.transport, draft)
    left = _mapping(outcome, "after") or _mapping(entry, "after")
    touched = sorted(name for name, value in left.items() if seen.state.get(name) != value)
    if touched:
        return f"{seen.label} was changed since ({', '.join(touched)}), so it was left unchanged"
    return UndoPlan(
        update, seen, describe(update, seen.label, assignee=connection.issue_cache.actor(update.assigned_to or ""))
    )


async def undo(
    services: PolicyServices,
    connection: IntegrationConnection,
    entry: AuditEntry,
    outcome: AuditEntry | None,
    by: str,
    *,
    only_look: bool = False,
) -> UndoResult:
    """Undo a write, if the issue was not changed since.

    Pauses and budgets do not apply, since operators undo writes after they have paused them.

    Args:
        services: The audit and the own writes.
        connection: The connection of the integration in the entry.
        entry: The entry of the write.
        outcome: The entry of its outcome.
        by: The person who orders it.
        only_look: Describe the change, and write nothing.

    Raises:
        SentryError: Sentry refused it or failed.
    """
    plan = await plan_undo(connection, entry, outcome)
    if isinstance(plan, str):
        return UndoResult(entry.number, done=False, sentence=plan)
    update, seen, intent = plan.update, plan.issue, plan.intent
    if only_look:
        return UndoResult(entry.number, done=True, sentence=f"would have {intent}")
    access = Access(Principal.from_key(entry.text("handler")), (), Grant(("event:write",)))
    order = f"undone by {by} (entry {entry.number})"
    delivery, event = entry.text("delivery"), entry.text("event")
    context = CallContext(access, entry.text("source"), "act", {}, delivery, event, order=order)
    parameters = {"organization_id_or_slug": connection.organization, "issue_id": seen.id}
    call = Call(OPERATIONS["issues.update"], parameters, body=update.body(), lane=Lane.PERSON, intent=intent)
    target = CallTarget((seen,), frozenset({seen.project}))
    chain = GateBuilder(services, connection).undo_chain()
    answer = await chain.send(PreparedCall(call, context, target, decision=order))
    dropped = dropped_of(call, answer)
    return UndoResult(entry.number, done=not dropped, sentence=with_dropped(intent, dropped))


def undone_by(decision: str) -> int | None:
    """Return the entry that a write with this decision undid; None for other writes."""
    found = _UNDONE.fullmatch(decision)
    return None if found is None else int(found["entry"])


def _restoring(entry: AuditEntry) -> IssueUpdate | None:
    try:
        return restoring(_mapping(entry, "before"))
    except InvalidUpdateError:
        return None


def _dropped(outcome: AuditEntry) -> list[str]:
    """Return the fields of a write that Sentry dropped, if it dropped all of them."""
    found: object = outcome.facts.get("unconfirmed")
    dropped = [str(each) for each in json_list(found)] if isinstance(found, list) else []
    return dropped if set(dropped) >= set(_mapping(outcome, "after")) else []


def _mapping(entry: AuditEntry, name: str) -> Mapping[str, Any]:
    value: object = entry.facts.get(name)
    return json_object(value)
