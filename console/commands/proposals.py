"""`vedette proposals`, `approve` and `reject`: the writes that wait for a person."""

from typing import Annotated

import typer

from console.exit_codes import FOUND_WRONG, explained
from console.filters import AsJson, By
from console.rendering.proposal_table import print_proposals
from console.rendering.terminal import make_console
from console.session import ask
from vedette._core.printable import printable
from vedette.admin.proposals import approve_proposal, list_proposals, reject_proposal
from vedette.api.change import with_dropped

ProposalId = Annotated[str, typer.Argument(help="The proposal's id.")]


def proposals(as_json: AsJson = False) -> None:
    """List the writes that wait for a decision, with everything that would be sent."""
    with explained():
        waiting = ask(list_proposals)
    print_proposals(make_console(), waiting.proposals, as_json=as_json)
    for proposal in waiting.unreadable:
        typer.echo(f"The record of proposal {printable(proposal)} in Redis cannot be read.", err=True)
    if waiting.unreadable:
        raise typer.Exit(FOUND_WRONG)


def approve(proposal: ProposalId, by: By = "") -> None:
    """Approve a proposed write: it is checked again, and sent."""
    with explained():
        approval = ask(lambda session: approve_proposal(session, proposal), by=by)
    intent = printable(approval.proposal.intent)
    if not approval.sent:
        typer.echo(f"Not sent, since it is paused: {intent}", err=True)
        raise typer.Exit(FOUND_WRONG)
    typer.echo(f"Done: {with_dropped(intent, approval.dropped)}", err=bool(approval.dropped))
    if approval.dropped:
        raise typer.Exit(FOUND_WRONG)


def reject(proposal: ProposalId, by: By = "") -> None:
    """Reject a proposed write; the same write is not proposed again until the proposal would have expired."""
    with explained():
        rejected = ask(lambda session: reject_proposal(session, proposal), by=by)
    typer.echo(f"Rejected: {printable(rejected.intent)}")
