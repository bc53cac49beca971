"""`vedette dead`: look at what ended badly, and close it; `vedette replay` runs it again."""

import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from console.exit_codes import FOUND_WRONG, WRONG_USAGE, explained
from console.filters import NO_MATCH, Handler, Issue, Limit, ListFilters, Resource, Since, since_or_exit
from console.rendering.formatting import date_and_clock, name_of
from console.rendering.terminal import inert, inert_lines, make_console
from console.session import ask
from vedette.store.runs.dead_letters import PAGE, DeadLetter, DeadLetters
from vedette.store.runs.run import KEPT_STATES
from vedette.store.server.client import RedisClient

if TYPE_CHECKING:
    from collections.abc import Callable

app = typer.Typer(help="What ended badly, kept until somebody decides.", pretty_exceptions_enable=False)
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line, for programs.")]
Identifier = Annotated[str, typer.Argument(help="DELIVERY:HANDLER, as `vedette dead` lists it.")]


async def select(client: RedisClient, wanted: ListFilters) -> list[DeadLetter]:
    """Return the dead letters that are asked for, the newest first.

    Raises:
        UnknownValueError: There are none, and a filter asks for what nothing knows.
    """
    letters = DeadLetters(client)
    found: list[DeadLetter] = []
    offset = 0
    while len(found) < wanted.limit:
        page = await letters.latest(since=wanted.since, offset=offset)
        if not page:
            break
        offset += PAGE
        found += [one for one in page if wanted.takes(one.delivery, one.run)]
    if not found:
        await wanted.refuse_unknown(client)
    return found[: wanted.limit]


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
    """List the runs that ended badly."""
    if context.invoked_subcommand is not None:
        return
    wanted = ListFilters(since_or_exit(since), resource, handler, issue, limit)
    with explained():
        found = ask(lambda client: select(client, wanted))
    if as_json:
        for letter in found:
            sys.stdout.write(json.dumps(letter_object(letter)) + "\n")
        return
    _print(make_console(), found, NO_MATCH if wanted.is_narrowed else "Nothing is dead.")


@app.command()
def show(identifier: Identifier, as_json: AsJson = False) -> None:
    """Show one with everything that is known: error, traceback, attempts, delivery."""
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
    everything: Annotated[bool, typer.Option("--all", help="All that the filters leave.")] = False,
    since: Since = "365d",
    resource: Resource = "",
    handler: Handler = "",
    issue: Issue = "",
    limit: Limit = 100_000,
) -> None:
    """Close dead runs for good: one, or with --all those that the filters leave."""
    if bool(identifier) == everything:
        typer.echo("Name one as DELIVERY:HANDLER, or say --all with filters", err=True)
        raise typer.Exit(WRONG_USAGE)
    wanted = ListFilters(since_or_exit(since), resource, handler, issue, limit)

    async def close(client: RedisClient) -> int:
        letters = DeadLetters(client)
        names = [identifier] if identifier else [letter.id for letter in await select(client, wanted)]
        return sum([await letters.discard(*_parts(name)) for name in names])

    with explained():
        count = ask(close)
    typer.echo(f"{count} discarded")
    if identifier and not count:
        raise typer.Exit(FOUND_WRONG)


def letter_object(letter: DeadLetter) -> dict[str, Any]:
    """Return a dead letter as programs read it."""
    run, delivery = letter.run, letter.delivery
    return {
        "id": letter.id,
        "delivery": run.delivery,
        "handler": run.handler,
        "put_off": run.put_off,
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
    delivery, handler = _parts(identifier)

    async def find(client: RedisClient) -> DeadLetter | None:
        found = await DeadLetters(client).get(delivery, handler)
        return found if found is not None and found.run.state in KEPT_STATES else None

    with explained():
        letter = ask(find)
    if letter is None:
        typer.echo(f"There is no dead run {identifier}: `vedette dead` lists them all", err=True)
        raise typer.Exit(FOUND_WRONG)
    return letter


def _parts(identifier: str) -> tuple[str, str]:
    delivery, separator, handler = identifier.partition(":")
    if not separator or not handler:
        typer.echo(
            f"{identifier!r} is no dead run's name: write DELIVERY:HANDLER, as `vedette dead` lists it", err=True
        )
        raise typer.Exit(WRONG_USAGE)
    return delivery, handler


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
