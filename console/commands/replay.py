"""`vedette replay`: handlers run again on deliveries and dead letters."""

from typing import Annotated

import typer

from console.exit_codes import WRONG_USAGE, explained, refuse
from console.filters import Group, Handler, Issue, Limit, Resource, Since, since_or_exit
from console.session import ask
from vedette.admin.dead_letters import replay_dead_letters, replay_delivery
from vedette.admin.filters import DeliveryFilter
from vedette.admin.session import AdminSession
from vedette.store.deliveries.deliveries import DeliveryNotFoundError
from vedette.store.runs.dead_letters import NotReplayableError


def replay(
    delivery: Annotated[str, typer.Argument(help="The delivery's id; not with --dead.")] = "",
    dead: Annotated[bool, typer.Option("--dead", help="The dead runs that match the filters.")] = False,
    since: Since = "365d",
    resource: Resource = "",
    handler: Handler = "",
    issue: Issue = "",
    group: Group = "",
    limit: Limit = 100_000,
    rate: Annotated[float, typer.Option(min=0.001, help="At most so many a second.")] = 50.0,
) -> None:
    """Run handlers again: on one delivery (all handlers, or --handler), or on dead letters (--dead)."""
    if bool(delivery) == dead:
        refuse("Name a delivery, or say --dead with filters", WRONG_USAGE)
    wanted = DeliveryFilter(since_or_exit(since), resource, handler, issue, limit, group=group)

    async def run_again(session: AdminSession) -> int:
        if dead:
            return await replay_dead_letters(session, wanted, rate=rate)
        await replay_delivery(session, delivery, handler)
        return 1

    with explained():
        try:
            count = ask(run_again)
        except (NotReplayableError, DeliveryNotFoundError) as error:
            refuse(str(error))
    typer.echo(f"{count} replayed")
