"""Answers an agent what became of its own proposals: `GET /api/vedette/proposals/ID/`."""

from typing import Final

from gateway.responses import Response, detail_response, json_response
from vedette.access.agent_directory import Agent
from vedette.store.access.proposals import ProposalNotFoundError, Proposals, UnreadableProposalError

_PREFIX: Final = ("api", "vedette", "proposals")
_LENGTH: Final = len(_PREFIX) + 1
_LONGEST: Final = 40


def proposal_of_path(segments: tuple[str, ...]) -> str | None:
    """Return the id of the proposal that a path asks for; None for any other path."""
    if len(segments) != _LENGTH or segments[:-1] != _PREFIX or not segments[-1].isalnum():
        return None
    return segments[-1][:_LONGEST]


async def answer_proposal(proposals: Proposals, identifier: str, agent: Agent) -> Response:
    """Return the state of a proposal; those of others are not found, like those that never were."""
    try:
        proposal = await proposals.get(identifier)
    except (ProposalNotFoundError, UnreadableProposalError):
        proposal = None
    if proposal is None or proposal.handler != agent.principal.key:
        sentence = f"There is no proposal {identifier} of agent {agent.name}, or it has expired."
        return detail_response(404, sentence, "granted")
    return json_response(
        200,
        {
            "id": proposal.id,
            "state": proposal.state,
            "intent": proposal.intent,
            "decided_by": proposal.by,
            "created": proposal.at,
            "expires": proposal.expires,
        },
    )
