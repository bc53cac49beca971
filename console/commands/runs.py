"""`vedette runs`: the runs of handlers on deliveries."""

import json
import sys

from console.exit_codes import explained
from console.filters import NO_MATCH, AsJson, Handler, Issue, Limit, Resource, Since, State, since_or_exit
from console.rendering.issue_links import IssueLinks
from console.rendering.run_table import print_runs, run_object
from console.rendering.terminal import echo, make_console
from console.session import ask
from vedette.admin.deliveries import list_runs
from vedette.admin.filters import DeliveryFilter
from vedette.settings.settings import load_settings

_NO_RUNS = "No runs. `vedette trigger issue.created` sends a delivery."


def runs(
    since: Since = "14d",
    resource: Resource = "",
    handler: Handler = "",
    issue: Issue = "",
    state: State = "",
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """List the runs of each handler, those on the newest delivery first."""
    start = since_or_exit(since)
    with explained():
        wanted = DeliveryFilter(start, resource, handler, issue, limit, state)
        found = ask(lambda session: list_runs(session, wanted))
    if as_json:
        for delivery, run in found:
            sys.stdout.write(json.dumps(run_object(delivery, run)) + "\n")
        return
    if not found:
        echo(NO_MATCH if wanted.is_narrowed else _NO_RUNS)
        return
    print_runs(make_console(), found, IssueLinks(load_settings()))
