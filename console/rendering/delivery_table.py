"""Deliveries as a table for people, and as JSON objects with stable field names for programs."""

import json
import sys
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from console.rendering.formatting import date_and_clock, name_of, outcome_of, state_of
from console.rendering.issue_links import IssueLinks
from console.rendering.record_table import Column, print_listing
from console.rendering.terminal import inert
from vedette.store.deliveries.deliveries import DeliverySummary
from vedette.store.runs.run import Run

STATE_STYLES = {"handled": "green", "failing": "yellow", "failed": "red", "quarantined": "red", "unhandled": "dim"}
PLAIN = IssueLinks()
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


def print_deliveries(
    console: Console, rows: Sequence[Row], *, as_json: bool, nothing: str = NO_DELIVERIES, links: IssueLinks = PLAIN
) -> None:
    """Print deliveries, the newest first; `nothing` where there are none."""
    if as_json:
        for delivery, runs in rows:
            sys.stdout.write(json.dumps(delivery_object(delivery, runs)) + "\n")
        return
    if not rows:
        console.print(nothing)
        return
    print_listing(console, delivery_columns(links), rows)


def delivery_columns(links: IssueLinks) -> list[Column[Row]]:
    """Return the columns of a listing of deliveries."""
    return [
        Column("accepted", lambda row: date_and_clock(row[0].accepted), heads=True, style="dim"),
        Column("event", lambda row: _name(row[0]), heads=True, width=20),
        Column("issue", lambda row: _issue(row[0], links), heads=True, width=14),
        Column("state", lambda row: _state(*row), heads=True, width=9),
        Column("what was done", lambda row: outcome_of(*row), wraps=True),
        Column("delivery", lambda row: row[0].id, style="dim"),
    ]


def _name(delivery: DeliverySummary) -> Text:
    """Return the event; `rebuilt` marks a delivery that Sentry did not send."""
    name = inert(name_of(delivery.resource, delivery.action))
    return Text.assemble(name, (" rebuilt", "yellow")) if delivery.rebuilt else name


def _issue(delivery: DeliverySummary, links: IssueLinks) -> Text:
    return links.text(delivery.label or "-", integration=delivery.integration, issue=delivery.issue)


def _state(delivery: DeliverySummary, runs: Sequence[Run]) -> Text:
    state = state_of(delivery, runs)
    return inert(state, STATE_STYLES.get(state, ""))
