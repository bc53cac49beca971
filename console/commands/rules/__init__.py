"""`vedette rules`: checking triage rules, trying them out, and getting to them."""

import typer

from console.lazy_commands import group_of

COMMANDS = {
    "check": "console.commands.rules.check:check",
    "test": "console.commands.rules.evaluate:try_out",
    "backtest": "console.commands.rules.backtest:backtest",
    "suggest": "console.commands.rules.suggest:suggest",
    "ready": "console.commands.rules.presets:ready",
    "schema": "console.commands.rules.check:schema",
}
app = typer.Typer(cls=group_of(COMMANDS), no_args_is_help=True)


@app.callback()
def _rules() -> None:
    """Rules for triage: try them before they touch anything."""
