"""`vedette rules`: checking triage rules, trying them out, and getting to them."""

import typer

from console.rules_backtest import backtest
from console.rules_check import check, schema
from console.rules_ready import ready
from console.rules_suggest import suggest
from console.rules_trying import try_out

app = typer.Typer(help="Rules for triage: try them before they touch anything.", no_args_is_help=True)
app.command()(check)
app.command(name="test")(try_out)
app.command()(backtest)
app.command()(suggest)
app.command()(ready)
app.command()(schema)
