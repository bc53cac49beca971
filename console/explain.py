"""`vedette explain DELIVERY`: which handlers were considered, why not others, what ran and what it did."""

import json
import sys
from dataclasses import asdict, dataclass
from typing import Annotated, Any

import typer

from console.acting import controls_of
from console.asking import ask_at
from console.audit_listing import AuditLine, find_lines
from console.failures import FOUND_WRONG, explained
from console.place import Place, find_place
from console.wording import date_and_clock, duration, name_of
from vedette.events.catalog import known_names, names_of
from vedette.handling.patterns import asks_for
from vedette.settings import load_settings
from vedette.store.client import RedisClient
from vedette.store.considerations import read_considered
from vedette.store.deliveries import Deliveries, DeliveryNotFoundError, DeliverySummary
from vedette.store.roster import read_roster
from vedette.store.run import Run
from vedette.store.runs import Runs

_ENOUGH = 200


@dataclass(frozen=True)
class Story:
    """All that is known of a delivery."""

    delivery: DeliverySummary
    runs: tuple[Run, ...]
    left_out: dict[str, str]
    """Handler -> why it was left out."""
    calls: tuple[AuditLine, ...]
    """What was tried in Sentry because of it, the oldest first."""
    problems: tuple[str, ...]
    """Plugins that are not loaded."""


def explain(
    delivery: Annotated[str, typer.Argument(help="The delivery's id; `vedette deliveries` lists them.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, for programs.")] = False,
) -> None:
    """Say which handlers were considered for a delivery, why not others, what ran, and what it did."""
    with explained():
        place = find_place(load_settings())
        try:
            story = ask_at(place, lambda client: _find(place, client, delivery))
        except DeliveryNotFoundError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(FOUND_WRONG) from None
    if as_json:
        sys.stdout.write(json.dumps(_object(story)) + "\n")
        return
    for line in lines_of(story):
        typer.echo(line)


async def _find(place: Place, client: RedisClient, delivery: str) -> Story:
    summary = await Deliveries(client).summary(delivery)
    roster = await read_roster(client)
    left_out = await read_considered(client, delivery)
    runs = (await Runs(client).of([(delivery, summary.runs or ())]))[delivery]
    names, known = names_of(summary.resource, summary.action), frozenset(known_names())
    for handler in roster.handlers if roster else ():
        if handler.name not in left_out and handler.name not in (summary.handlers or ()):
            asks = asks_for(handler.patterns, names, known)
            left_out[handler.name] = (
                "it asks for such events now, and did not when this was decided: `vedette replay` runs it"
                if asks
                else f"it asks for {', '.join(handler.patterns) or 'its times by the clock'}"
            )
    audit = controls_of(place, client).audit
    lines = await find_lines(
        audit, since=summary.accepted, limit=_ENOUGH, keep=lambda entry: entry.text("delivery") == delivery
    )
    problems = tuple(f"{one.source}: {one.reason}" for one in roster.problems) if roster else ()
    return Story(summary, tuple(runs), left_out, tuple(reversed(lines)), problems)


def lines_of(story: Story) -> list[str]:
    """Return the story in plain English."""
    one = story.delivery
    name = name_of(one.resource, one.action)
    lines = [f"{name} about {one.label or one.subject or 'nothing known'}, accepted {date_and_clock(one.accepted)}"]
    if one.quarantined is not None:
        lines.append(f"  quarantined: {one.quarantined}. No handler sees it.")
    elif one.handlers is None:
        lines.append("  not decided yet: no worker has taken it")
    elif not one.handlers:
        lines.append("  nothing happened: no handler was chosen")
    for run in story.runs:
        lines += _lines_of_run(run, story.calls)
    lines += [f"  {handler} was left out: {why}" for handler, why in sorted(story.left_out.items())]
    return lines + [f"  not loaded: {problem}" for problem in story.problems]


def _lines_of_run(run: Run, calls: tuple[AuditLine, ...]) -> list[str]:
    took = f" in {duration(run.took)}" if run.took is not None else ""
    error = f": {run.error}" if run.error else ""
    chosen = "was chosen" if run.put_off is None else "was put off"
    lines = [f"  {run.name} ({run.mode}) {chosen}: {run.state}{took}{error}"]
    lines += [f"    {sentence}" for sentence in run.did] or (["    nothing to do"] if run.state == "done" else [])
    for call in calls:
        if call.entry.text("handler") == run.handler:
            result = f", {call.result}" if call.result else ""
            entry = call.entry
            lines.append(f"    audit {entry.number}: {entry.text('intent')} ({entry.text('decision')}{result})")
    return lines


def _object(story: Story) -> dict[str, Any]:
    one = story.delivery
    return {
        "delivery": one.id,
        "event": name_of(one.resource, one.action),
        "issue": one.issue,
        "label": one.label,
        "quarantined": one.quarantined,
        "decided": one.handlers is not None,
        "runs": [asdict(run) for run in story.runs],
        "left_out": story.left_out,
        "audit": [call.entry.number for call in story.calls],
        "problems": list(story.problems),
    }
