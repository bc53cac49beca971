"""`vedette dead`: dead letters, listed, shown and discarded; `vedette replay` runs them again."""

import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from console.exit_codes import FOUND_WRONG, WRONG_USAGE, explained
from console.filters import NO_MATCH, AsJson, Handler, Issue, Limit, Resource, Since, since_or_exit
from console.rendering.formatting import date_and_clock, name_of
from console.rendering.terminal import inert, inert_lines, make_console
from console.session import ask
from vedette.admin.dead_letters import discard_runs, get_dead_letter, list_dead_letters
from vedette.admin.filters import DeliveryFilter
from vedette.admin.session import AdminSession
from vedette.store.runs.dead_letters import DeadLetter

if TYPE_CHECKING:
    from collections.abc import Callable

app = typer.Typer(help="Runs that failed for good: dead letters.", pretty_exceptions_enable=False)
Identifier = Annotated[str, typer.Argument(help="DELIVERY:HANDLER, as `vedette dead` lists it.")]


@app.callback(invoke_without_command=True)
def dead(
    context: typer.Context,
    since: Since = "365d",
    resource: Resource = "",
    handler: Handler = "",
    issue: Issue = "",
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """List the runs that failed for good."""
    if context.invoked_subcommand is not None:
        return
    wanted = DeliveryFilter(since_or_exit(since), resource, handler, issue, limit)
    with explained():
        found = ask(lambda session: list_dead_letters(session, wanted))
    if as_json:
        for letter in found:
            sys.stdout.write(json.dumps(letter_object(letter)) + "\n")
        return
    _print(make_console(), found, NO_MATCH if wanted.is_narrowed else "Nothing is dead.")


@app.command()
def show(identifier: Identifier, as_json: AsJson = False) -> None:
    """Show a dead letter in full: error, traceback, attempts, delivery."""
    letter = _one(identifier)
    if as_json:
        sys.stdout.write(json.dumps(letter_object(letter)) + "\n")
        return
    console = make_console()
    for name, value in letter_object(letter).items():
        if value not in (None, "", []) and name != "trace":
            console.print(inert(f"{name:>12}  ", "bold") + inert(str(value)), soft_wrap=True)
    if letter.run.trace:
        console.print()
        console.print(inert_lines(letter.run.trace, "dim"), soft_wrap=True)


@app.command()
def discard(
    identifier: Annotated[str, typer.Argument(help="DELIVERY:HANDLER; or filters for several.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="All that match the filters.")] = False,
    since: Since = "365d",
    resource: Resource = "",
    handler: Handler = "",
    issue: Issue = "",
    limit: Limit = 100_000,
) -> None:
    """Close dead runs for good: one, or with --all those that match the filters."""
    if bool(identifier) == everything:
        typer.echo("Name one as DELIVERY:HANDLER, or say --all with filters", err=True)
        raise typer.Exit(WRONG_USAGE)
    wanted = DeliveryFilter(since_or_exit(since), resource, handler, issue, limit)

    async def close(session: AdminSession) -> int:
        found = [] if identifier else await list_dead_letters(session, wanted)
        return await discard_runs(session, [identifier] if identifier else [letter.id for letter in found])

    with explained():
        count = ask(close)
    typer.echo(f"{count} discarded")
    if identifier and not count:
        raise typer.Exit(FOUND_WRONG)


def letter_object(letter: DeadLetter) -> dict[str, Any]:
    """Return a dead letter as JSON."""
    run, delivery = letter.run, letter.delivery
    return {
        "id": letter.id,
        "delivery": run.delivery,
        "handler": run.handler,
        "put_off": run.deferral,
        "source": run.source,
        "mode": run.mode,
        "state": run.state,
        "resource": delivery.resource,
        "action": delivery.action,
        "subject": delivery.subject,
        "issue": delivery.issue,
        "label": delivery.label,
        "accepted": delivery.accepted,
        "queued": run.queued,
        "ended": run.ended,
        "attempts": run.attempts,
        "deaths": run.crashes,
        "error": run.error,
        "did": list(run.did),
        "trace": run.trace,
    }


def _one(identifier: str) -> DeadLetter:
    with explained():
        letter = ask(lambda session: get_dead_letter(session, identifier))
    if letter is None:
        typer.echo(f"There is no dead run {identifier}: `vedette dead` lists them all", err=True)
        raise typer.Exit(FOUND_WRONG)
    return letter


def _print(console: Console, letters: list[DeadLetter], nothing: str) -> None:
    if not letters:
        console.print(nothing)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    cells: list[tuple[str, Callable[[DeadLetter], str]]] = [
        ("ended", lambda one: date_and_clock(one.run.ended or 0)),
        ("event", lambda one: name_of(one.delivery.resource, one.delivery.action)),
        ("issue", lambda one: one.delivery.label or ""),
        ("state", lambda one: one.run.state),
        ("attempts", lambda one: str(one.run.attempts)),
        ("error", lambda one: one.run.error or ""),
        ("id", lambda one: one.id),
    ]
    for title, _ in cells:
        table.add_column(title, overflow="fold", no_wrap=title not in {"error", "id"})
    for letter in letters:
        table.add_row(*(inert(cell(letter)) for _, cell in cells))
    console.print(table)
