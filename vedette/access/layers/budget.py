"""Holds back writes while they are paused, and denies those that exceed a budget.

Both are decided when the write departs, together with its other steps in Redis (`vedette/store/access/departures.py`).
"""

from dataclasses import dataclass, replace
from typing import Final

from vedette.access.call_recorder import CallRecorder
from vedette.access.context import IntegrationConnection
from vedette.access.prepared_call import Layer, PreparedCall
from vedette.api.call import Answer
from vedette.permissions.errors import BudgetExhausted, Denial
from vedette.permissions.grants import Grant
from vedette.store.access.departures import Admission, NotAdmittedError
from vedette.store.access.write_budgets import NO_BOUND, BudgetDecision, BudgetLimits

_PAUSED: Final = "paused"
_MINUTE: Final = 60.0


@dataclass(frozen=True, slots=True)
class BudgetLayer:
    """The layer that asks for the admission of each write: no pause is in force, and its budgets are not used up."""

    inner: Layer
    recorder: CallRecorder
    connection: IntegrationConnection
    per_issue: int
    """The number of writes to one issue within an hour, of all principals together."""

    async def send(self, call: PreparedCall) -> Answer:
        """Pass on a write within its budgets.

        Raises:
            BudgetExhausted: A budget is used up.
        """
        issues = tuple(self.connection.scoped(issue.id) for issue in call.target.issues)
        admission = Admission(call.principal.key, issues, _limits(call.context.access.grant, self.per_issue))
        try:
            return await self.inner.send(replace(call, departure=replace(call.departure, admission=admission)))
        except NotAdmittedError as error:
            decision = error.decision
        return await self._refuse(call, decision)

    async def _refuse(self, call: PreparedCall, decision: BudgetDecision) -> Answer:
        if decision.verdict != _PAUSED:
            await self.recorder.deny(call, _denial(call, decision), BudgetExhausted)
        by = decision.detail
        note = f"paused by {by}: {self.recorder.describe(call)}"
        return await self.recorder.hold_back(call, _PAUSED, note, by=by)


def _limits(grant: Grant, per_issue: int) -> BudgetLimits:
    return BudgetLimits(
        NO_BOUND if grant.writes_per_hour is None else grant.writes_per_hour,
        NO_BOUND if grant.writes_per_issue_per_hour is None else grant.writes_per_issue_per_hour,
        per_issue,
    )


def _denial(call: PreparedCall, decision: BudgetDecision) -> Denial:
    access, limit = call.context.access, decision.detail
    again = f"; it may write again in {max(1, round(decision.wait / _MINUTE))} min" if decision.wait else ""
    label = call.target.issues[0].label if call.target.issues else "the issue"
    if decision.verdict == "hour":
        return Denial(
            f"it has written {limit} times within the hour, which is its budget{again}",
            access.in_grant(f"writes_per_hour = {int(limit) * 2}"),
        )
    if decision.verdict == "issue":
        return Denial(
            f"it has changed {label} {limit} times within the hour, which is its budget for one issue{again}",
            access.in_grant(f"writes_per_issue_per_hour = {int(limit) * 2}"),
        )
    return Denial(
        f"handlers have changed {label} {limit} times within the hour, so they may undo each other's work; "
        f"`vedette audit --issue` lists the changes of each{again}",
        f"write `writes_per_issue_per_hour = {int(limit) * 2}` under [access] in vedette.toml",
    )
