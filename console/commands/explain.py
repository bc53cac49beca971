"""`vedette explain DELIVERY`: the handlers that were considered for a delivery, their runs and calls."""

import json
import sys
from typing import Annotated, Any

import typer

from console.exit_codes import FOUND_WRONG, explained
from console.rendering.formatting import date_and_clock, duration, name_of
from console.rendering.terminal import echo
from console.session import ask
from vedette.admin.audit import AuditLine
from vedette.admin.explain import DeliveryExplanation, explain_delivery
from vedette.store.deliveries.deliveries import DeliveryNotFoundError
from vedette.store.runs.run import Run


def explain(
    delivery: Annotated[str, typer.Argument(help="The delivery's id; `vedette deliveries` lists them.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, for programs.")] = False,
) -> None:
    """Explain a delivery: the handlers that were considered, the reasons of those that did not run, runs and calls."""
    with explained():
        try:
            explanation = ask(lambda session: explain_delivery(session, delivery))
        except DeliveryNotFoundError as error:
            echo(str(error), err=True)
            raise typer.Exit(FOUND_WRONG) from None
    if as_json:
        sys.stdout.write(json.dumps(_object(explanation)) + "\n")
        return
    for line in lines_of(explanation):
        echo(line)


def lines_of(explanation: DeliveryExplanation) -> list[str]:
    """Return an explanation as lines of text."""
    one = explanation.delivery
    name = name_of(one.resource, one.action)
    lines = [f"{name} about {one.label or one.subject or 'nothing known'}, accepted {date_and_clock(one.accepted)}"]
    if one.quarantined is not None:
        lines.append(f"  quarantined: {one.quarantined}. No handler sees it.")
    elif one.handlers is None:
        token = f", or it waits, since Sentry refuses the token of {one.integration}"
        lines.append(f"  not decided yet: no worker has taken it{token if explanation.is_token_refused else ''}")
    elif not one.handlers:
        lines.append("  nothing happened: no handler was chosen")
    for run in explanation.runs:
        lines += _lines_of_run(run, explanation.calls)
    lines += [f"  {handler} was left out: {why}" for handler, why in sorted(explanation.left_out.items())]
    lines += [f"  {call.entry.text('source')}: {_sentence_of(call)}" for call in explanation.of_agents]
    return lines + [f"  not loaded: {problem}" for problem in explanation.problems]


def _lines_of_run(run: Run, calls: tuple[AuditLine, ...]) -> list[str]:
    took = f" in {duration(run.took)}" if run.took is not None else ""
    says = run.reason if run.state == "waiting" else run.error
    error = f": {says}" if says else ""
    chosen = "was chosen" if run.deferral is None else "was deferred"
    lines = [f"  {run.name} ({run.mode}) {chosen}: {run.state}{took}{error}"]
    lines += [f"    {sentence}" for sentence in run.did] or (["    nothing to do"] if run.state == "done" else [])
    if run.reasons:
        lines.append(f"    {run.reasons} (`vedette rules test` has all reasons)")
    for call in calls:
        if call.entry.text("handler") == run.handler:
            lines.append(f"    {_sentence_of(call)}")
    return lines


def _sentence_of(call: AuditLine) -> str:
    entry, result = call.entry, f", {call.result}" if call.result else ""
    return f"audit {entry.number}: {entry.text('intent')} ({entry.text('decision')}{result})"


def _object(explanation: DeliveryExplanation) -> dict[str, Any]:
    one = explanation.delivery
    return {
        "delivery": one.id,
        "event": name_of(one.resource, one.action),
        "issue": one.issue,
        "label": one.label,
        "quarantined": one.quarantined,
        "decided": one.handlers is not None,
        "runs": [run.to_json_object() for run in explanation.runs],
        "left_out": explanation.left_out,
        "audit": [call.entry.number for call in explanation.calls],
        "audit_of_agents": [call.entry.number for call in explanation.of_agents],
        "problems": list(explanation.problems),
    }
