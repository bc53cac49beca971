"""`vedette rules ready`: the rules that ship with Vedette, listed, or one printed to paste."""

import json
from typing import Annotated

import typer

from console.exit_codes import WRONG_USAGE, refuse
from console.filters import AsJson
from console.rendering.record_table import Column, print_listing
from console.rendering.terminal import make_console
from vedette.rules.presets import RulePreset, UnknownPresetError, ready_names, ready_rules


def ready(
    name: Annotated[str, typer.Argument(help="Which to print; all are listed without.")] = "",
    as_json: AsJson = False,
) -> None:
    """List the rules that come with Vedette, or print some to paste into triage.toml."""
    try:
        found = [ready_rules(name)] if name else [ready_rules(each) for each in ready_names()]
    except UnknownPresetError as error:
        refuse(str(error), WRONG_USAGE)
    if as_json:
        for one in found:
            typer.echo(json.dumps({"name": one.name, "summary": one.summary, "cost": one.cost, "text": one.text}))
    elif name:
        typer.echo(found[0].text, nl=False)
    else:
        columns: list[Column[RulePreset]] = [
            Column("name", lambda one: one.name, heads=True),
            Column("what it does", lambda one: one.summary, wraps=True),
            Column("what it costs", lambda one: one.cost, wraps=True),
        ]
        print_listing(make_console(), columns, found)
