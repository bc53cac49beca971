"""The listing commands: tables for people, one JSON object a line for programs, with stable field names."""

import json
import re
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from console.rendering.formatting import date_and_clock, name_of, outcome_of, state_of
from console.rendering.terminal import inert
from vedette.store.deliveries.deliveries import Deliveries, DeliverySummary
from vedette.store.runs.run import Run
from vedette.store.runs.runs import Runs
from vedette.store.server.client import RedisClient

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_PAGE = 500
_TABLE_WIDTH = 130
"""Below it a table would break words."""
_STATE_STYLES = {"handled": "green", "failing": "yellow", "failed": "red", "quarantined": "red", "unhandled": "dim"}
Row = tuple[DeliverySummary, list[Run]]
NO_DELIVERIES = "No deliveries. `vedette trigger issue.created` sends one."


def parse_since(text: str, now: float | None = None) -> int:
    """Turn an age such as `30m`, `24h` or `7d` into the Unix time, in milliseconds, that long ago.

    Raises:
        ValueError: Saying what is accepted.
    """
    return max(0, round((time.time() if now is None else now) * 1000) - parse_age(text))


def parse_age(text: str) -> int:
    """Turn an age such as `30m`, `24h` or `7d` into milliseconds.

    Raises:
        ValueError: Saying what is accepted.
    """
    found = re.fullmatch(r"([0-9]{1,9})([smhdw])", text.strip())
    if found is None:
        raise ValueError(f"{text!r} is no age: write a number and a unit, such as 30m, 24h or 7d")
    return int(found[1]) * _UNITS[found[2]] * 1000


async def find_deliveries(
    client: RedisClient, *, since: int, limit: int, keep: Callable[[DeliverySummary, list[Run]], bool]
) -> list[Row]:
    """Return the newest deliveries that `keep` says yes to, with their runs."""
    deliveries, runs = Deliveries(client), Runs(client)
    rows: list[Row] = []
    offset = 0
    while len(rows) < limit:
        page = await deliveries.latest(since=since, limit=_PAGE, offset=offset)
        if not page:
            break
        of = await runs.of([(one.id, one.runs or ()) for one in page])
        rows += [(one, of[one.id]) for one in page if keep(one, of[one.id])]
        offset += _PAGE
    return rows[:limit]


def delivery_object(delivery: DeliverySummary, runs: Sequence[Run]) -> dict[str, Any]:
    """Return a delivery as programs read it."""
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


def _cells(delivery: DeliverySummary, runs: Sequence[Run]) -> list[Text]:
    state = state_of(delivery, runs)
    return [
        inert(date_and_clock(delivery.accepted), "dim"),
        inert(name_of(delivery.resource, delivery.action)),
        inert(delivery.label or "-"),
        inert(state, _STATE_STYLES.get(state, "")),
    ]
