"""Audit entries as a table for people and as JSON objects for programs: each call with its outcome in one line."""

import json
import sys
from collections.abc import AsyncIterator, Sequence
from typing import Any

from rich.console import Console

from console.rendering.formatting import date_and_clock
from console.rendering.record_table import Column, print_listing
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
    columns: list[Column[AuditLine]] = [
        Column("entry", lambda line: str(line.entry.number), heads=True, style="dim", justify="right"),
        Column("when", lambda line: date_and_clock(line.entry.at), heads=True, style="dim"),
        Column("who", lambda line: who_of(line.entry), heads=True, style="cyan"),
        Column("what", lambda line: line.entry.text("intent"), wraps=True),
        Column("because of", lambda line: because_of(line.entry.text("event"), line.entry.text("because")), wraps=True),
        Column("decision", lambda line: line.entry.text("decision"), wraps=True),
        Column("result", lambda line: line.result, wraps=True),
    ]
    print_listing(console, columns, lines)


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
