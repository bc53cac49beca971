"""`vedette rules`: trying out triage rules."""

import typer

from console.rules_backtest import backtest
from console.rules_ready import ready
from console.rules_suggest import suggest

app = typer.Typer(help="Rules for triage: try them before they touch anything.", no_args_is_help=True)
app.command()(backtest)
app.command()(suggest)
app.command()(ready)
