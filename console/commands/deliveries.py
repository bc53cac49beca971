"""`vedette deliveries`: deliveries with their states and outcomes."""

from typing import Annotated

import typer

from console.exit_codes import explained
from console.filters import NO_MATCH, AsJson, Handler, Issue, Limit, Resource, Since, State, since_or_exit
from console.rendering import delivery_table
from console.rendering.issue_links import IssueLinks
from console.rendering.terminal import make_console
from console.session import ask
from vedette.admin.deliveries import list_deliveries
from vedette.admin.filters import DeliveryFilter
from vedette.settings.settings import load_settings


def deliveries(
    since: Since = "14d",
    resource: Resource = "",
    handler: Handler = "",
    issue: Issue = "",
    state: State = "",
    rebuilt: Annotated[
        bool, typer.Option("--rebuilt", help="Only those that did not arrive, and that Vedette rebuilt.")
    ] = False,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """List deliveries with their states and outcomes, the newest first."""
    start = since_or_exit(since)
    with explained():
        wanted = DeliveryFilter(start, resource, handler, issue, limit, state, rebuilt)
        rows = ask(lambda session: list_deliveries(session, wanted))
    nothing = NO_MATCH if wanted.is_narrowed else delivery_table.NO_DELIVERIES
    links = IssueLinks(load_settings())
    delivery_table.print_deliveries(make_console(), rows, as_json=as_json, nothing=nothing, links=links)
