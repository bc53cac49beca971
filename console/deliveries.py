"""`vedette deliveries`: what arrived and what became of it."""

from typing import Annotated

import typer

from console import listings
from console.asking import ask
from console.failures import explained
from console.output import make_console
from console.selection import Limit, since_or_exit
from vedette.store.deliveries import DeliverySummary
from vedette.store.run import Run


def deliveries(
    since: Annotated[str, typer.Option(help="Only what came within this age: 30m, 24h, 7d.")] = "14d",
    resource: Annotated[str, typer.Option(help="Only of this resource, such as issue.")] = "",
    handler: Annotated[str, typer.Option(help="Only those that this handler worked on.")] = "",
    issue: Annotated[str, typer.Option(help="Only those about this issue's id.")] = "",
    limit: Limit = 50,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, for programs.")] = False,
) -> None:
    """List what arrived and what became of it."""

    def keep(delivery: DeliverySummary, its_runs: list[Run]) -> bool:
        return (
            (not resource or delivery.resource == resource)
            and (not issue or delivery.issue == issue)
            and (not handler or any(run.handler == handler for run in its_runs))
        )

    start = since_or_exit(since)
    with explained():
        rows = ask(lambda client: listings.find_deliveries(client, since=start, limit=limit, keep=keep))
    listings.print_deliveries(make_console(), rows, as_json=as_json)
