"""`vedette rules`: trying out triage rules."""

import typer

from console.rules_backtest import backtest

app = typer.Typer(help="Rules for triage: try them before they touch anything.", no_args_is_help=True)
app.command()(backtest)
