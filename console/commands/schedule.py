"""`vedette schedule`: what waits for its time, and taking something out of it."""

import json
import sys
from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from console.exit_codes import FOUND_WRONG, explained
from console.filters import Limit
from console.rendering.formatting import date_and_clock
from console.rendering.terminal import inert, make_console
from console.session import ask
from vedette.store.queues.delayed import DelayedMessage, DelayedMessages

app = typer.Typer(help="What waits for its time.", pretty_exceptions_enable=False)


@app.callback(invoke_without_command=True)
def schedule(
    context: typer.Context,
    limit: Limit = 50,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, for programs.")] = False,
) -> None:
    """List retries, throttled and gathered runs and other delayed messages, the next one first."""
    if context.invoked_subcommand is not None:
        return
    with explained():
        entries = ask(lambda client: DelayedMessages(client).next(limit=limit))
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
    """Take one out; a run that it asked for is dropped."""
    with explained():
        was_there = ask(lambda client: DelayedMessages(client).cancel(entry))
    if not was_there:
        typer.echo(f"Nothing in the schedule is called {entry!r}: `vedette schedule` lists what waits", err=True)
        raise typer.Exit(FOUND_WRONG)
    typer.echo("cancelled")


def _print(entries: list[DelayedMessage]) -> None:
    console = make_console()
    if not entries:
        console.print("Nothing waits for its time.")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("due", "handler", "why", "id"):
        table.add_column(title, overflow="fold", no_wrap=title in {"due", "handler"})
    for entry in entries:
        table.add_row(*map(inert, (date_and_clock(entry.due), entry.run or entry.queue, entry.why, entry.id)))
    console.print(table)
