"""Runs as a table for people, and as JSON objects with stable field names for programs."""

from collections.abc import Sequence
from typing import Any, Final

from rich.console import Console
from rich.text import Text

from console.rendering.formatting import date_and_clock, name_of, said_of
from console.rendering.issue_links import IssueLinks
from console.rendering.record_table import Column, print_listing
from console.rendering.terminal import inert
from vedette.admin.deliveries import DeliveryRun
from vedette.store.deliveries.deliveries import DeliverySummary
from vedette.store.runs.run import Run

STATE_STYLES: Final = {"done": "green", "retrying": "yellow", "dead": "red", "quarantined": "red", "waiting": "cyan"}


def run_object(delivery: DeliverySummary, run: Run) -> dict[str, Any]:
    """Return a run as JSON."""
    facts = {"resource": delivery.resource, "action": delivery.action, "subject": delivery.subject}
    facts |= {"issue": delivery.issue, "label": delivery.label}
    return {**{key: value for key, value in run.to_json_object().items() if key != "trace"}, **facts}


def print_runs(console: Console, rows: Sequence[DeliveryRun], links: IssueLinks) -> None:
    """Print runs, those of the newest delivery first."""
    print_listing(console, run_columns(links), rows)


def run_columns(links: IssueLinks) -> list[Column[DeliveryRun]]:
    """Return the columns of a listing of runs."""

    def issue(row: DeliveryRun) -> Text:
        one = row.delivery
        return links.text(one.label or "-", integration=one.integration, issue=one.issue)

    return [
        Column("queued", lambda row: date_and_clock(row.run.queued), heads=True, style="dim"),
        Column("event", lambda row: name_of(row.delivery.resource, row.delivery.action), heads=True, width=16),
        Column("issue", issue, heads=True, width=14),
        Column("handler", lambda row: row.run.name, heads=True, style="cyan", width=10),
        Column("state", lambda row: inert(row.run.state, STATE_STYLES.get(row.run.state, "")), heads=True, width=8),
        Column("attempts", lambda row: str(row.run.attempts), justify="right"),
        Column("what was done", lambda row: said_of(row.run), wraps=True),
        Column("delivery", lambda row: row.run.delivery, style="dim"),
    ]
