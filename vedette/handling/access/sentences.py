"""Writes in plain English for the audit, whose words a handler cannot choose where they can be told from the call."""

from collections.abc import Mapping
from typing import Any, Final, cast

from vedette.api.calls import Call
from vedette.api.intents import describe
from vedette.api.issue_update import InvalidUpdateError, IssueUpdate
from vedette.handling.access.sightings import SeenIssue

_SOMEBODY: Final = "\x00"
_LONGEST: Final = 300
_FIELDS: Final[Mapping[str, str]] = {
    "status": "status",
    "substatus": "substatus",
    "statusDetails": "status_details",
    "assignedTo": "assigned_to",
    "priority": "priority",
    "inbox": "for_review",
    "hasSeen": "has_seen",
    "isBookmarked": "is_bookmarked",
    "isSubscribed": "is_subscribed",
}
_VERBS: Final[Mapping[str, str]] = {"issues.comment": "commented on", "issues.delete": "deleted"}


def update_of(body: Mapping[str, Any]) -> IssueUpdate | None:
    """The update whose body this is; None where it holds something else."""
    if not body or set(body) - set(_FIELDS):
        return None
    given: dict[str, Any] = {_FIELDS[name]: value for name, value in body.items() if value is not None}
    try:
        return IssueUpdate(**given)
    except (InvalidUpdateError, TypeError, AttributeError):
        return None


def sentence_of(call: Call, issues: tuple[SeenIssue, ...]) -> str:
    """What the call does, past tense: the client's own sentence where the call bears it out, else one made from it."""
    claimed = one_line(call.intent)
    if len(issues) == 1 and call.operation.name == "issues.update":
        return _of_update(call, issues[0].label, claimed)
    if len(issues) == 1 and call.operation.name in _VERBS:
        return f"{_VERBS[call.operation.name]} {issues[0].label}"
    return claimed


def _of_update(call: Call, label: str, claimed: str) -> str:
    body = call.body or {}
    update = update_of(body)
    if update is None:
        return f"set {', '.join(sorted(body))} of {label}"
    before, _, after = describe(update, label, assignee=_SOMEBODY).partition(_SOMEBODY)
    bears_out = claimed.startswith(before) and claimed.endswith(after) and len(claimed) > len(before) + len(after)
    is_assignment = bool(update.assigned_to)
    if claimed == before or (is_assignment and bears_out):
        return claimed
    return describe(update, label)


def one_line(text: str) -> str:
    """The text in one line that can be printed, cut short."""
    line = " ".join("".join(each if each.isprintable() else " " for each in text).split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def as_mapping(value: object) -> Mapping[str, Any]:
    """A JSON object, or an empty one."""
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}
