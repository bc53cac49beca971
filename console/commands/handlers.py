"""`vedette handlers`: the loaded handlers with their needs, grants, calls and problems."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict

import typer
from rich.console import Console
from rich.table import Table

from console.exit_codes import WRONG_USAGE, explained
from console.filters import AsJson
from console.rendering.terminal import inert, make_console
from console.session import ask
from vedette.admin.handlers import CallCounts, HandlerOverview, list_handlers
from vedette.admin.session import AdminSession
from vedette.plugins.unknown_names import find_unknown_tables
from vedette.settings.settings import Settings
from vedette.store.access.handler_roster import OFF, HandlerRoster
from vedette.store.access.held_calls import HeldCalls

_MARKS = ("sent", "denied", "observed", "proposed", "paused")


def handlers(as_json: AsJson = False) -> None:
    """List the handlers that the workers have loaded, with the scopes they need, their grants and problems.

    Exit code 2 if the settings here name a handler or provider that the workers have not loaded.
    """

    async def find(session: AdminSession) -> tuple[HandlerOverview, Settings]:
        return await list_handlers(session), session.settings

    with explained():
        overview, settings = ask(find)
    console, roster = make_console(), overview.roster
    print_handlers(console, roster, overview.calls, as_json=as_json)
    if not as_json:
        print_held(console, overview.held)
    if roster is not None and roster.names:
        found, _ = find_unknown_tables(settings, roster.names, roster.providers, is_complete=roster.is_complete)
        for problem in found:
            typer.echo(str(problem), err=True)
        if found:
            raise typer.Exit(WRONG_USAGE)


def print_held(console: Console, held: Sequence[HeldCalls]) -> None:
    """Print the calls to Sentry that wait, and for how long."""
    for one in held:
        sentence = (
            f"{one.bucket} calls to {one.account} are held back for another {one.seconds:.0f} s: Sentry, or a "
            "proxy in front of it, answered 429. Runs that need them are deferred."
        )
        console.print(inert(sentence, "yellow"), soft_wrap=True)


def print_handlers(console: Console, roster: HandlerRoster | None, counts: CallCounts, *, as_json: bool) -> None:
    """Print the handlers that the workers have loaded."""
    if as_json:
        for handler in roster.handlers if roster else ():
            sys.stdout.write(json.dumps({**asdict(handler), "calls": dict(counts.get(handler.name, {}))}) + "\n")
        return
    if roster is None:
        console.print("No worker has started yet: `vedette up` starts one.")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("handler", "events", "mode", "needs", "may", "writes", "from"):
        table.add_column(title)
    for one in roster.handlers:
        mode = ", ".join((one.mode, *one.modes))
        events = ", ".join((*one.patterns, *(f"every {cron}" for cron in one.crons)))
        events += (f" when {one.when}" if one.when else "") + (f" {one.where}" if one.where else "")
        writes = ", ".join(f"{counts[one.name][mark]} {mark}" for mark in _MARKS if counts.get(one.name, {}).get(mark))
        table.add_row(
            *(inert(text) for text in (one.name, events, mode, " ".join(one.needs), one.grant, writes, one.source))
        )
    console.print(table)
    for one in roster.handlers:
        for sentence in one.missing:
            style = "dim" if one.mode == OFF else "yellow"
            console.print(inert(f"{one.name}: {sentence}", style), soft_wrap=True)
    for problem in roster.problems:
        console.print(inert(str(problem), "red"), soft_wrap=True)
