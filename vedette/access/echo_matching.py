"""Which deliveries a write of ours will cause, and what of an event has to fit one."""

from collections.abc import Mapping
from typing import Any, Final, cast

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
    """Names of the events that Sentry will send for a write; empty where it sends none."""
    if call.operation.name in _COMMENTS:
        return (_COMMENTS[call.operation.name],)
    body = call.body or {}
    names = [_BY_STATUS[body["status"]]] if body.get("status") in _BY_STATUS else []
    if body.get("assignedTo"):
        names.append("issue.assigned")
    return tuple(names)


def text_of_call(call: Call) -> str:
    """What a comment says; empty for other writes."""
    return str((call.body or {}).get("text", "")) if call.operation.name in _COMMENTS else ""


def text_of_event(event: Event) -> str:
    """What a comment's webhook says; empty for other events."""
    if event.resource != "comment":
        return ""
    data: object = event.raw.get("data")
    return str(cast("dict[str, Any]", data).get("comment", "")) if isinstance(data, dict) else ""


def can_be_echo(event: Event) -> bool:
    """Whether a write through the API may have caused it: Sentry names itself for what it did by itself."""
    return event.issue_id is not None and not event.actor.is_sentry
