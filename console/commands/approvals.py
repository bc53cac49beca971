"""`vedette proposals`, `approve` and `reject`: the writes that wait for a person."""

from typing import Annotated

import typer

from console.acting import channels_of, controls_of, way_to_sentry
from console.exit_codes import FOUND_WRONG, explained
from console.instance import Instance, find_place
from console.rendering.proposal_table import print_proposals
from console.rendering.terminal import make_console
from console.session import ask_at, this_person
from vedette._core.printable import printable
from vedette.access import approvals
from vedette.access.in_force import check_in_force
from vedette.api.call import Answer
from vedette.api.change import with_dropped
from vedette.permissions.grants import grant_of
from vedette.settings.settings import load_settings
from vedette.store.access.handler_roster import readable_roster
from vedette.store.access.proposals import Proposal
from vedette.store.server.client import RedisClient

By = Annotated[str, typer.Option("--by", help="Who orders it, for the audit; the system's user unless given.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line, for programs.")]


def proposals(as_json: AsJson = False) -> None:
    """List the writes that wait for a yes or no, with all that would be sent."""
    unreadable: list[str] = []
    with explained():
        place = find_place(load_settings())
        waiting = ask_at(place, lambda client: controls_of(place, client).proposals.waiting(unreadable=unreadable))
    print_proposals(make_console(), waiting, as_json=as_json)
    for proposal in unreadable:
        typer.echo(f"What Redis holds in place of proposal {printable(proposal)} cannot be read.", err=True)
    if unreadable:
        raise typer.Exit(FOUND_WRONG)


def approve(proposal: Annotated[str, typer.Argument(help="The proposal's id.")], by: By = "") -> None:
    """Say yes to a proposed write: it is checked again, and sent."""
    who = by or this_person()

    async def approving(place: Instance, client: RedisClient) -> tuple[Proposal, Answer]:
        controls = controls_of(place, client)
        found = await controls.proposals.get(proposal)
        chosen = place.settings.handlers.get(found.handler)
        if found.state == "open":
            check_in_force(found, chosen, await readable_roster(client))
        grant = grant_of(
            None if chosen is None else chosen.grant, found.needs, bundled=found.shipped, fields=found.fields
        )
        async with way_to_sentry(place, client, found.integration) as way, channels_of(place) as channels:
            answer = await approvals.approve(controls, way, found, grant, who, channels)
        return found, answer

    with explained():
        place = find_place(load_settings())
        found, answer = ask_at(place, lambda client: approving(place, client))
    intent = printable(found.intent)
    if not answer.sent:
        typer.echo(f"Not sent, since it is paused: {intent}", err=True)
        raise typer.Exit(FOUND_WRONG)
    dropped = approvals.dropped_by(found, answer)
    typer.echo(f"Done: {with_dropped(intent, dropped)}", err=bool(dropped))
    if dropped:
        raise typer.Exit(FOUND_WRONG)


def reject(proposal: Annotated[str, typer.Argument(help="The proposal's id.")], by: By = "") -> None:
    """Say no to a proposed write; the same is not proposed again until it would have expired."""

    async def rejecting(place: Instance, client: RedisClient) -> Proposal:
        controls = controls_of(place, client)
        found = await controls.proposals.get(proposal)
        await approvals.reject(controls, found, by or this_person())
        return found

    with explained():
        place = find_place(load_settings())
        found = ask_at(place, lambda client: rejecting(place, client))
    typer.echo(f"Rejected: {printable(found.intent)}")
