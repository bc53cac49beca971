"""The `vedette` command."""

import io
import sys
from typing import Annotated

import typer

from console.commands import group_of
from vedette.logs import log_for_people
from vedette.version import vedette_version

COMMANDS = {
    "up": "console.up:up",
    "receiver": "console.processes:receiver",
    "worker": "console.processes:worker",
    "simulate": "console.simulate:simulate",
    "trigger": "console.trigger:trigger",
    "deliveries": "console.deliveries:deliveries",
    "runs": "console.runs:runs",
    "explain": "console.explain:explain",
    "dead": "console.dead:app",
    "replay": "console.replay:replay",
    "schedule": "console.schedule:app",
    "handlers": "console.handlers_listing:handlers",
    "audit": "console.audit:app",
    "proposals": "console.orders:proposals",
    "approve": "console.orders:approve",
    "reject": "console.orders:reject",
    "undo": "console.undo:undo",
    "pause": "console.pausing:pause",
    "resume": "console.pausing:resume",
    "rules": "console.rules:app",
    "new": "console.new:app",
}
"""Each command and where it is, in the order that `--help` lists them."""

app = typer.Typer(
    cls=group_of(COMMANDS),
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    help="Receive Sentry's webhooks and act on them. Settings come from VEDETTE_* variables and vedette.toml.",
)


def main() -> None:
    """Run the command line; what is logged goes to standard error, so that programs can read the output."""
    for stream in (sys.stdout, sys.stderr):
        # A locale that lacks a letter, or half of a surrogate pair, must not end a command.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    log_for_people()
    app()


@app.callback(invoke_without_command=True)
def _vedette(
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    if version:
        typer.echo(f"vedette {vedette_version()}")
        raise typer.Exit
