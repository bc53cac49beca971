"""One delivery in full: for people, and as a JSON object for programs."""

import base64
import json
from collections.abc import Iterable
from typing import Any, Final

from rich.console import Console

from console.rendering.delivery_table import delivery_object
from console.rendering.explanation import lines_of
from console.rendering.formatting import date_and_clock, duration, ended, name_of
from console.rendering.terminal import inert
from vedette.admin.lookup.delivery_detail import DeliveryDetail
from vedette.store.deliveries.journal import JournalEntry

_MOST_LINES: Final = 400
"""Lines of a body that people are shown; `--raw` and `--json` have all of it."""


def detail_object(detail: DeliveryDetail) -> dict[str, Any]:
    """Return a delivery as JSON: the fields of `vedette deliveries --json`, and headers, body, attempts and calls."""
    body, explanation = detail.delivery.body, detail.explanation
    values = {
        **delivery_object(detail.delivery.summary, explanation.runs),
        "headers": dict(detail.delivery.headers),
        "body": _decoded(body),
        "attempts": [_attempt_object(one) for one in detail.attempts],
        "left_out": explanation.left_out,
        "audit": [call.entry.number for call in explanation.calls],
    }
    return values if values["body"] is not None else {**values, "body_base64": base64.b64encode(body).decode("ascii")}


def print_detail(console: Console, detail: DeliveryDetail) -> None:
    """Print a delivery in sections."""
    summary = detail.delivery.summary
    facts = (
        ("delivery", summary.id),
        ("event", name_of(summary.resource, summary.action)),
        ("issue", " ".join(filter(None, (summary.label, f"({summary.issue})" if summary.issue else "")))),
        ("title", summary.title or ""),
        ("accepted", f"{date_and_clock(summary.accepted)} from {summary.source} of {summary.integration}"),
        ("happened", f"{date_and_clock(summary.happened)}, rebuilt" if summary.rebuilt else ""),
        ("quarantined", summary.quarantined or ""),
        ("came again", f"{summary.duplicates} times, not stored" if summary.duplicates else ""),
        ("size", f"{summary.size:,} bytes"),
    )
    for title, value in facts:
        if value:
            console.print(inert(f"{title:<12}", "dim") + inert(value), soft_wrap=True)
    _section(console, "Headers", (f"{name}: {value}" for name, value in sorted(detail.delivery.headers.items())))
    _section(console, "Body", _body_lines(detail))
    _section(console, "What happened", (line.strip(" ") for line in lines_of(detail.explanation)[1:]))
    _section(console, "Attempts", map(_attempt_line, detail.attempts))


def _section(console: Console, title: str, lines: Iterable[str]) -> None:
    shown = list(lines)
    if shown:
        console.print()
        console.print(inert(title, "bold"))
        for line in shown:
            console.print(inert(f"  {line}"), soft_wrap=True)


def _body_lines(detail: DeliveryDetail) -> list[str]:
    body = _decoded(detail.delivery.body)
    if body is None:
        return ["It is no JSON: `--raw` writes it as it came."]
    lines = json.dumps(body, indent=2, ensure_ascii=False).splitlines()
    more = len(lines) - _MOST_LINES
    return lines if more <= 0 else [*lines[:_MOST_LINES], f"and {more} more lines: `--raw` or `--json` has all of it"]


def _decoded(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _attempt_object(entry: JournalEntry) -> dict[str, Any]:
    return {
        "at": entry.at,
        "handler": entry.handler,
        "attempt": entry.attempts,
        "state": entry.state,
        "did": list(entry.did),
        "error": entry.error or None,
    }


def _attempt_line(entry: JournalEntry) -> str:
    after = duration(max(0, entry.since_accepted))
    return f"{date_and_clock(entry.at)}  {entry.handler}, {after} after it was accepted: {ended(entry)}"
