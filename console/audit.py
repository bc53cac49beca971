"""`vedette audit`: what handlers did and tried, and whether the record is whole."""

from typing import Annotated

import typer

from console import listings
from console.acting import controls_of
from console.asking import ask_at
from console.audit_listing import export, find_lines, print_lines
from console.failures import FOUND_WRONG, WRONG_USAGE, explained
from console.output import make_console
from console.place import find_place
from vedette.settings import load_settings
from vedette.store.audit import AuditEntry

app = typer.Typer(help="What handlers did in Sentry, and tried to do.", invoke_without_command=True)


@app.callback(invoke_without_command=True)
def audit(
    context: typer.Context,
    since: Annotated[str, typer.Option(help="Only what happened within this age: 30m, 24h, 7d.")] = "52w",
    handler: Annotated[str, typer.Option(help="Only what this handler did.")] = "",
    issue: Annotated[str, typer.Option(help="Only what was done to this issue: its id or short id.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the newest first.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, for programs.")] = False,
) -> None:
    """List what handlers did and tried, the newest first."""
    if context.invoked_subcommand is not None:
        return

    def keep(entry: AuditEntry) -> bool:
        named = {entry.text("issue"), entry.text("label"), *entry.facts.get("issues", [])}
        return (not handler or entry.text("handler") == handler) and (not issue or issue in named)

    with explained():
        start = since_or_exit(since)
        place = find_place(load_settings())
        lines = ask_at(
            place, lambda client: find_lines(controls_of(place, client).audit, since=start, limit=limit, keep=keep)
        )
    print_lines(make_console(), lines, as_json=as_json)


@app.command()
def verify(
    expect: Annotated[str, typer.Option(help="A hash that was printed before: it must still be there.")] = "",
) -> None:
    """Follow the chain of hashes and say whether an entry was changed, removed or slipped in."""
    with explained():
        place = find_place(load_settings())
        found = ask_at(place, lambda client: controls_of(place, client).audit.verify(expect))
    for problem in found.problems:
        typer.echo(problem, err=True)
    if not found.expected_found:
        typer.echo(f"no entry has the hash {expect}: the audit is not the one that it was", err=True)
    if found.problems or not found.expected_found:
        raise typer.Exit(FOUND_WRONG)
    typer.echo(f"{found.entries} entries, none changed or missing. Newest hash: {found.head or '-'}")
    typer.echo("Keep it elsewhere, and give it with --expect next time: then a record made anew shows too.")


@app.command(name="export")
def export_command() -> None:
    """Write all entries as JSON lines, the oldest first."""
    with explained():
        place = find_place(load_settings())
        ask_at(place, lambda client: export(controls_of(place, client).audit.oldest()))


def since_or_exit(text: str) -> int:
    """Return the moment that an age names; end the command where it is none."""
    try:
        return listings.parse_since(text)
    except ValueError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(WRONG_USAGE) from None
