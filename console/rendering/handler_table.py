"""Loaded handlers as a table for people, and as JSON objects with stable field names for programs."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

from rich.console import Console
from rich.text import Text

from console.rendering.record_table import Column, print_listing
from console.rendering.terminal import inert
from vedette.admin.handlers import HandlerOverview
from vedette.store.access.handler_roster import OFF, RosterHandler
from vedette.store.access.held_calls import HeldCalls

_MARKS: Final = ("sent", "denied", "observed", "proposed", "paused")
_MODE_STYLES: Final = {"act": "green", "observe": "cyan", "propose": "yellow", OFF: "dim"}


def print_handlers(console: Console, overview: HandlerOverview, *, as_json: bool) -> None:
    """Print the handlers that the workers have loaded."""
    roster, counts = overview.roster, overview.calls
    if as_json:
        for handler in roster.handlers if roster else ():
            name = handler.name
            state = {"paused": name in overview.paused, "disabled": name in overview.disabled}
            sys.stdout.write(json.dumps({**asdict(handler), "calls": dict(counts.get(name, {})), **state}) + "\n")
        return
    if roster is None:
        console.print("No worker has started yet: `vedette up` starts one.")
        return

    def writes(handler: RosterHandler) -> str:
        made = counts.get(handler.name, {})
        return ", ".join(f"{made[mark]} {mark}" for mark in _MARKS if made.get(mark))

    columns: list[Column[RosterHandler]] = [
        Column("handler", lambda one: one.name, heads=True, style="cyan"),
        Column("mode", lambda one: _mode(one, overview), heads=True),
        Column("events", _events, wraps=True),
        Column("needs", lambda one: " ".join(one.needs), wraps=True),
        Column("may", lambda one: one.grant, wraps=True),
        Column("writes", writes, wraps=True),
        Column("from", lambda one: one.source, wraps=True, style="dim"),
    ]
    print_listing(console, columns, roster.handlers)
    for one in roster.handlers:
        for sentence in one.missing:
            style = "dim" if one.mode == OFF else "yellow"
            console.print(inert(f"{one.name}: {sentence}", style), soft_wrap=True)
    for problem in roster.problems:
        console.print(inert(str(problem), "red"), soft_wrap=True)


def print_held(console: Console, held: Sequence[HeldCalls]) -> None:
    """Print the calls to Sentry that wait, and for how long."""
    for one in held:
        sentence = (
            f"{one.bucket} calls to {one.account} are held back for another {one.seconds:.0f} s: Sentry, or a "
            "proxy in front of it, answered 429. Runs that need them are deferred."
        )
        console.print(inert(sentence, "yellow"), soft_wrap=True)


def _mode(handler: RosterHandler, overview: HandlerOverview) -> Text:
    modes = ", ".join((handler.mode, *handler.modes))
    if handler.name in overview.disabled:
        return inert(f"disabled ({modes})", "red")
    if handler.name in overview.paused and handler.mode != OFF:
        return inert(f"paused ({modes})", "yellow")
    return inert(modes, _MODE_STYLES.get(handler.mode, ""))


def _events(handler: RosterHandler) -> str:
    events = ", ".join((*handler.patterns, *(f"every {cron}" for cron in handler.crons)))
    return events + (f" when {handler.when}" if handler.when else "") + (f" {handler.where}" if handler.where else "")
