"""`vedette audit`: what handlers did and tried, and whether the record is whole."""

from typing import Annotated

import typer

from console.acting import controls_of
from console.commands.audit_filter import (
    AuditFilter,
    HandlerOption,
    IssueOption,
    ProjectOption,
    RuleOption,
    UntilOption,
)
from console.exit_codes import FOUND_WRONG, WRONG_USAGE, explained
from console.instance import Instance, find_place
from console.rendering import delivery_table
from console.rendering.audit_table import AuditLine, export, find_lines, print_lines
from console.rendering.terminal import make_console
from console.session import ask_at
from vedette.settings.settings import load_settings
from vedette.store.server.client import RedisClient

app = typer.Typer(help="What handlers did in Sentry, and tried to do.", invoke_without_command=True)


@app.callback(invoke_without_command=True)
def audit(
    context: typer.Context,
    since: Annotated[str, typer.Option(help="Only what happened within this age: 30m, 24h, 7d.")] = "52w",
    until: UntilOption = "0s",
    handler: HandlerOption = "",
    issue: IssueOption = "",
    rule: RuleOption = "",
    project: ProjectOption = "",
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the newest first.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, for programs.")] = False,
) -> None:
    """List what handlers did and tried, the newest first."""
    if context.invoked_subcommand is not None:
        return
    wanted = AuditFilter(handler, issue, rule, project, age_or_exit(since), age_or_exit(until))

    async def finding(place: Instance, client: RedisClient) -> list[AuditLine]:
        found = controls_of(place, client).audit
        first, last = await wanted.span(client)
        lines = await find_lines(found, since=first, until=last, limit=limit, keep=wanted.keep)
        if not lines:
            await wanted.refuse_unknown(client, found)
        return lines

    with explained():
        place = find_place(load_settings())
        lines = ask_at(place, lambda client: finding(place, client))
    print_lines(make_console(), lines, as_json=as_json, is_filtered=not wanted.is_empty())


@app.command()
def verify(
    expect: Annotated[
        str, typer.Option(help="An entry that was printed or logged before: it must still be there.")
    ] = "",
) -> None:
    """Follow the chain of hashes and say whether an entry was changed, removed or slipped in."""
    with explained():
        place = find_place(load_settings())
        found = ask_at(place, lambda client: controls_of(place, client).audit.verify(expect))
    for problem in found.problems:
        typer.echo(problem, err=True)
    for remark in found.remarks:
        typer.echo(remark, err=True)
    if found.problems or not found.expected_found:
        raise typer.Exit(FOUND_WRONG)
    typer.echo(f"{found.entries} entries, none changed or missing. Newest entry: {found.head or '-'}")
    typer.echo(_proven(expect))


def _proven(expect: str) -> str:
    """Say what a chain without a break shows, and what it does not."""
    if expect:
        return (
            "Up to the entry that was expected the record is the one that it was then. What came after it could have "
            "been made anew: keep the newest entry elsewhere too."
        )
    return (
        "This shows no record made anew from some entry on, and no end that was cut off: keep the newest entry "
        "elsewhere and give it with --expect next time. Workers log it once a minute (newest entry of the audit)."
    )


@app.command(name="export")
def export_command() -> None:
    """Write all entries as JSON lines, the oldest first."""
    with explained():
        place = find_place(load_settings())
        ask_at(place, lambda client: export(controls_of(place, client).audit.oldest()))


def age_or_exit(text: str) -> int:
    """Return an age in milliseconds; end the command where it is none."""
    try:
        return delivery_table.parse_age(text)
    except ValueError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(WRONG_USAGE) from None
