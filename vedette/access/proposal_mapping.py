"""Maps calls to proposals and back."""

from typing import Any, Final

from vedette.access.context import IntegrationConnection
from vedette.access.issue_cache import CachedIssue
from vedette.access.prepared_call import PreparedCall
from vedette.api.call import Call, Lane
from vedette.api.operations import OPERATIONS
from vedette.permissions.authorization import BULK, ISSUE_UPDATES
from vedette.store.access.proposals import Proposal, proposal_id

_OF_ISSUES: Final = BULK | ISSUE_UPDATES | {"issues.delete"}
_TELLING: Final = frozenset({"status", "assignedTo"})
"""The fields that must be unchanged for a write that sets no field of the issue, as merging and deleting."""


def proposal_of(connection: IntegrationConnection, prepared: PreparedCall, intent: str) -> Proposal:
    """Return the proposal of a write.

    Args:
        connection: The connection that would send it.
        prepared: The write.
        intent: Its description.
    """
    call, context, target = prepared.call, prepared.context, prepared.target
    name, key, grant = call.operation.name, prepared.principal.key, context.access.grant
    assignee = str((call.body or {}).get("assignedTo") or "")
    known = connection.issue_cache.actor(assignee)
    return Proposal(
        id=proposal_id(connection.tenant, key, name, dict(call.parameters), call.query, call.body),
        handler=key,
        source=context.source,
        needs=context.access.needs,
        shipped=grant.shipped,
        integration=connection.integration,
        delivery=context.delivery,
        event=context.event,
        intent=intent,
        operation=name,
        parameters=dict(call.parameters),
        query=call.query,
        body=call.body,
        issues=tuple(issue.id for issue in target.issues),
        label=target.issues[0].label if len(target.issues) == 1 else "",
        project=target.project,
        before={issue.id: _watched(call, issue) for issue in target.issues},
        because=prepared.reason,
        fields=grant.fields if grant.shipped else (),
        projects=tuple(sorted(target.projects or ())),
        names={assignee: known} if known else {},
    )


def call_of(proposal: Proposal) -> Call:
    """Return the call of a proposal."""
    return Call(
        OPERATIONS[proposal.operation],
        proposal.parameters,
        proposal.query,
        proposal.body,
        lane=Lane.PERSON,
        intent=proposal.intent,
        because=proposal.because,
    )


def stale_fields(proposal: Proposal, issue: CachedIssue) -> list[str]:
    """Return the fields of an issue that were changed since the write was proposed."""
    before = proposal.before.get(issue.id, {})
    return sorted(name for name, value in before.items() if issue.state.get(name) != value)


def _watched(call: Call, issue: CachedIssue) -> dict[str, Any]:
    """Return the fields of an issue that must be unchanged when the write is approved, with their values."""
    if call.operation.name not in _OF_ISSUES:
        return {}
    names = call.fields & issue.state.keys() or _TELLING
    return {name: value for name, value in issue.state.items() if name in names}
