"""Builds the facts of audit entries: principal, call, target, reason, decision, and the state before and after."""

from typing import Any

from pydantic import ValidationError

from vedette._core.json_values import json_list, json_object
from vedette.access.context import IntegrationConnection
from vedette.access.issue_cache import CachedIssue
from vedette.access.prepared_call import PreparedCall
from vedette.access.sentences import update_of
from vedette.access.targets import CallTarget
from vedette.api.call import Answer, Call
from vedette.api.issue_diff import unconfirmed, unconfirmed_of_many
from vedette.api.models import Issue

_LONGEST = 1000
_OF_MANY = frozenset({"issues.update_many", "issues.update_in_project"})
_RULE = "rule "
"""The prefix of the reason of a write that a rule makes."""


def facts_of(prepared: PreparedCall, connection: IntegrationConnection, intent: str) -> dict[str, Any]:
    """Return the facts of an entry about a call."""
    call, context, target = prepared.call, prepared.context, prepared.target
    return {
        "handler": prepared.principal.key,
        "source": context.source,
        "intent": intent,
        "decision": prepared.decision,
        "integration": connection.integration,
        "organization": connection.organization,
        "project": target.project,
        "issue": prepared.issue_id,
        "issues": [issue.id for issue in target.issues],
        "label": target.issues[0].label if len(target.issues) == 1 else "",
        "delivery": context.delivery,
        "event": context.event,
        "because": prepared.reason,
        "rule": prepared.reason.removeprefix(_RULE) if prepared.reason.startswith(_RULE) else "",
        "operation": call.operation.name,
        "parameters": dict(call.parameters),
        "before": before_of(call, target),
        "after": _cropped(call.body) if call.operation.writes else {},
    }


def before_of(call: Call, target: CallTarget) -> dict[str, Any]:
    """Return the values of the written fields before the call, if it is about one issue."""
    if len(target.issues) != 1:
        return {}
    return {name: value for name, value in target.issues[0].state.items() if name in call.fields}


def outcome_of(call: Call, answer: Answer, shown: CachedIssue | None, dropped: frozenset[str]) -> dict[str, Any]:
    """Return the facts of the entry about the outcome of a call.

    Args:
        call: The call that was sent.
        answer: Sentry's answer.
        shown: The one issue of the call as the answer shows it, if it does.
        dropped: The fields that Sentry dropped.
    """
    after = {name: value for name, value in shown.state.items() if name in call.fields} if shown else {}
    return {"status": answer.status, "after": after, **({"unconfirmed": sorted(dropped)} if dropped else {})}


def dropped_of(call: Call, answer: Answer) -> frozenset[str]:
    """Return the fields of an issue's update that Sentry accepted with status 200 and dropped."""
    if call.operation.name in _OF_MANY and answer.sent:
        return unconfirmed_of_many(call.body or {}, answer.body)
    update = update_of(call.body or {}) if call.operation.name == "issues.update" else None
    if update is None or not answer.sent:
        return frozenset()
    try:
        return unconfirmed(update, Issue.model_validate(answer.body))
    except ValidationError:
        return frozenset()


def _cropped(value: Any) -> Any:
    if isinstance(value, str):
        return value if len(value) <= _LONGEST else f"{value[: _LONGEST - 1]}…"
    if isinstance(value, dict):
        return {str(key): _cropped(item) for key, item in json_object(value).items()}
    if isinstance(value, list):
        return [_cropped(item) for item in json_list(value)]
    return {} if value is None else value
