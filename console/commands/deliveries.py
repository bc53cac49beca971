"""`vedette deliveries`: what arrived and what became of it."""

from typing import Annotated

import typer

from console.exit_codes import explained
from console.filters import NO_MATCH, Handler, Issue, Limit, ListFilters, Resource, Since, State, since_or_exit
from console.rendering import delivery_table
from console.rendering.terminal import make_console
from console.session import ask
from vedette.store.server.client import RedisClient


def deliveries(
    since: Since = "14d",
    resource: Resource = "",
    handler: Handler = "",
    issue: Issue = "",
    state: State = "",
    limit: Limit = 50,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, for programs.")] = False,
) -> None:
    """List what arrived and what became of it."""
    start = since_or_exit(since)

    async def find(client: RedisClient) -> list[delivery_table.Row]:
        rows = await delivery_table.find_deliveries(client, since=start, limit=limit, keep=wanted.takes_delivery)
        if not rows:
            await wanted.refuse_unknown(client)
        return rows

    with explained():
        wanted = ListFilters(start, resource, handler, issue, limit, state)
        rows = ask(find)
    nothing = NO_MATCH if wanted.is_narrowed else delivery_table.NO_DELIVERIES
    delivery_table.print_deliveries(make_console(), rows, as_json=as_json, nothing=nothing)
