"""The `vedette` command."""

import io
import sys
from typing import Annotated

import typer

from console.lazy_commands import group_of
from vedette._core.logging_setup import configure_command_logging
from vedette._core.version import vedette_version

COMMANDS = {
    "up": "console.commands.up:up",
    "receiver": "console.commands.serve:receiver",
    "worker": "console.commands.serve:worker",
    "gateway": "console.commands.serve:gateway",
    "console": "console.web.command:app",
    "simulate": "console.commands.simulate:simulate",
    "config": "console.commands.details.config:config",
    "doctor": "console.commands.doctor:doctor",
    "listen": "console.commands.listen:listen",
    "trigger": "console.commands.trigger:trigger",
    "status": "console.commands.status:status",
    "deliveries": "console.commands.deliveries:deliveries",
    "runs": "console.commands.runs:runs",
    "show": "console.commands.details.show:show",
    "explain": "console.commands.details.explain:explain",
    "refused": "console.commands.details.refused:refused",
    "reconcile": "console.commands.reconcile:reconcile",
    "dead": "console.commands.dead:app",
    "replay": "console.commands.replay:replay",
    "schedule": "console.commands.schedule:app",
    "handlers": "console.commands.handlers:app",
    "agents": "console.commands.agents:app",
    "audit": "console.commands.audit:app",
    "proposals": "console.commands.proposals:proposals",
    "approve": "console.commands.proposals:approve",
    "reject": "console.commands.proposals:reject",
    "undo": "console.commands.undo:undo",
    "pause": "console.commands.pause:pause",
    "resume": "console.commands.pause:resume",
    "disable": "console.commands.pause:disable",
    "enable": "console.commands.pause:enable",
    "rules": "console.commands.rules:app",
    "new": "console.commands.new:app",
}
"""Command -> `module:attribute`, in the order of `--help`."""

app = typer.Typer(
    cls=group_of(COMMANDS),
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    help="Receive Sentry's webhooks and act on them. Settings come from VEDETTE_* variables and vedette.toml.",
)


def main() -> None:
    """Run the command line; logs go to standard error, so that programs can read the output."""
    for stream in (sys.stdout, sys.stderr):
        # A locale that lacks a letter, or half of a surrogate pair, must not end a command.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    configure_command_logging()
    app()


@app.callback(invoke_without_command=True)
def _vedette(
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    if version:
        typer.echo(f"vedette {vedette_version()}")
        raise typer.Exit
