"""A write that is granted: held back, proposed, or sent; and written down whichever it is."""

from dataclasses import dataclass
from typing import Any

import structlog

from vedette.access.audit_records import dropped_of, facts_of, outcome_of
from vedette.access.context import CallContext, IntegrationConnection, PolicyServices
from vedette.access.echo_matching import caused_by, text_of_call
from vedette.access.proposal_mapping import proposal_of
from vedette.access.sentences import sentence_of
from vedette.access.targets import CallTarget
from vedette.api.call import Answer, Call
from vedette.api.change import with_dropped
from vedette.api.errors import SentryError
from vedette.notify.errors import NotificationError
from vedette.permissions.errors import AccessDenied, BudgetExhausted, Denial
from vedette.store.access.write_budgets import NO_BOUND, BudgetDecision, BudgetLimits

_NOT_SENT = 200


@dataclass(frozen=True)
class Write:
    """One call, with all that is known of it."""

    services: PolicyServices
    connection: IntegrationConnection
    caller: CallContext
    call: Call
    target: CallTarget

    @property
    def intent(self) -> str:
        """What it does, in plain English."""
        return sentence_of(self.call, self.target.issues, self.connection.issue_cache)

    @property
    def why(self) -> str:
        """` (rule NAME)` behind what it does; empty where the call says no reason of its own."""
        return f" ({self.call.because})" if self.call.because else ""

    async def record(self, decision: str) -> int:
        """Write it down with what was decided, and return the entry's number."""
        facts = facts_of(self.caller, self.connection, self.call, self.target, decision)
        return await self.services.audit.append("call", facts)


async def write(wanted: Write) -> Answer:
    """Do what the mode says.

    Raises:
        BudgetExhausted: it has been done as often as it may.
        SentryError: Sentry refused it or failed.
        NotificationError: the same of a channel.
    """
    mode = "act" if wanted.caller.order else wanted.caller.mode_in(wanted.target.projects, wanted.call.ceiling)
    if mode == "observe":
        return await _hold_back(wanted, "observed", f"would have {wanted.intent}")
    if mode == "propose":
        return await _propose(wanted)
    admission = await _admission(wanted)
    if admission.verdict == "paused":
        return await _hold_back(wanted, "paused", f"paused by {admission.detail}: {wanted.intent}", admission.detail)
    if admission.verdict != "go":
        raise _exhausted(wanted, admission)
    return await send(wanted)


async def record_denial(wanted: Write, error: AccessDenied) -> None:
    """Write down that a call was denied, count it, and say so; a person who ordered it is told by the error alone."""
    await wanted.record(f"denied: {error.denial.reason}")
    await wanted.services.budgets.count(wanted.caller.name, "denied")
    if not wanted.caller.order:
        structlog.get_logger().warning("call denied", operation=error.operation, reason=str(error))


async def _hold_back(wanted: Write, what: str, note: str, by: str = "") -> Answer:
    await wanted.record(f"{what} by {by}" if by else what)
    await wanted.services.budgets.count(wanted.caller.name, what)
    wanted.caller.note(f"{note}{wanted.why}")
    structlog.get_logger().info("write held back", operation=wanted.call.operation.name, intent=wanted.intent, why=what)
    return Answer(_NOT_SENT, sent=False)


async def _propose(wanted: Write) -> Answer:
    proposal = proposal_of(wanted.connection, wanted.caller, wanted.call, wanted.target)
    if not await wanted.services.proposals.propose(proposal):
        wanted.caller.note(f"proposed before: {wanted.intent}{wanted.why}")
        return Answer(_NOT_SENT, sent=False)
    return await _hold_back(wanted, "proposed", f"proposed as {proposal.id}: {wanted.intent}")


async def _admission(wanted: Write) -> BudgetDecision:
    grant = wanted.caller.access.grant
    bounds = BudgetLimits(
        NO_BOUND if grant.writes_per_hour is None else grant.writes_per_hour,
        NO_BOUND if grant.writes_per_issue_per_hour is None else grant.writes_per_issue_per_hour,
        wanted.services.settings.writes_per_issue_per_hour,
    )
    return await wanted.services.budgets.ask(
        wanted.caller.name, [wanted.connection.scoped(issue.id) for issue in wanted.target.issues], bounds
    )


def _exhausted(wanted: Write, admission: BudgetDecision) -> BudgetExhausted:
    access, bound = wanted.caller.access, admission.detail
    label = wanted.target.issues[0].label if wanted.target.issues else "the issue"
    denials = {
        "hour": Denial(
            f"it has written {bound} times within the hour, which is its budget",
            access.in_grant(f"writes_per_hour = {int(bound) * 2}"),
        ),
        "issue": Denial(
            f"it has changed {label} {bound} times within the hour, which is its budget for one issue",
            access.in_grant(f"writes_per_issue_per_hour = {int(bound) * 2}"),
        ),
        "circle": Denial(
            f"handlers have changed {label} {bound} times within the hour, so they may undo each other's work; "
            "`vedette audit --issue` shows who did what",
            f"write `writes_per_issue_per_hour = {int(bound) * 2}` under [access] in vedette.toml",
        ),
    }
    return BudgetExhausted(wanted.call, handler=wanted.caller.name, denial=denials[admission.verdict])


async def send(wanted: Write) -> Answer:
    """Send it, past modes and budgets, with its entry before and its outcome after.

    Raises:
        SentryError: Sentry refused it or failed.
        NotificationError: the same of a channel.
    """
    caller, call = wanted.caller, wanted.call
    grant = "the grant that comes with it" if caller.access.grant.shipped else caller.access.table
    decision = caller.order or f"granted by {grant}"
    notes = await _note_own(wanted)
    number = await wanted.record(decision)
    log = structlog.get_logger()
    try:
        answer = await wanted.connection.transport.send(call)
    except (SentryError, NotificationError) as error:
        if not error.outcome_unknown:
            await _forget_own(wanted, notes)
        await _end(wanted, number, {"status": error.status, "error": str(error), "unknown": error.outcome_unknown})
        raise
    seen = wanted.connection.issue_cache.note(answer)
    for issue in () if seen else wanted.target.issues:
        wanted.connection.issue_cache.drop(issue)
    await _end(wanted, number, outcome_of(call, answer, seen))
    await wanted.services.budgets.count(caller.name, "sent")
    dropped = dropped_of(call, answer)
    caller.note(f"{with_dropped(wanted.intent, dropped)}{wanted.why}")
    more = {"because": call.because} if call.because else {}
    if dropped and not caller.order:
        log.warning("Sentry dropped what was written", audit=number, fields=sorted(dropped), intent=wanted.intent)
    log.info(
        "write sent", operation=call.operation.name, intent=wanted.intent, status=answer.status, audit=number, **more
    )
    return answer


async def _note_own(wanted: Write) -> dict[str, str]:
    names = caused_by(wanted.call)
    own, text = wanted.services.own_writes, text_of_call(wanted.call)
    person = wanted.connection.acts_as_person
    issues = wanted.target.issues if names else ()
    scoped = [wanted.connection.scoped(issue.id) for issue in issues]
    return {issue: await own.note(issue, wanted.caller.name, names, text, person=person) for issue in scoped}


async def _forget_own(wanted: Write, notes: dict[str, str]) -> None:
    for issue, note in notes.items():
        await wanted.services.own_writes.forget(issue, note)


async def _end(wanted: Write, number: int, facts: dict[str, Any]) -> None:
    about = {
        "of": number,
        "handler": wanted.caller.name,
        "issue": wanted.target.issues[0].id if len(wanted.target.issues) == 1 else "",
    }
    await wanted.services.audit.append("outcome", {**about, **facts})
