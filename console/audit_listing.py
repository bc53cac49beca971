"""The audit as people and programs read it: each try with its outcome, in one line."""

import json
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from console.wording import date_and_clock
from vedette.store.audit import Audit, AuditEntry

_SUCCESS = range(200, 300)


@dataclass(frozen=True)
class AuditLine:
    """A try, or a person's order, and how it ended."""

    entry: AuditEntry
    outcome: AuditEntry | None

    @property
    def result(self) -> str:
        """How it ended, in a word or two."""
        decision = self.entry.text("decision")
        if self.outcome is None:
            return "not sent" if decision.startswith(("denied", "observed", "proposed", "paused")) else ""
        status = self.outcome.facts.get("status")
        if status in _SUCCESS:
            return "done"
        return "outcome unknown" if self.outcome.facts.get("unknown") else f"refused ({status})"


async def find_lines(
    audit: Audit, *, since: int = 0, limit: int, keep: Callable[[AuditEntry], bool]
) -> list[AuditLine]:
    """Return the newest tries and orders that `keep` says yes to."""
    outcomes: dict[int, AuditEntry] = {}
    lines: list[AuditLine] = []
    async for entry in audit.newest():
        if entry.at < since or len(lines) >= limit:
            break
        if entry.kind == "outcome":
            outcomes[int(entry.facts.get("of", 0))] = entry
        elif keep(entry):
            lines.append(AuditLine(entry, outcomes.get(entry.number)))
    return lines


def line_object(line: AuditLine) -> dict[str, Any]:
    """Return a line as programs read it."""
    entry, outcome = line.entry, line.outcome
    names = (
        *("handler", "source", "intent", "decision", "integration", "organization", "project", "issue", "label"),
        *("delivery", "event", "because", "operation"),
    )
    return {
        "entry": entry.number,
        "at": entry.at,
        "kind": entry.kind,
        **{name: entry.facts.get(name, "") for name in names},
        "before": entry.facts.get("before", {}),
        "after": entry.facts.get("after", {}),
        "status": None if outcome is None else outcome.facts.get("status"),
        "error": None if outcome is None else outcome.facts.get("error"),
        "ended": None if outcome is None else outcome.at,
    }


def print_lines(console: Console, lines: Sequence[AuditLine], *, as_json: bool) -> None:
    """Print lines of the audit, the newest first."""
    if as_json:
        for line in lines:
            sys.stdout.write(json.dumps(line_object(line)) + "\n")
        return
    if not lines:
        console.print("The audit has no such entry: no handler has tried to change anything.")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("entry", justify="right", style="dim")
    for title in ("when", "who"):
        table.add_column(title, no_wrap=True)
    for title in ("what", "because of", "decision", "result"):
        table.add_column(title, overflow="fold")
    for line in lines:
        table.add_row(*_cells(line))
    console.print(table)


def _cells(line: AuditLine) -> list[Text]:
    entry = line.entry
    words = (
        *(str(entry.number), date_and_clock(entry.at), entry.text("handler"), entry.text("intent")),
        *(because_of(entry.text("event"), entry.text("because")), entry.text("decision"), line.result),
    )
    return [Text(word) for word in words]


def because_of(event: str, reason: str) -> str:
    """Why something was done: the event, and what of the handler's it was, such as a rule."""
    return ", ".join(filter(None, (event, reason)))


async def export(entries: AsyncIterator[AuditEntry]) -> None:
    """Write every entry with its hash, the oldest first, one JSON object a line."""
    async for entry in entries:
        values = {"number": entry.number, "hash": entry.hash, "at": entry.at, "kind": entry.kind, **entry.facts}
        sys.stdout.write(json.dumps(values) + "\n")
