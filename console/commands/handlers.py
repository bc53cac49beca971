"""`vedette handlers`: the loaded handlers with their needs, grants, calls and problems; and the check of a plugin."""

import json
import sys
from collections.abc import Mapping
from typing import Annotated

import typer

from console.exit_codes import FOUND_WRONG, WRONG_USAGE, explained, write_error
from console.filters import AsJson
from console.rendering.handler_table import print_handlers, print_held
from console.rendering.terminal import echo, make_console
from console.session import ask
from vedette.admin.handlers import HandlerOverview, list_handlers
from vedette.admin.session import AdminSession
from vedette.settings.settings import Settings, load_settings

app = typer.Typer(help="Handlers: those that the workers have loaded.", invoke_without_command=True)


@app.callback(invoke_without_command=True)
def handlers(context: typer.Context, as_json: AsJson = False) -> None:
    """List the handlers that the workers have loaded, with the scopes they need, their grants and problems.

    Exit code 2 if the settings here name a handler or provider that the workers have not loaded.
    """
    if context.invoked_subcommand is not None:
        return

    async def find(session: AdminSession) -> tuple[HandlerOverview, Settings]:
        return await list_handlers(session), session.settings

    with explained():
        overview, settings = ask(find)
    console, roster = make_console(), overview.roster
    print_handlers(console, overview, as_json=as_json)
    if not as_json:
        print_held(console, overview.held)
    if roster is not None and roster.names:
        from vedette.plugins.unknown_names import find_unknown_tables  # noqa: PLC0415 - a listing needs no plugins

        found, _ = find_unknown_tables(settings, roster.names, roster.providers, is_complete=roster.is_complete)
        for problem in found:
            write_error(str(problem), WRONG_USAGE)
        if found:
            raise typer.Exit(WRONG_USAGE)


@app.command()
def check(
    plugins: Annotated[
        list[str], typer.Argument(metavar="FILE|PACKAGE", help="A file, a folder, or the name of a package.")
    ],
    as_json: AsJson = False,
) -> None:
    """Check the handlers of a plugin as a worker would load them, without a worker, Redis or Sentry.

    Exit code 0: they can be used; 1: something is wrong; 2: there is no such plugin.
    """
    from vedette.admin.lookup.plugin_check import check_plugin  # noqa: PLC0415 - it imports all of the plugin machinery

    with explained():
        settings = load_settings()
        found = [(name, check_plugin(name, settings)) for name in plugins]
    is_wrong = False
    for _, one in found:
        for handler in one.handlers:
            values = {"handler": handler.name, "events": list(handler.patterns), "needs": list(handler.needs)}
            _show(values, f"{handler.name}: {', '.join(handler.patterns) or 'its schedule'}", as_json=as_json)
        for off in one.off:
            _show({"handler": off.name, "off": off.remedy}, f"{off.name}: {off.remedy}", as_json=as_json)
        for problem in one.problems:
            is_wrong = True
            values = {"source": problem.source, "problem": problem.reason}
            _show(values, f"{problem.source}: {problem.reason}", as_json=as_json)
    if is_wrong:
        raise typer.Exit(FOUND_WRONG)


def _show(values: Mapping[str, object], sentence: str, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(dict(values)) + "\n")
    else:
        echo(sentence)
