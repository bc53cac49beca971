"""Explanations of deliveries and issues: lines of text for people, and JSON objects for programs."""

from typing import Any

from console.rendering.formatting import date_and_clock, duration, name_of
from vedette.admin.audit import AuditLine
from vedette.admin.explain import DeliveryExplanation, IssueHistory
from vedette.store.runs.run import Run


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


def explanation_object(explanation: DeliveryExplanation) -> dict[str, Any]:
    """Return an explanation of a delivery as JSON."""
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


def lines_of_issue(history: IssueHistory, explanations: list[DeliveryExplanation]) -> list[str]:
    """Return the history of an issue as lines of text.

    Args:
        history: Its deliveries, calls and proposals.
        explanations: Of its newest deliveries, in their order.
    """
    count = len(history.deliveries)
    lines = [f"{history.issue}: {count} {'delivery' if count == 1 else 'deliveries'}, the newest first"]
    shown: set[int] = set()
    for one in explanations:
        first, *rest = lines_of(one)
        lines += [f"  {first} ({one.delivery.id})", *(f"  {line}" for line in rest)]
        shown.update(call.entry.number for call in (*one.calls, *one.of_agents))
    if count > len(explanations):
        lines.append(f"  and {count - len(explanations)} earlier: `vedette deliveries --issue {history.issue}`")
    others = [call for call in history.calls if call.entry.number not in shown]
    if others:
        lines.append("Other calls and orders about it, the newest first")
        lines += [f"  {date_and_clock(one.entry.at)}  {_sentence_of(one)}" for one in others]
    for proposal in history.proposals:
        lines.append(
            f"Waits for a yes: {proposal.handler} would have {proposal.intent} (`vedette approve {proposal.id}`)"
        )
    return lines


def issue_object(history: IssueHistory, explanations: list[DeliveryExplanation]) -> dict[str, Any]:
    """Return the history of an issue as JSON."""
    return {
        "issue": history.issue,
        "deliveries": [explanation_object(one) for one in explanations],
        "number_of_deliveries": len(history.deliveries),
        "audit": [one.entry.number for one in history.calls],
        "proposals": [one.id for one in history.proposals],
    }
