"""`vedette rules ready`: the rules that ship with Vedette, listed, or one printed to paste."""

import json
from typing import Annotated

import typer
from rich.table import Table

from console.exit_codes import WRONG_USAGE
from console.rendering.terminal import make_console
from vedette.rules.presets import UnknownPresetError, ready_names, ready_rules


def ready(
    name: Annotated[str, typer.Argument(help="Which to print; all are listed without.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, for programs.")] = False,
) -> None:
    """List the rules that come with Vedette, or print some to paste into triage.toml."""
    try:
        found = [ready_rules(name)] if name else [ready_rules(each) for each in ready_names()]
    except UnknownPresetError as error:
        typer.echo(f"{error}", err=True)
        raise typer.Exit(WRONG_USAGE) from None
    if as_json:
        for one in found:
            typer.echo(json.dumps({"name": one.name, "summary": one.summary, "cost": one.cost, "text": one.text}))
    elif name:
        typer.echo(found[0].text, nl=False)
    else:
        table = Table("name", "what it does", "what it costs", box=None, header_style="dim")
        for one in found:
            table.add_row(one.name, one.summary, one.cost)
        make_console().print(table)
