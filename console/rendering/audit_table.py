"""Audit entries as a table for people and as JSON objects for programs: each call with its outcome in one line."""

import json
import sys
from collections.abc import AsyncIterator, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from console.rendering.formatting import date_and_clock
from vedette._core.printable import printable
from vedette.admin.audit import AuditLine
from vedette.permissions.principal import Principal
from vedette.store.access.audit_log import AuditEntry

_OF_READS = ("reads", "operations", "digest", "batch")
"""Facts that entries about reads alone have."""


def line_object(line: AuditLine) -> dict[str, Any]:
    """Return a line as JSON."""
    entry, outcome = line.entry, line.outcome
    names = (
        *("handler", "source", "intent", "decision", "integration", "organization", "project", "issue", "label"),
        *("delivery", "event", "because", "rule", "operation"),
    )
    return {
        "entry": entry.number,
        "hash": entry.hash,
        "at": entry.at,
        "kind": entry.kind,
        **{name: entry.facts.get(name, "") for name in names},
        **{name: entry.facts[name] for name in _OF_READS if name in entry.facts},
        "before": entry.facts.get("before", {}),
        "after": entry.facts.get("after", {}),
        "status": None if outcome is None else outcome.facts.get("status"),
        "unconfirmed": [] if outcome is None else outcome.facts.get("unconfirmed", []),
        "error": None if outcome is None else outcome.facts.get("error"),
        "ended": None if outcome is None else outcome.at,
    }


def print_lines(console: Console, lines: Sequence[AuditLine], *, as_json: bool, is_filtered: bool = False) -> None:
    """Print lines of the audit, the newest first."""
    if as_json:
        for line in lines:
            sys.stdout.write(json.dumps(line_object(line)) + "\n")
        return
    if not lines:
        console.print(
            "No entry of the audit is of this time and these filters."
            if is_filtered
            else "The audit has no entry of this time: nobody has tried to change anything."
        )
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("entry", justify="right", style="dim")
    table.add_column("when", no_wrap=True)
    for title in ("who", "what", "because of", "decision", "result"):
        table.add_column(title, overflow="fold")
    for line in lines:
        table.add_row(*_cells(line))
    console.print(table)


def _cells(line: AuditLine) -> list[Text]:
    entry = line.entry
    words = (
        *(str(entry.number), date_and_clock(entry.at), who_of(entry), entry.text("intent")),
        *(because_of(entry.text("event"), entry.text("because")), entry.text("decision"), line.result),
    )
    return [Text(printable(word)) for word in words]


def who_of(entry: AuditEntry) -> str:
    """Return the handler that made a call, or the agent with its client and front."""
    principal = Principal.from_key(entry.text("handler"))
    return entry.text("source") or principal.label if principal.kind == "agent" else entry.text("handler")


def because_of(event: str, reason: str) -> str:
    """Return the reason of a call: the event, and the rule or other part of the handler."""
    return ", ".join(filter(None, (event, reason)))


async def export(entries: AsyncIterator[AuditEntry]) -> None:
    """Write every entry with its hash, the oldest first, one JSON object a line."""
    async for entry in entries:
        values = {"number": entry.number, "hash": entry.hash, "at": entry.at, "kind": entry.kind, **entry.facts}
        sys.stdout.write(json.dumps(values) + "\n")
