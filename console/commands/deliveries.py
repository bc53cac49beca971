"""`vedette deliveries`: deliveries with their states and outcomes, and those that arrive from now on."""

import json
import sys
from typing import Annotated

import typer

from console.exit_codes import explained
from console.filters import (
    NO_MATCH,
    AsJson,
    Follow,
    Handler,
    Issue,
    Limit,
    Resource,
    Rule,
    Since,
    State,
    Until,
    since_or_exit,
    until_or_exit,
)
from console.follow_loop import follow
from console.rendering.delivery_table import NO_DELIVERIES, Row, delivery_columns, delivery_object, print_deliveries
from console.rendering.issue_links import IssueLinks
from console.rendering.record_table import print_row
from console.rendering.terminal import make_console
from console.session import ask
from vedette.admin.deliveries import list_deliveries
from vedette.admin.filters import DeliveryFilter
from vedette.admin.lookup.follow import follow_deliveries
from vedette.settings.settings import load_settings


def deliveries(
    since: Since = "14d",
    until: Until = "",
    resource: Resource = "",
    handler: Handler = "",
    issue: Issue = "",
    state: State = "",
    rule: Rule = "",
    request: Annotated[str, typer.Option(help="Only the one with this Request-ID, as Sentry's log shows it.")] = "",
    rebuilt: Annotated[
        bool, typer.Option("--rebuilt", help="Only those that did not arrive, and that Vedette rebuilt.")
    ] = False,
    limit: Limit = 50,
    following: Follow = False,
    as_json: AsJson = False,
) -> None:
    """List deliveries with their states and outcomes, the newest first; with -f, go on with those that arrive.

    With -f each is shown when it is stored, and again after each attempt of a handler.
    """
    start, end = since_or_exit(since), until_or_exit(until)
    with explained():
        wanted = DeliveryFilter(
            *(start, resource, handler, issue, limit, state, rebuilt), rule=rule, until=end, request=request
        )
        if following:
            _follow(wanted, as_json=as_json)
            return
        rows = ask(lambda session: list_deliveries(session, wanted))
    nothing = NO_MATCH if wanted.is_narrowed else NO_DELIVERIES
    print_deliveries(make_console(), rows, as_json=as_json, nothing=nothing, links=IssueLinks(load_settings()))


def _follow(wanted: DeliveryFilter, *, as_json: bool) -> None:
    console, columns = make_console(), delivery_columns(IssueLinks(load_settings()))

    def show(row: Row) -> None:
        if as_json:
            sys.stdout.write(json.dumps(delivery_object(*row)) + "\n")
        else:
            print_row(console, columns, row)

    follow(lambda session: list_deliveries(session, wanted), lambda session: follow_deliveries(session, wanted), show)
