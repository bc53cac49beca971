"""`vedette runs`: each handler's work on each delivery."""

import json
import sys
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from console import listings
from console.asking import ask
from console.failures import explained
from console.output import make_console
from console.selection import Handler, Issue, Limit, Resource, Selection, Since, since_or_exit
from console.wording import date_and_clock, name_of, said_of
from vedette.store.client import RedisClient
from vedette.store.deliveries import DeliverySummary
from vedette.store.run import Run

Row = tuple[DeliverySummary, Run]


def runs(
    since: Since = "14d",
    resource: Resource = "",
    handler: Handler = "",
    issue: Issue = "",
    state: Annotated[str, typer.Option(help="Only in this state, such as running, waiting or dead.")] = "",
    limit: Limit = 50,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, for programs.")] = False,
) -> None:
    """List what each handler did, the newest delivery first."""
    wanted = Selection(since_or_exit(since), resource, handler, issue, limit)

    def takes(delivery: DeliverySummary, run: Run) -> bool:
        return wanted.takes(delivery, run.handler) and state in {"", run.state}

    async def find(client: RedisClient) -> list[Row]:
        rows = await listings.find_deliveries(
            client,
            since=wanted.since,
            limit=limit,
            keep=lambda delivery, its_runs: any(takes(delivery, run) for run in its_runs),
        )
        return [(delivery, run) for delivery, its_runs in rows for run in its_runs if takes(delivery, run)][:limit]

    with explained():
        found = ask(find)
    if as_json:
        for delivery, run in found:
            sys.stdout.write(json.dumps(run_object(delivery, run)) + "\n")
        return
    _print(found)


def run_object(delivery: DeliverySummary, run: Run) -> dict[str, Any]:
    """Return a run as programs read it."""
    facts = {"resource": delivery.resource, "action": delivery.action, "subject": delivery.subject}
    facts |= {"issue": delivery.issue, "label": delivery.label}
    return {**{key: value for key, value in asdict(run).items() if key != "trace"}, **facts}


def _print(rows: list[Row]) -> None:
    console = make_console()
    if not rows:
        console.print("No runs. `vedette trigger issue.created` sends a delivery.")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("queued", "event", "issue", "handler", "state", "attempts", "what was done", "delivery"):
        table.add_column(title, overflow="fold", no_wrap=title != "what was done")
    for delivery, run in rows:
        event = name_of(delivery.resource, delivery.action)
        cells = (date_and_clock(run.queued), event, delivery.label or "", run.name, run.state, str(run.attempts))
        table.add_row(*(Text(cell) for cell in (*cells, said_of(run), run.delivery)))
    console.print(table)
