"""Predicts the deliveries that an own write causes, and compares events with them."""

from collections.abc import Mapping
from typing import Final

from vedette._core.json_values import json_object
from vedette.api.call import Call
from vedette.events import Event

_BY_STATUS: Final[Mapping[str, str]] = {
    "resolved": "issue.resolved",
    "resolvedInNextRelease": "issue.resolved",
    "ignored": "issue.archived",
    "unresolved": "issue.unresolved",
}
_COMMENTS: Final[Mapping[str, str]] = {
    "issues.comment": "comment.created",
    "issues.edit_comment": "comment.updated",
    "issues.delete_comment": "comment.deleted",
}


def caused_by(call: Call) -> tuple[str, ...]:
    """Return the names of the events that Sentry will send for a write."""
    if call.operation.name in _COMMENTS:
        return (_COMMENTS[call.operation.name],)
    body = call.body or {}
    names = [_BY_STATUS[body["status"]]] if body.get("status") in _BY_STATUS else []
    if body.get("assignedTo"):
        names.append("issue.assigned")
    return tuple(names)


def text_of_call(call: Call) -> str:
    """Return the text of a comment; empty for other writes."""
    return str((call.body or {}).get("text", "")) if call.operation.name in _COMMENTS else ""


def text_of_event(event: Event) -> str:
    """Return the text in the webhook of a comment; empty for other events."""
    if event.resource != "comment":
        return ""
    data: object = event.raw.get("data")
    return str(json_object(data).get("comment", "")) if isinstance(data, dict) else ""


def can_be_echo(event: Event) -> bool:
    """Return whether a write through the API may have caused an event, which is not so where Sentry is the actor."""
    return event.issue_id is not None and not event.actor.is_sentry
