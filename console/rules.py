"""`vedette rules`: checking triage rules, trying them out, and getting to them."""

import typer

from console.commands import group_of

COMMANDS = {
    "check": "console.rules_check:check",
    "test": "console.rules_trying:try_out",
    "backtest": "console.rules_backtest:backtest",
    "suggest": "console.rules_suggest:suggest",
    "ready": "console.rules_ready:ready",
    "schema": "console.rules_check:schema",
}
app = typer.Typer(cls=group_of(COMMANDS), no_args_is_help=True)


@app.callback()
def _rules() -> None:
    """Rules for triage: try them before they touch anything."""
