"""`vedette runs`: the runs of handlers on deliveries, and those that end from now on."""

import json
import sys

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
from console.rendering.issue_links import IssueLinks
from console.rendering.record_table import print_row
from console.rendering.run_table import print_runs, run_columns, run_object
from console.rendering.terminal import echo, make_console
from console.session import ask
from vedette.admin.deliveries import DeliveryRun, list_runs
from vedette.admin.filters import DeliveryFilter
from vedette.admin.lookup.follow import follow_runs
from vedette.settings.settings import load_settings

_NO_RUNS = "No runs. `vedette trigger issue.created` sends a delivery."


def runs(
    since: Since = "14d",
    until: Until = "",
    resource: Resource = "",
    handler: Handler = "",
    issue: Issue = "",
    state: State = "",
    rule: Rule = "",
    limit: Limit = 50,
    following: Follow = False,
    as_json: AsJson = False,
) -> None:
    """List the runs of each handler, those on the newest delivery first; with -f, go on with those that end."""
    start, end = since_or_exit(since), until_or_exit(until)
    with explained():
        wanted = DeliveryFilter(start, resource, handler, issue, limit, state, rule=rule, until=end)
        if following:
            _follow(wanted, as_json=as_json)
            return
        found = ask(lambda session: list_runs(session, wanted))
    if as_json:
        for one in found:
            _write(one)
    elif found:
        print_runs(make_console(), found, IssueLinks(load_settings()))
    else:
        echo(NO_MATCH if wanted.is_narrowed else _NO_RUNS)


def _follow(wanted: DeliveryFilter, *, as_json: bool) -> None:
    console, columns = make_console(), run_columns(IssueLinks(load_settings()))

    def show(row: DeliveryRun) -> None:
        if as_json:
            _write(row)
        else:
            print_row(console, columns, row)

    follow(lambda session: list_runs(session, wanted), lambda session: follow_runs(session, wanted), show)


def _write(row: DeliveryRun) -> None:
    sys.stdout.write(json.dumps(run_object(*row)) + "\n")
