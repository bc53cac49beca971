"""What people order: a proposed write sent after all, a write taken back. Both pass the same checks and the audit."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from vedette.api.calls import Answer, Call, Lane
from vedette.api.changes import restoring
from vedette.api.intents import describe
from vedette.api.operations import OPERATIONS
from vedette.clear_errors import ClearError
from vedette.handling.access.addressing import Target
from vedette.handling.access.gate import Gate
from vedette.handling.access.grants import Grant
from vedette.handling.access.notifying import SEND, send_approved
from vedette.handling.access.parties import Caller, Controls, Way
from vedette.handling.access.proposing import call_of, stale_fields
from vedette.handling.access.rules import Access
from vedette.handling.access.writing import Write, send
from vedette.notify.channels import Channels
from vedette.store.audit import AuditEntry
from vedette.store.proposals import Proposal, State

_SUCCESS = range(200, 300)


class StaleProposalError(ClearError):
    """The issue was changed by others since the write was proposed."""

    def __init__(self, proposal: Proposal, fields: list[str]) -> None:
        self.proposal = proposal
        self.fields = fields
        super().__init__(
            f"{proposal.label or 'the issue'} was changed since ({', '.join(fields)}), so that proposal {proposal.id} "
            "no longer stands: look at the issue in Sentry"
        )


@dataclass(frozen=True)
class Undoing:
    """What came of taking a write back."""

    entry: int
    done: bool
    sentence: str
    """What was done, or why nothing was."""


async def approve(
    controls: Controls, way: Way, proposal: Proposal, grant: Grant, by: str, channels: Channels | None = None
) -> Answer:
    """Send what was proposed, if nobody has changed the issue since and it is still granted.

    Args:
        controls: What stands over all writes.
        way: To Sentry.
        proposal: As it was read.
        grant: What the handler may do now.
        by: Who says yes.
        channels: Where messages go.

    Raises:
        StaleProposalError: somebody has.
        AccessDenied: it is no longer granted.
        SentryError: Sentry refused it or failed.
        NotificationError: the same of a channel.
    """
    taken = await controls.proposals.take(proposal.id, by)
    state: State = "open"
    access = Access(taken.handler, taken.needs, grant)
    caller = Caller(access, taken.source, "act", {}, taken.delivery, taken.event, order=f"approved by {by}")
    try:
        if taken.operation == SEND.name:
            answer = await send_approved(controls, way, channels or Channels(), taken, caller)
        else:
            answer = await _send_approved(controls, way, taken, caller)
        state = "approved" if answer.sent else "open"
    except StaleProposalError:
        state = "stale"
        raise
    finally:
        # Whatever else went wrong, it can be decided again.
        await controls.proposals.close(taken.id, state, "" if state == "open" else by)
    return answer


async def _send_approved(controls: Controls, way: Way, proposal: Proposal, caller: Caller) -> Answer:
    call = call_of(proposal)
    for issue in proposal.issues:
        seen = await way.sightings.read(issue, way.transport, call)
        if fields := stale_fields(proposal, seen.state):
            raise StaleProposalError(proposal, fields)
    return await Gate(controls, way, caller).send(call)


async def reject(controls: Controls, proposal: Proposal, by: str) -> None:
    """Say no to a proposed write.

    Raises:
        ProposalDecidedError: It was decided already.
    """
    taken = await controls.proposals.take(proposal.id, by)
    await controls.proposals.close(taken.id, "rejected", by)
    about = {"handler": taken.handler, "issue": taken.issues[0] if len(taken.issues) == 1 else ""}
    facts = {**about, "intent": taken.intent, "label": taken.label, "delivery": taken.delivery, "event": taken.event}
    await controls.audit.append("order", {**facts, "decision": f"rejected by {by}"})


def can_be_undone(entry: AuditEntry, outcome: AuditEntry | None) -> str:
    """Why a write cannot be taken back; empty where it can."""
    if entry.kind != "call" or outcome is None or outcome.facts.get("status") not in _SUCCESS:
        return "it changed nothing in Sentry"
    if entry.text("operation") != "issues.update" or not entry.facts.get("issue"):
        return "only changes of single issues can be taken back: undo it in Sentry"
    if restoring(_mapping(entry, "before")) is None:
        return "what was there before cannot be written again: undo it in Sentry"
    return ""


async def undo(controls: Controls, way: Way, entry: AuditEntry, outcome: AuditEntry | None, by: str) -> Undoing:
    """Take a write back, if the issue has not been touched since.

    A pause and budgets do not stop it: it is what one does after pausing.

    Raises:
        SentryError: Sentry refused it or failed.
    """
    reason = can_be_undone(entry, outcome)
    update = None if reason else restoring(_mapping(entry, "before"))
    if update is None or outcome is None:
        return Undoing(entry.number, done=False, sentence=reason)
    operation = OPERATIONS["issues.update"]
    parameters = {"organization_id_or_slug": way.organization, "issue_id": entry.text("issue")}
    draft = Call(operation, parameters, body=update.body(), lane=Lane.PERSON)
    seen = await way.sightings.read(entry.text("issue"), way.transport, draft)
    left = _mapping(outcome, "after") or _mapping(entry, "after")
    touched = sorted(name for name, value in left.items() if seen.state.get(name) != value)
    if touched:
        sentence = f"{seen.label} was changed since ({', '.join(touched)}), so it was left as it is"
        return Undoing(entry.number, done=False, sentence=sentence)
    intent = describe(update, seen.label)
    access = Access(entry.text("handler"), (), Grant(("event:write",)))
    order = f"undone by {by} (entry {entry.number})"
    caller = Caller(access, entry.text("source"), "act", {}, entry.text("delivery"), entry.text("event"), order=order)
    call = Call(operation, parameters, body=update.body(), lane=Lane.PERSON, intent=intent)
    await send(Write(controls, way, caller, call, Target((seen,), frozenset({seen.project}))))
    return Undoing(entry.number, done=True, sentence=intent)


def _mapping(entry: AuditEntry, name: str) -> Mapping[str, Any]:
    value: object = entry.facts.get(name)
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}
