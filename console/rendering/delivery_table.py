"""Deliveries as a table for people, and as JSON objects with stable field names for programs."""

import json
import sys
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from console.rendering.formatting import date_and_clock, name_of, outcome_of, state_of
from console.rendering.terminal import inert
from vedette.store.deliveries.deliveries import DeliverySummary
from vedette.store.runs.run import Run

_TABLE_WIDTH = 130
"""Columns of the narrowest terminal that gets a table."""
_STATE_STYLES = {"handled": "green", "failing": "yellow", "failed": "red", "quarantined": "red", "unhandled": "dim"}
Row = tuple[DeliverySummary, list[Run]]
NO_DELIVERIES = "No deliveries. `vedette trigger issue.created` sends one."


def delivery_object(delivery: DeliverySummary, runs: Sequence[Run]) -> dict[str, Any]:
    """Return a delivery as JSON."""
    return {
        "id": delivery.id,
        "accepted": delivery.accepted,
        "integration": delivery.integration,
        "source": delivery.source,
        "resource": delivery.resource,
        "action": delivery.action,
        "subject": delivery.subject,
        "issue": delivery.issue,
        "label": delivery.label,
        "title": delivery.title,
        "state": state_of(delivery, runs),
        "reason": delivery.quarantined,
        "size": delivery.size,
        "duplicates": delivery.duplicates,
        "repetitions": delivery.repetitions,
        "finished": delivery.finished,
        "rebuilt": delivery.rebuilt or None,
        "happened": delivery.happened or None,
        "runs": [
            {key: value for key, value in run.to_json_object().items() if key not in {"delivery", "trace"}}
            for run in runs
        ],
    }


def print_deliveries(console: Console, rows: Sequence[Row], *, as_json: bool, nothing: str = NO_DELIVERIES) -> None:
    """Print deliveries, the newest first; `nothing` where there are none."""
    if as_json:
        for delivery, runs in rows:
            sys.stdout.write(json.dumps(delivery_object(delivery, runs)) + "\n")
        return
    if not rows:
        console.print(nothing)
        return
    if console.is_terminal and console.width < _TABLE_WIDTH:
        _print_blocks(console, rows)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("accepted", "event", "issue", "state"):
        table.add_column(title, no_wrap=True)
    table.add_column("what was done", overflow="fold")
    table.add_column("delivery", no_wrap=True, style="dim")
    for delivery, runs in rows:
        table.add_row(*_cells(delivery, runs), inert(outcome_of(delivery, runs)), inert(delivery.id))
    console.print(table)


def _print_blocks(console: Console, rows: Sequence[Row]) -> None:
    for delivery, runs in rows:
        console.print(Text("  ").join(_cells(delivery, runs)), no_wrap=True, overflow="ellipsis")
        for line in (outcome_of(delivery, runs), delivery.id):
            if line:
                console.print(Padding(inert(line, "dim" if line == delivery.id else ""), (0, 0, 0, 4)))


def _name(delivery: DeliverySummary) -> Text:
    """Return the event; `rebuilt` marks a delivery that Sentry did not send."""
    name = inert(name_of(delivery.resource, delivery.action))
    return Text.assemble(name, (" rebuilt", "yellow")) if delivery.rebuilt else name


def _cells(delivery: DeliverySummary, runs: Sequence[Run]) -> list[Text]:
    state = state_of(delivery, runs)
    return [
        inert(date_and_clock(delivery.accepted), "dim"),
        _name(delivery),
        inert(delivery.label or "-"),
        inert(state, _STATE_STYLES.get(state, "")),
    ]
