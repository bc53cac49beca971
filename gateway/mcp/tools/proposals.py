"""The tool `proposals`: the agent's own writes that wait for a person, and the decision on one."""

from typing import Annotated, Final

from pydantic import Field

from gateway.mcp.event_text import EventText
from gateway.mcp.failures import Failure, ToolError
from gateway.mcp.issue_views import moment_of
from gateway.mcp.schemas import OBJECTS
from gateway.mcp.tool import READS_VEDETTE, Document, Tool, ToolArguments
from gateway.mcp.tool_context import ToolContext
from vedette.api.operations import OPERATIONS
from vedette.store.access.proposals import Proposal, ProposalNotFoundError, UnreadableProposalError

_MOST: Final = 50
WRITES: Final = tuple(name for name, operation in OPERATIONS.items() if operation.writes)


class ProposalsArguments(ToolArguments):
    """The arguments of `proposals`."""

    proposal: Annotated[str, Field(max_length=40, description="The id of one; all open ones unless given.")] | None = (
        None
    )


async def _proposals(context: ToolContext, arguments: ProposalsArguments) -> Document:
    own = context.agent.principal.key
    if arguments.proposal is None:
        waiting = [each for each in await context.services.proposals.waiting() if each.handler == own]
    else:
        waiting = [await _own(context, arguments.proposal, own)]
    more = {"more": len(waiting) - _MOST} if len(waiting) > _MOST else {}
    return {"proposals": [_shown(each) for each in waiting[:_MOST]], **more}


async def _own(context: ToolContext, proposal: str, own: str) -> Proposal:
    try:
        found = await context.services.proposals.get(proposal)
    except (ProposalNotFoundError, UnreadableProposalError):
        found = None
    if found is None or found.handler != own:
        why = "this agent has no such proposal; one without a decision expires"
        raise ToolError(Failure(why, instead="Call `proposals` without an id for the open ones."))
    return found


def _shown(proposal: Proposal) -> Document:
    texts = EventText()
    shown: Document = {
        "proposal": proposal.id,
        "state": proposal.state,
        "write": texts.text(proposal.intent),
        "reason": texts.text(proposal.because),
        "decided_by": texts.text(proposal.by),
        "proposed_at": moment_of(proposal.at),
        "expires_at": moment_of(proposal.expires),
    }
    return {name: value for name, value in shown.items() if value}


PROPOSALS: Final = Tool(
    "proposals",
    "List your writes that wait for a person, or show the decision on one.",
    ProposalsArguments,
    {"proposals": OBJECTS},
    READS_VEDETTE,
    _proposals,
    WRITES,
    is_recorded=True,
)
