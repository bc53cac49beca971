"""`vedette dead`: dead letters, listed, grouped, shown and discarded; `vedette replay` runs them again."""

import json
import sys
from collections.abc import Sequence
from typing import Annotated, Literal

import typer

from console.exit_codes import FOUND_WRONG, WRONG_USAGE, explained, refuse
from console.filters import NO_MATCH, AsJson, Group, Handler, Issue, Limit, Resource, Since, since_or_exit
from console.rendering.dead_table import group_object, letter_object, print_groups, print_letter, print_letters
from console.rendering.issue_links import IssueLinks
from console.rendering.terminal import echo, make_console
from console.session import ask
from vedette.admin.dead_groups import group_letters
from vedette.admin.dead_letters import discard_runs, get_dead_letter, list_dead_letters
from vedette.admin.filters import DeliveryFilter
from vedette.admin.session import AdminSession
from vedette.settings.settings import load_settings
from vedette.store.runs.dead_letters import DeadLetter

app = typer.Typer(help="Runs that failed for good: dead letters.", pretty_exceptions_enable=False)
Identifier = Annotated[str, typer.Argument(help="DELIVERY:HANDLER, as `vedette dead` lists it.")]
_ALL = 100_000


@app.callback(invoke_without_command=True)
def dead(
    context: typer.Context,
    since: Since = "365d",
    resource: Resource = "",
    handler: Handler = "",
    issue: Issue = "",
    group: Group = "",
    by: Annotated[
        Literal["run", "error"], typer.Option(help="One line for each run, or for each handler and error.")
    ] = "run",
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """List the runs that failed for good, or with `--by error` the groups of those with one cause."""
    if context.invoked_subcommand is not None:
        return
    most = limit if by == "run" else _ALL
    wanted = DeliveryFilter(since_or_exit(since), resource, handler, issue, most, group=group)
    with explained():
        found = ask(lambda session: list_dead_letters(session, wanted))
    nothing = NO_MATCH if wanted.is_narrowed else "Nothing is dead."
    if by == "error":
        _show_groups(found, limit, nothing, as_json=as_json)
    elif as_json:
        _write([letter_object(letter) for letter in found])
    elif found:
        print_letters(make_console(), found, IssueLinks(load_settings()))
    else:
        echo(nothing)


@app.command()
def show(identifier: Identifier, as_json: AsJson = False) -> None:
    """Show a dead letter in full: error, traceback, attempts, delivery, and what can be done."""
    letter = _one(identifier)
    if as_json:
        _write([letter_object(letter)])
        return
    print_letter(make_console(), letter)


@app.command()
def discard(
    identifier: Annotated[str, typer.Argument(help="DELIVERY:HANDLER; or filters for several.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="All that match the filters.")] = False,
    since: Since = "365d",
    resource: Resource = "",
    handler: Handler = "",
    issue: Issue = "",
    group: Group = "",
    limit: Limit = _ALL,
) -> None:
    """Close dead runs for good: one, or with --all those that match the filters."""
    if bool(identifier) == everything:
        refuse("Name one as DELIVERY:HANDLER, or say --all with filters", WRONG_USAGE)
    wanted = DeliveryFilter(since_or_exit(since), resource, handler, issue, limit, group=group)

    async def close(session: AdminSession) -> int:
        found = [] if identifier else await list_dead_letters(session, wanted)
        return await discard_runs(session, [identifier] if identifier else [letter.id for letter in found])

    with explained():
        count = ask(close)
    typer.echo(f"{count} discarded")
    if identifier and not count:
        raise typer.Exit(FOUND_WRONG)


def _show_groups(letters: Sequence[DeadLetter], limit: int, nothing: str, *, as_json: bool) -> None:
    groups = group_letters(letters)[:limit]
    if as_json:
        _write([group_object(group) for group in groups])
    elif groups:
        print_groups(make_console(), groups)
    else:
        echo(nothing)


def _one(identifier: str) -> DeadLetter:
    with explained():
        letter = ask(lambda session: get_dead_letter(session, identifier))
    if letter is None:
        refuse(f"There is no dead run {identifier}: `vedette dead` lists them all")
    return letter


def _write(objects: Sequence[dict[str, object]]) -> None:
    for one in objects:
        sys.stdout.write(json.dumps(one) + "\n")
