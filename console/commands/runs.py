"""`vedette runs`: the runs of handlers on deliveries."""

import json
import sys
from typing import Any

from rich.table import Table

from console.exit_codes import explained
from console.filters import NO_MATCH, AsJson, Handler, Issue, Limit, Resource, Since, State, since_or_exit
from console.rendering.formatting import date_and_clock, name_of, said_of
from console.rendering.terminal import inert, make_console
from console.session import ask
from vedette.admin.deliveries import DeliveryRun, list_runs
from vedette.admin.filters import DeliveryFilter
from vedette.store.deliveries.deliveries import DeliverySummary
from vedette.store.runs.run import Run

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
    _print(found, NO_MATCH if wanted.is_narrowed else _NO_RUNS)


def run_object(delivery: DeliverySummary, run: Run) -> dict[str, Any]:
    """Return a run as JSON."""
    facts = {"resource": delivery.resource, "action": delivery.action, "subject": delivery.subject}
    facts |= {"issue": delivery.issue, "label": delivery.label}
    return {**{key: value for key, value in run.to_json_object().items() if key != "trace"}, **facts}


def _print(rows: list[DeliveryRun], nothing: str) -> None:
    console = make_console()
    if not rows:
        console.print(nothing)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("queued", "event", "issue", "handler", "state", "attempts", "what was done", "delivery"):
        table.add_column(title, overflow="fold", no_wrap=title != "what was done")
    for delivery, run in rows:
        event = name_of(delivery.resource, delivery.action)
        cells = (date_and_clock(run.queued), event, delivery.label or "", run.name, run.state, str(run.attempts))
        table.add_row(*(inert(cell) for cell in (*cells, said_of(run), run.delivery)))
    console.print(table)
