"""A write as it waits for a person, and as it goes out once the person has said yes."""

from collections.abc import Mapping
from typing import Any

from vedette.api.calls import Call, Lane
from vedette.api.operations import OPERATIONS
from vedette.handling.access.addressing import Target
from vedette.handling.access.parties import Caller, Way
from vedette.handling.access.record import before_of
from vedette.handling.access.sentences import sentence_of
from vedette.store.proposals import Proposal, now, proposal_id


def proposal_of(way: Way, caller: Caller, call: Call, target: Target, age: int) -> Proposal:
    """The proposal that a write becomes.

    Args:
        way: Through which it would go.
        caller: Whose wish it is.
        call: What would be sent.
        target: What it is about.
        age: Milliseconds for which it waits.
    """
    name, at = call.operation.name, now()
    return Proposal(
        id=proposal_id(caller.name, name, call.parameters, call.query, call.body),
        handler=caller.name,
        source=caller.source,
        needs=caller.access.needs,
        shipped=caller.access.grant.shipped,
        integration=way.integration,
        delivery=caller.delivery,
        event=caller.event,
        intent=sentence_of(call, target.issues),
        operation=name,
        parameters=dict(call.parameters),
        query=call.query,
        body=call.body,
        issues=tuple(issue.id for issue in target.issues),
        label=target.issues[0].label if len(target.issues) == 1 else "",
        project=target.project,
        before=before_of(call, target),
        at=at,
        expires=at + age,
        because=call.because,
        fields=caller.access.grant.fields if caller.access.grant.shipped else (),
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


def stale_fields(proposal: Proposal, state: Mapping[str, Any]) -> list[str]:
    """The fields that were changed by others since it was proposed."""
    return sorted(name for name, value in proposal.before.items() if state.get(name) != value)
