"""`vedette config`: the settings in force, and where each comes from."""

import json
import sys
from typing import Annotated

import typer

from console.exit_codes import explained
from console.filters import AsJson
from console.rendering.record_table import Column, print_listing
from console.rendering.terminal import inert, make_console
from vedette.admin.lookup.settings_in_force import SettingInForce, list_settings
from vedette.admin.names import UnknownNameError
from vedette.settings.settings import load_settings


def config(
    setting: Annotated[str, typer.Argument(help="Only this setting, or this table: worker, worker.threads.")] = "",
    changed: Annotated[bool, typer.Option("--changed", help="Only those that somebody has set.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show the settings in force, and where each comes from: a variable, a line of the file, or the default.

    Secrets are masked. Exit code 2: the settings cannot be used.
    """
    with explained():
        found = list_settings(load_settings())
        wanted = [one for one in found if not setting or f"{one.setting}.".startswith(f"{setting}.")]
        if not wanted:
            known = {one.setting for one in found} | {one.setting.partition(".")[0] for one in found}
            raise UnknownNameError("setting", setting, known, advice="docs/settings.md lists them")
    rows = [one for one in wanted if not (changed and one.is_default)]
    if as_json:
        for one in rows:
            sys.stdout.write(json.dumps({"setting": one.setting, "value": one.value, "from": one.source}) + "\n")
        return
    columns: list[Column[SettingInForce]] = [
        Column("setting", lambda one: one.setting, heads=True),
        Column("value", lambda one: inert(_text(one.value), "dim" if one.is_default else "bold"), wraps=True),
        Column("from", lambda one: inert(one.source, "dim" if one.is_default else "cyan"), wraps=True),
    ]
    print_listing(make_console(), columns, rows)


def _text(value: object) -> str:
    return "not set" if value is None else value if isinstance(value, str) else json.dumps(value)
