"""`vedette handlers`: what is loaded, what each needs and may do, and what is missing."""

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from console.exit_codes import WRONG_USAGE, explained
from console.instance import find_place
from console.rendering.terminal import inert, make_console
from console.session import ask_at
from vedette.access.token_scopes import known_scopes
from vedette.permissions.required_scopes import missing
from vedette.plugins.unknown_names import unknown_tables
from vedette.settings.settings import DEFAULT_INTEGRATION, load_settings
from vedette.store.access.handler_roster import OFF, HandlerRoster, RosterHandler, read_roster
from vedette.store.access.held_calls import HeldCalls, held_calls
from vedette.store.access.write_budgets import EVERY_HANDLER, WriteBudgets
from vedette.store.server.client import RedisClient
from vedette.store.server.keys import token_key

Counts = Mapping[str, Mapping[str, int]]
_MARKS = ("sent", "denied", "observed", "proposed", "paused")


def handlers(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, for programs.")] = False,
) -> None:
    """List the handlers that the workers have loaded: what they need, what they may do, and what is missing.

    Exit code 2 where the settings here name a handler or provider that the workers have not.
    """
    with explained():
        place = find_place(load_settings())
        roster, counts = ask_at(place, find_handlers)
        held = ask_at(place, held_calls)
    console = make_console()
    print_handlers(console, roster, counts, as_json=as_json)
    if not as_json:
        print_held(console, held)
    if roster is not None and roster.names:
        found, _ = unknown_tables(place.settings, roster.names, roster.providers, is_complete=roster.is_complete)
        for problem in found:
            typer.echo(str(problem), err=True)
        if found:
            raise typer.Exit(WRONG_USAGE)


def print_held(console: Console, held: list[HeldCalls]) -> None:
    """Say which calls to Sentry wait, and for how long."""
    for one in held:
        sentence = (
            f"{one.bucket} calls to {one.account} are held back for another {one.seconds:.0f} s: Sentry, or what "
            "stands in front of it, answered 429. Runs that need them are put off."
        )
        console.print(inert(sentence, "yellow"), soft_wrap=True)


async def find_handlers(client: RedisClient) -> tuple[HandlerRoster | None, Counts]:
    """Return the handlers, with what the token lacks where that is known, and how many calls each made."""
    roster, admissions = await read_roster(client), WriteBudgets(client)
    if roster is None:
        return None, {}
    held = await known_scopes(client, token_key(DEFAULT_INTEGRATION))
    paused = {pause.handler: pause.by for pause in await admissions.pauses()}
    handlers = tuple(_completed(one, held, paused) for one in roster.handlers)
    return replace(roster, handlers=handlers), await admissions.counts()


def _completed(handler: RosterHandler, held: frozenset[str] | None, paused: Mapping[str, str]) -> RosterHandler:
    found = list(handler.missing)
    lacking = [] if held is None or handler.mode == OFF else missing(handler.needs, held)
    if lacking:
        found.append(f"the token lacks {', '.join(lacking)}: add it to the integration in Sentry, under Permissions")
    by = paused.get(EVERY_HANDLER) or paused.get(handler.name)
    if by and handler.mode != OFF:
        found.append(f"paused by {by}: `vedette resume` takes it back")
    return replace(handler, missing=tuple(found))


def print_handlers(console: Console, roster: HandlerRoster | None, counts: Counts, *, as_json: bool) -> None:
    """Print the handlers that the workers have loaded."""
    if as_json:
        for handler in roster.handlers if roster else ():
            sys.stdout.write(json.dumps({**asdict(handler), "calls": dict(counts.get(handler.name, {}))}) + "\n")
        return
    if roster is None:
        console.print("No worker has started yet: `vedette up` starts one.")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("handler", "events", "mode", "needs", "may", "writes", "from"):
        table.add_column(title)
    for one in roster.handlers:
        mode = ", ".join((one.mode, *one.modes))
        events = ", ".join((*one.patterns, *(f"every {cron}" for cron in one.crons)))
        events += (f" when {one.when}" if one.when else "") + (f" {one.where}" if one.where else "")
        writes = ", ".join(f"{counts[one.name][mark]} {mark}" for mark in _MARKS if counts.get(one.name, {}).get(mark))
        table.add_row(
            *(inert(text) for text in (one.name, events, mode, " ".join(one.needs), one.grant, writes, one.source))
        )
    console.print(table)
    for one in roster.handlers:
        for sentence in one.missing:
            style = "dim" if one.mode == OFF else "yellow"
            console.print(inert(f"{one.name}: {sentence}", style), soft_wrap=True)
    for problem in roster.problems:
        console.print(inert(str(problem), "red"), soft_wrap=True)
