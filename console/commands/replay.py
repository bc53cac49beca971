"""`vedette replay`: let handlers work again on what has ended."""

from typing import Annotated

import typer

from console.commands.dead import select
from console.exit_codes import FOUND_WRONG, WRONG_USAGE, explained
from console.filters import Handler, Issue, Limit, ListFilters, Resource, Since, since_or_exit
from console.rendering.terminal import echo
from console.session import ask
from vedette.store.deliveries.deliveries import DeliveryNotFoundError
from vedette.store.runs.dead_letters import DeadLetters, NotReplayableError
from vedette.store.server.client import RedisClient


def replay(
    delivery: Annotated[str, typer.Argument(help="The delivery's id; not with --dead.")] = "",
    dead: Annotated[bool, typer.Option("--dead", help="The dead runs that the filters leave.")] = False,
    since: Since = "365d",
    resource: Resource = "",
    handler: Handler = "",
    issue: Issue = "",
    limit: Limit = 100_000,
    rate: Annotated[float, typer.Option(min=0.001, help="At most so many a second.")] = 50.0,
) -> None:
    """Let handlers work again: on one delivery (all handlers, or --handler), or on what is dead (--dead)."""
    if bool(delivery) == dead:
        typer.echo("Name a delivery, or say --dead with filters", err=True)
        raise typer.Exit(WRONG_USAGE)
    wanted = ListFilters(since_or_exit(since), resource, handler, issue, limit)

    async def again(client: RedisClient) -> int:
        letters = DeadLetters(client)
        if delivery and handler:
            await letters.replay(delivery, handler)
            return 1
        if delivery:
            await letters.redispatch(delivery)
            return 1
        # The oldest first, so that the runs of a subject keep their order.
        found = sorted(await select(client, wanted), key=lambda letter: letter.run.delivery)
        for place, letter in enumerate(found):
            await letters.replay(letter.run.delivery, letter.run.name, delay=place / rate)
        return len(found)

    with explained():
        try:
            count = ask(again)
        except (NotReplayableError, DeliveryNotFoundError) as error:
            echo(str(error), err=True)
            raise typer.Exit(FOUND_WRONG) from None
    typer.echo(f"{count} replayed")
