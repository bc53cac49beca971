"""What people order: pause and resume, yes and no to proposals, taking back what was done."""

import json
import sys
from collections.abc import Awaitable, Callable
from typing import Annotated

import typer

from console.acting import channels_of, controls_of, way_to_sentry
from console.asking import ask_at, this_person
from console.audit import since_or_exit
from console.audit_listing import AuditLine, find_lines
from console.failures import FOUND_WRONG, WRONG_USAGE, explained
from console.output import make_console
from console.place import Place, find_place
from console.proposals_listing import print_proposals
from vedette.handling.access import orders
from vedette.handling.access.grants import grant_of
from vedette.settings import load_settings
from vedette.store.admission import EVERY_HANDLER
from vedette.store.audit import AuditEntry
from vedette.store.client import RedisClient
from vedette.store.proposals import Proposal

By = Annotated[str, typer.Option("--by", help="Who orders it, for the audit; the system's user unless given.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line, for programs.")]
Which = Annotated[str, typer.Argument(help="The handler's name; all handlers unless given.")]


def pause(handler: Which = EVERY_HANDLER, by: By = "") -> None:
    """Stop all writes of one handler, or of all, everywhere and at once; `resume` takes it back."""
    who = by or this_person()
    _order(handler, f"paused by {who}", lambda place, client: controls_of(place, client).admissions.pause(handler, who))
    typer.echo(f"Paused {_named(handler)}: writes are recorded and not sent. `vedette resume` takes it back.")


def resume(handler: Which = EVERY_HANDLER, by: By = "") -> None:
    """Let a paused handler, or all, write again."""
    who = by or this_person()
    was = _order(
        handler, f"resumed by {who}", lambda place, client: controls_of(place, client).admissions.resume(handler)
    )
    typer.echo(f"Resumed {_named(handler)}." if was else f"Nothing was paused for {_named(handler)}.")


def proposals(as_json: AsJson = False) -> None:
    """List the writes that wait for a yes or no."""
    with explained():
        place = find_place(load_settings())
        waiting = ask_at(place, lambda client: controls_of(place, client).proposals.waiting())
    print_proposals(make_console(), waiting, as_json=as_json)


def approve(proposal: Annotated[str, typer.Argument(help="The proposal's id.")], by: By = "") -> None:
    """Say yes to a proposed write: it is checked again, and sent."""
    who = by or this_person()

    async def approving(place: Place, client: RedisClient) -> tuple[Proposal, bool]:
        controls = controls_of(place, client)
        found = await controls.proposals.get(proposal)
        chosen = place.settings.handlers.get(found.handler)
        stated = None if chosen is None else chosen.grant
        grant = grant_of(stated, found.needs, bundled=found.shipped, fields=found.fields)
        async with way_to_sentry(place, client, found.integration) as way, channels_of(place) as channels:
            answer = await orders.approve(controls, way, found, grant, who, channels)
        return found, answer.sent

    with explained():
        place = find_place(load_settings())
        found, sent = ask_at(place, lambda client: approving(place, client))
    if not sent:
        typer.echo(f"Not sent, since it is paused: {found.intent}", err=True)
        raise typer.Exit(FOUND_WRONG)
    typer.echo(f"Done: {found.intent}")


def reject(proposal: Annotated[str, typer.Argument(help="The proposal's id.")], by: By = "") -> None:
    """Say no to a proposed write; the same is not proposed again until it would have expired."""

    async def rejecting(place: Place, client: RedisClient) -> Proposal:
        controls = controls_of(place, client)
        found = await controls.proposals.get(proposal)
        await orders.reject(controls, found, by or this_person())
        return found

    with explained():
        place = find_place(load_settings())
        found = ask_at(place, lambda client: rejecting(place, client))
    typer.echo(f"Rejected: {found.intent}")


def undo(
    entry: Annotated[int, typer.Argument(min=0, help="The audit's entry; or give a filter.")] = 0,
    handler: Annotated[str, typer.Option(help="All that this handler did.")] = "",
    issue: Annotated[str, typer.Option(help="All that was done to this issue: its id or short id.")] = "",
    since: Annotated[str, typer.Option(help="With a filter: only within this age.")] = "24h",
    by: By = "",
    as_json: AsJson = False,
) -> None:
    """Take back what a handler did, where the issue has not been touched since; the newest first."""
    if bool(entry) == bool(handler or issue):
        typer.echo("Give the number of an entry, or --handler or --issue: `vedette audit` lists them", err=True)
        raise typer.Exit(WRONG_USAGE)
    start = 0 if entry else since_or_exit(since)

    def keep(found: AuditEntry) -> bool:
        if entry:
            return found.number == entry
        is_change = found.kind == "call" and found.text("decision").startswith(("granted", "approved"))
        of_handler = not handler or found.text("handler") == handler
        return is_change and of_handler and (not issue or issue in {found.text("issue"), found.text("label")})

    with explained():
        place = find_place(load_settings())
        results = ask_at(place, lambda client: _undo(place, client, start, keep, by or this_person()))
    _print_undone(results, as_json=as_json)


async def _undo(
    place: Place, client: RedisClient, since: int, keep: Callable[[AuditEntry], bool], by: str
) -> list[orders.Undoing]:
    controls = controls_of(place, client)
    lines: list[AuditLine] = await find_lines(controls.audit, since=since, limit=1000, keep=keep)
    results: list[orders.Undoing] = []
    for line in lines:
        async with way_to_sentry(place, client, line.entry.text("integration") or "default") as way:
            results.append(await orders.undo(controls, way, line.entry, line.outcome, by))
    return results


def _print_undone(results: list[orders.Undoing], *, as_json: bool) -> None:
    for one in results:
        if as_json:
            sys.stdout.write(json.dumps({"entry": one.entry, "done": one.done, "sentence": one.sentence}) + "\n")
        else:
            typer.echo(f"{one.entry}: {one.sentence if one.done else f'not taken back: {one.sentence}'}")
    if not results:
        typer.echo("The audit has no such entry.", err=True)
    if not results or not all(one.done for one in results):
        raise typer.Exit(FOUND_WRONG)


def _order(handler: str, decision: str, act: Callable[[Place, RedisClient], Awaitable[bool | None]]) -> bool | None:
    async def ordering(place: Place, client: RedisClient) -> bool | None:
        controls = controls_of(place, client)
        result = await act(place, client)
        intent = f"{decision.partition(' ')[0]} {_named(handler)}"
        await controls.audit.append("order", {"handler": handler, "intent": intent, "decision": decision})
        return result

    with explained():
        place = find_place(load_settings())
        return ask_at(place, lambda client: ordering(place, client))


def _named(handler: str) -> str:
    return "all handlers" if handler == EVERY_HANDLER else handler
