"""`vedette pause` and `vedette resume`: all writes of one handler, or of all, stopped everywhere and at once."""

from typing import Annotated

import typer

from console.acting import controls_of
from console.exit_codes import explained
from console.instance import Instance, find_place
from console.known_names import check_handler
from console.session import ask_at, this_person
from vedette.access.context import PolicyServices
from vedette.settings.settings import load_settings
from vedette.store.access.write_budgets import EVERY_HANDLER, Pause
from vedette.store.server.client import RedisClient

By = Annotated[str, typer.Option("--by", help="Who orders it, for the audit; the system's user unless given.")]
Which = Annotated[str, typer.Argument(help="The handler's name; all handlers unless given.")]
Force = Annotated[bool, typer.Option("--force", help="Also a handler that nothing knows yet.")]
_ADVICE = "`vedette handlers` lists them; without a name `vedette pause` stops all, and --force takes any name"


def pause(handler: Which = EVERY_HANDLER, by: By = "", force: Force = False) -> None:
    """Stop all writes of one handler, or of all, everywhere and at once; `resume` takes it back."""
    who = by or this_person()

    async def pausing(place: Instance, client: RedisClient) -> None:
        controls = controls_of(place, client)
        await _check(handler, client, controls, force=force)
        await controls.budgets.pause(handler, who)
        await _record(controls, handler, "paused", who)

    with explained():
        place = find_place(load_settings())
        ask_at(place, lambda client: pausing(place, client))
    typer.echo(f"Paused {_named(handler)}: writes are recorded and not sent. `vedette resume` takes it back.")


def resume(handler: Which = EVERY_HANDLER, by: By = "", force: Force = False) -> None:
    """Let a paused handler, or all, write again."""
    who = by or this_person()

    async def resuming(place: Instance, client: RedisClient) -> tuple[bool, list[Pause]]:
        controls = controls_of(place, client)
        await _check(handler, client, controls, force=force)
        was = await controls.budgets.resume(handler)
        await _record(controls, handler, "resumed", who)
        return was, await controls.budgets.pauses()

    with explained():
        place = find_place(load_settings())
        was, others = ask_at(place, lambda client: resuming(place, client))
    typer.echo(f"Resumed {_named(handler)}." if was else f"Nothing was paused for {_named(handler)}.")
    for one in others:
        if EVERY_HANDLER in {handler, one.handler}:
            again = "" if one.handler == EVERY_HANDLER else f" {one.handler}"
            typer.echo(f"Still paused by {one.by}: {_named(one.handler)}. `vedette resume{again}` takes it back.")


async def _check(handler: str, client: RedisClient, controls: PolicyServices, *, force: bool) -> None:
    if handler != EVERY_HANDLER and not force:
        await check_handler(handler, client, controls.audit, _ADVICE)


async def _record(controls: PolicyServices, handler: str, what: str, who: str) -> None:
    facts = {"handler": handler, "intent": f"{what} {_named(handler)}", "decision": f"{what} by {who}"}
    await controls.audit.append("order", facts)


def _named(handler: str) -> str:
    return "all handlers" if handler == EVERY_HANDLER else handler
