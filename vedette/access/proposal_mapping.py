"""A write as it waits for a person, and as it goes out once the person has said yes."""

from typing import Any, Final

from vedette.access.context import CallContext, IntegrationConnection
from vedette.access.issue_cache import CachedIssue
from vedette.access.sentences import sentence_of
from vedette.access.targets import CallTarget
from vedette.api.call import Call, Lane
from vedette.api.operations import OPERATIONS
from vedette.permissions.authorization import BULK, ISSUE_UPDATES
from vedette.store.access.proposals import Proposal, proposal_id

_OF_ISSUES: Final = BULK | ISSUE_UPDATES | {"issues.delete"}
_TELLING: Final = frozenset({"status", "assignedTo"})
"""What of an issue must be as it was where a write changes no field of it, as merging and deleting."""


def proposal_of(connection: IntegrationConnection, caller: CallContext, call: Call, target: CallTarget) -> Proposal:
    """The proposal that a write becomes.

    Args:
        connection: Through which it would go.
        caller: Whose wish it is.
        call: What would be sent.
        target: What it is about.
    """
    name = call.operation.name
    assignee = str((call.body or {}).get("assignedTo") or "")
    known = connection.issue_cache.actor(assignee)
    return Proposal(
        id=proposal_id(connection.tenant, caller.name, name, dict(call.parameters), call.query, call.body),
        handler=caller.name,
        source=caller.source,
        needs=caller.access.needs,
        shipped=caller.access.grant.shipped,
        integration=connection.integration,
        delivery=caller.delivery,
        event=caller.event,
        intent=sentence_of(call, target.issues, connection.issue_cache),
        operation=name,
        parameters=dict(call.parameters),
        query=call.query,
        body=call.body,
        issues=tuple(issue.id for issue in target.issues),
        label=target.issues[0].label if len(target.issues) == 1 else "",
        project=target.project,
        before={issue.id: _watched(call, issue) for issue in target.issues},
        because=call.because,
        fields=caller.access.grant.fields if caller.access.grant.shipped else (),
        projects=tuple(sorted(target.projects or ())),
        names={assignee: known} if known else {},
    )


def call_of(proposal: Proposal) -> Call:
    """The call that was proposed."""
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
    """The fields of an issue that were changed by others since it was proposed."""
    before = proposal.before.get(issue.id, {})
    return sorted(name for name, value in before.items() if issue.state.get(name) != value)


def _watched(call: Call, issue: CachedIssue) -> dict[str, Any]:
    """What of an issue has to be as it is now when the write is approved."""
    if call.operation.name not in _OF_ISSUES:
        return {}
    names = call.fields & issue.state.keys() or _TELLING
    return {name: value for name, value in issue.state.items() if name in names}
