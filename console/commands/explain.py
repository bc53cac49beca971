"""`vedette explain DELIVERY`: which handlers were considered, why not others, what ran and what it did."""

import json
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from console.acting import controls_of
from console.exit_codes import FOUND_WRONG, explained
from console.instance import Instance, find_place
from console.rendering.audit_table import AuditLine, find_lines
from console.rendering.formatting import date_and_clock, duration, name_of
from console.rendering.terminal import echo
from console.session import ask_at
from vedette.authoring.event_patterns import asks_for
from vedette.authoring.project_filter import ProjectFilter, projects_of
from vedette.events import InvalidPayload, parse
from vedette.events.catalog import known_names, names_of
from vedette.settings.settings import load_settings
from vedette.store.access.handler_roster import OFF, RosterHandler, readable_roster
from vedette.store.deliveries.deliveries import Deliveries, DeliveryNotFoundError, DeliverySummary
from vedette.store.deliveries.skip_reasons import read_considered
from vedette.store.runs.run import FINAL_STATES, Run
from vedette.store.runs.runs import Runs
from vedette.store.server.client import RedisClient

_ENOUGH = 200


@dataclass(frozen=True)
class DeliveryExplanation:
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
            echo(str(error), err=True)
            raise typer.Exit(FOUND_WRONG) from None
    if as_json:
        sys.stdout.write(json.dumps(_object(story)) + "\n")
        return
    for line in lines_of(story):
        echo(line)


async def _find(place: Instance, client: RedisClient, delivery: str) -> DeliveryExplanation:
    summary = await Deliveries(client).summary(delivery)
    roster = await readable_roster(client)
    left_out = await read_considered(client, delivery)
    runs = (await Runs(client).of([(delivery, summary.runs or ())]))[delivery]
    for handler in roster.handlers if roster else ():
        if handler.name not in left_out and handler.name not in (summary.handlers or ()):
            why = await _why_not(place, client, summary, tuple(runs), handler)
            if why:
                left_out[handler.name] = why
    audit = controls_of(place, client).audit
    lines = await find_lines(
        audit, since=summary.accepted, limit=_ENOUGH, keep=lambda entry: entry.text("delivery") == delivery
    )
    problems = tuple(f"{one.source}: {one.reason}" for one in roster.problems if one.is_left_out) if roster else ()
    return DeliveryExplanation(summary, tuple(runs), left_out, tuple(reversed(lines)), problems)


async def _why_not(
    place: Instance, client: RedisClient, delivery: DeliverySummary, runs: tuple[Run, ...], handler: RosterHandler
) -> str:
    """Say why a handler did not work on a delivery, as far as can be known now; empty where it still may."""
    names = names_of(delivery.resource, delivery.action)
    if not asks_for(handler.patterns, names, frozenset(known_names())):
        return f"it asks for {', '.join(handler.patterns) or 'its times by the clock'}"
    if handler.mode == OFF:
        return "; ".join(handler.missing) or "it is off"
    if delivery.quarantined is not None:
        return "the delivery is quarantined"
    if unmet := await _unmet_project(place, client, delivery, handler):
        return unmet
    if delivery.handlers is None:
        return ""
    then = "" if all(run.state in FINAL_STATES for run in runs) else ", once its runs have ended"
    condition = f" (only when {handler.when})" if handler.when else ""
    return (
        f"it asks for such events now{condition}, and did not when this was decided: "
        f"`vedette replay {delivery.id}` decides again, for all handlers{then}"
    )


async def _unmet_project(
    place: Instance, client: RedisClient, delivery: DeliverySummary, handler: RosterHandler
) -> str:
    chosen = place.settings.handlers.get(handler.name)
    where = ProjectFilter() if chosen is None else ProjectFilter(chosen.projects, chosen.except_projects)
    if where.is_everywhere:
        return ""
    with suppress(InvalidPayload, DeliveryNotFoundError):
        event = parse(delivery.resource, (await Deliveries(client).get(delivery.id)).body)
        projects = projects_of(event)
        # A slug that only Sentry could tell is left to it.
        return where.unmet(projects) if event.project.slug or not projects else ""
    return ""


def lines_of(story: DeliveryExplanation) -> list[str]:
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


def _object(story: DeliveryExplanation) -> dict[str, Any]:
    one = story.delivery
    return {
        "delivery": one.id,
        "event": name_of(one.resource, one.action),
        "issue": one.issue,
        "label": one.label,
        "quarantined": one.quarantined,
        "decided": one.handlers is not None,
        "runs": [run.to_json_object() for run in story.runs],
        "left_out": story.left_out,
        "audit": [call.entry.number for call in story.calls],
        "problems": list(story.problems),
    }
