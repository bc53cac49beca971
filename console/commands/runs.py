"""`vedette runs`: each handler's work on each delivery."""

import json
import sys
from typing import Annotated, Any

import typer
from rich.table import Table

from console.exit_codes import explained
from console.filters import NO_MATCH, Handler, Issue, Limit, ListFilters, Resource, Since, State, since_or_exit
from console.rendering import delivery_table
from console.rendering.formatting import date_and_clock, name_of, said_of
from console.rendering.terminal import inert, make_console
from console.session import ask
from vedette.store.deliveries.deliveries import DeliverySummary
from vedette.store.runs.run import Run
from vedette.store.server.client import RedisClient

Row = tuple[DeliverySummary, Run]
_NO_RUNS = "No runs. `vedette trigger issue.created` sends a delivery."


def runs(
    since: Since = "14d",
    resource: Resource = "",
    handler: Handler = "",
    issue: Issue = "",
    state: State = "",
    limit: Limit = 50,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, for programs.")] = False,
) -> None:
    """List what each handler did, the newest delivery first."""
    start = since_or_exit(since)

    async def find(client: RedisClient) -> list[Row]:
        rows = await delivery_table.find_deliveries(
            client,
            since=start,
            limit=limit,
            keep=lambda delivery, its_runs: any(wanted.takes(delivery, run) for run in its_runs),
        )
        if not rows:
            await wanted.refuse_unknown(client)
        return [(delivery, run) for delivery, its_runs in rows for run in its_runs if wanted.takes(delivery, run)][
            :limit
        ]

    with explained():
        wanted = ListFilters(start, resource, handler, issue, limit, state)
        found = ask(find)
    if as_json:
        for delivery, run in found:
            sys.stdout.write(json.dumps(run_object(delivery, run)) + "\n")
        return
    _print(found, NO_MATCH if wanted.is_narrowed else _NO_RUNS)


def run_object(delivery: DeliverySummary, run: Run) -> dict[str, Any]:
    """Return a run as programs read it."""
    facts = {"resource": delivery.resource, "action": delivery.action, "subject": delivery.subject}
    facts |= {"issue": delivery.issue, "label": delivery.label}
    return {**{key: value for key, value in run.to_json_object().items() if key != "trace"}, **facts}


def _print(rows: list[Row], nothing: str) -> None:
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
