"""`vedette schedule`: delayed messages, listed and cancelled."""

import json
import sys
from dataclasses import asdict
from typing import Annotated

import typer

from console.exit_codes import explained, refuse
from console.filters import AsJson, Limit
from console.rendering.formatting import date_and_clock
from console.rendering.record_table import Column, print_listing
from console.rendering.terminal import make_console
from console.session import ask
from vedette.admin.schedule import cancel_message, list_schedule
from vedette.store.queues.delayed import DelayedMessage

app = typer.Typer(help="Delayed messages: retries, deferred runs, scheduled handlers.", pretty_exceptions_enable=False)


@app.callback(invoke_without_command=True)
def schedule(
    context: typer.Context,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """List retries, throttled and gathered runs and other delayed messages, the next one first."""
    if context.invoked_subcommand is not None:
        return
    with explained():
        entries = ask(lambda session: list_schedule(session, limit))
    if as_json:
        for entry in entries:
            sys.stdout.write(json.dumps(asdict(entry)) + "\n")
        return
    _print(entries)


@app.command()
def cancel(
    entry: Annotated[
        str, typer.Argument(help="The id, as `vedette schedule` lists it, in quotes; or DELIVERY:HANDLER.")
    ],
) -> None:
    """Cancel a delayed message; the run that it is for is dropped."""
    with explained():
        was_there = ask(lambda session: cancel_message(session, entry))
    if not was_there:
        refuse(f"Nothing in the schedule is called {entry!r}: `vedette schedule` lists what waits")
    typer.echo("cancelled")


def _print(entries: list[DelayedMessage]) -> None:
    console = make_console()
    if not entries:
        console.print("Nothing waits for its time.")
        return
    columns: list[Column[DelayedMessage]] = [
        Column("due", lambda one: date_and_clock(one.due), heads=True, style="dim"),
        Column("handler", lambda one: one.run or one.queue, heads=True, style="cyan"),
        Column("why", lambda one: one.why, wraps=True),
        Column("id", lambda one: one.id, style="dim"),
    ]
    print_listing(console, columns, entries)
