"""The audit as people and programs read it: each try with its outcome, in one line."""

import json
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

from rich.console import Console
from rich.table import Table
from rich.text import Text

from console.rendering.formatting import date_and_clock
from vedette._core.printable import printable
from vedette.store.access.audit_log import Audit, AuditEntry

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
        dropped = self.outcome.facts.get("unconfirmed")
        if status in _SUCCESS:
            return f"done, but Sentry does not show {', '.join(map(str, dropped))} so" if is_list(dropped) else "done"
        return "outcome unknown" if self.outcome.facts.get("unknown") else f"refused ({status})"

    @property
    def has_changed(self) -> bool:
        """Whether it was sent and Sentry may have been changed by it."""
        sent = self.entry.kind == "call" and self.entry.text("decision").startswith(("granted", "approved"))
        facts: Mapping[str, Any] = {} if self.outcome is None else self.outcome.facts
        return sent and (self.outcome is None or facts.get("status") in _SUCCESS or bool(facts.get("unknown")))


async def find_lines(
    audit: Audit,
    *,
    since: int = 0,
    until: int = sys.maxsize,
    limit: int | None,
    keep: Callable[[AuditEntry], bool],
) -> list[AuditLine]:
    """Return the newest tries and orders that `keep` says yes to.

    Args:
        audit: Where they are.
        since: The first moment, Unix time in milliseconds.
        until: The last one.
        limit: At most so many; None for all.
        keep: Says of a try or an order, not of an outcome, whether it is wanted.
    """
    outcomes: dict[int, AuditEntry] = {}
    lines: list[AuditLine] = []
    async for entry in audit.newest():
        if entry.at < since or (limit is not None and len(lines) >= limit):
            break
        if entry.kind == "outcome":
            outcomes[_number(entry.facts.get("of"))] = entry
        elif entry.at <= until and keep(entry):
            lines.append(AuditLine(entry, outcomes.pop(entry.number, None)))
    return lines


def is_list(value: object) -> TypeGuard[list[Any]]:
    """Return whether a fact is a list with something in it."""
    return isinstance(value, list) and bool(value)  # pyright: ignore[reportUnknownArgumentType]  # JSON


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def line_object(line: AuditLine) -> dict[str, Any]:
    """Return a line as programs read it."""
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
            else "The audit has no entry of this time: no handler has tried to change anything."
        )
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
    return [Text(printable(word)) for word in words]


def because_of(event: str, reason: str) -> str:
    """Why something was done: the event, and what of the handler's it was, such as a rule."""
    return ", ".join(filter(None, (event, reason)))


async def export(entries: AsyncIterator[AuditEntry]) -> None:
    """Write every entry with its hash, the oldest first, one JSON object a line."""
    async for entry in entries:
        values = {"number": entry.number, "hash": entry.hash, "at": entry.at, "kind": entry.kind, **entry.facts}
        sys.stdout.write(json.dumps(values) + "\n")
