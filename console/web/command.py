"""`vedette console`: the web console as a process, and one-time links to it."""

import json
import sys
from typing import Annotated

import typer

from console.exit_codes import WRONG_USAGE, explained
from console.rendering.terminal import echo
from console.session import ask, current_user
from console.sign_in_links import make_link
from vedette._core.logging_setup import configure_logging
from vedette.admin.session import AdminSession
from vedette.settings.settings import load_settings
from vedette.store.console.account import ROLES, Account, role_named

app = typer.Typer(help="The web console, for people who rather look than type.", pretty_exceptions_enable=False)
_LONGEST_NAME = 120


@app.callback(invoke_without_command=True)
def console(context: typer.Context) -> None:
    """Run the web console alone: `vedette console link` prints a link that signs in to it."""
    if context.invoked_subcommand is not None:
        return
    from console.web.process import run  # noqa: PLC0415 - only this process pays for what the console needs

    configure_logging()
    with explained():
        run(load_settings(), ready=lambda url: print(f"The console listens at {url}", flush=True))


@app.command()
def link(
    role: Annotated[str, typer.Option(help="The role: viewer, approver or operator.")] = "operator",
    name: Annotated[str, typer.Option(help="Name of the person, for the audit; the system's user unless given.")] = "",
    saves_rules: Annotated[bool, typer.Option("--save-rules", help="Let the person save rules.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, for programs.")] = False,
) -> None:
    """Print a link that signs one person in to the web console, once, within ten minutes."""
    chosen = role_named(role)
    if chosen is None:
        echo(f"There is no role {role}: there are {', '.join(ROLES)}", err=True)
        raise typer.Exit(WRONG_USAGE)
    person = name or current_user()
    if len(person) > _LONGEST_NAME or not person.isprintable():
        echo(f"The name may have up to {_LONGEST_NAME} letters", err=True)
        raise typer.Exit(WRONG_USAGE)
    account = Account(person, chosen, saves_rules)

    async def make(session: AdminSession) -> str:
        settings = session.settings.console
        return await make_link(session.redis, settings.url or settings.local_url, account)

    with explained():
        url = ask(make)
    sys.stdout.write(f"{json.dumps({'url': url, 'role': role, 'name': person}) if as_json else url}\n")
