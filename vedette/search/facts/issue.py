"""Answers keys from an issue in the form of webhooks.

Facts of single events (tags, users, releases, stack traces) are unknown, not absent. What it
does contain of them (title, type and value of the error, whether it was handled) counts as all there is.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from vedette.events import Assignee, Issue
from vedette.search.facts.answers import ABSENT, NOT_KNOWN, Answer, answer_of, partial, whole_number
from vedette.search.matching.actors import team_identities, user_identities

# Sentry sorted its issue types into finer categories than it once had, and finds them by both.
_OLDER_CATEGORIES: Final[Mapping[str, str]] = {
    "performance_": "performance",
    "profile_": "performance",
    "monitor_": "cron",
    "uptime_": "uptime",
    "replay_": "replay",
    "metric_": "metric_alert",
}


def assignee_answer(assignee: Assignee | None) -> Answer:
    """Identities of an assignee; absent when there is none."""
    if assignee is None:
        return ABSENT
    if assignee.is_team:
        return answer_of(team_identities(assignee.id, assignee.name))
    return answer_of(user_identities(assignee.id, assignee.email))


def _categories(issue: Issue) -> list[str | None]:
    older = [name for prefix, name in _OLDER_CATEGORIES.items() if (issue.issue_type or "").startswith(prefix)]
    return list(dict.fromkeys([issue.issue_category, *older]))


def _message(issue: Issue) -> list[str | None]:
    told = issue.metadata
    return [issue.title, told.type, told.value, told.title, issue.culprit, told.filename, told.function]


def _linked(issue: Issue) -> Answer:
    return answer_of(True) if issue.annotations else NOT_KNOWN


def _unhandled(issue: Issue, wanted: bool) -> Answer:
    return NOT_KNOWN if issue.is_unhandled is None else answer_of(issue.is_unhandled is wanted)


def _seer_last_run(issue: Issue) -> list[Any]:
    return [issue.seer_autofix_last_triggered or issue.seer_explorer_autofix_last_triggered]


_READERS: Final[Mapping[str, tuple[str, Callable[[Issue], object]]]] = {
    "status": ("status", lambda issue: "ignored" if issue.is_archived else issue.status),
    "substatus": ("substatus", lambda issue: issue.substatus),
    "assigned": ("assigned_to", lambda issue: assignee_answer(issue.assigned_to)),
    "level": ("level", lambda issue: issue.level),
    "project": ("project", lambda issue: issue.project.slug or NOT_KNOWN),
    "project.id": ("project", lambda issue: whole_number(issue.project.id) or NOT_KNOWN),
    "issue": ("short_id", lambda issue: issue.short_id),
    "issue.id": ("id", lambda issue: whole_number(issue.id)),
    "issue.category": ("issue_category", _categories),
    "issue.type": ("issue_type", lambda issue: issue.issue_type),
    "issue.priority": ("priority", lambda issue: issue.priority),
    "issue.seer_last_run": ("seer_autofix_last_triggered", _seer_last_run),
    "event.type": ("type", lambda issue: issue.type),
    "title": ("title", lambda issue: issue.title),
    "message": ("title", _message),
    "platform": ("platform", lambda issue: issue.platform),
    "logger": ("logger", lambda issue: issue.logger),
    "culprit": ("culprit", lambda issue: issue.culprit),
    "location": ("metadata", lambda issue: issue.metadata.filename),
    "firstSeen": ("first_seen", lambda issue: issue.first_seen),
    "lastSeen": ("last_seen", lambda issue: issue.last_seen),
    "timesSeen": ("count", lambda issue: issue.count),
    "userCount": ("user_count", lambda issue: issue.user_count),
    "linked": ("annotations", _linked),
    "error.type": ("metadata", lambda issue: issue.metadata.type),
    "error.value": ("metadata", lambda issue: issue.metadata.value),
    "error.unhandled": ("is_unhandled", lambda issue: _unhandled(issue, wanted=True)),
    "error.handled": ("is_unhandled", lambda issue: _unhandled(issue, wanted=False)),
    "stack.filename": ("metadata", lambda issue: partial(issue.metadata.filename)),
    "stack.function": ("metadata", lambda issue: partial(issue.metadata.function)),
}
"""By lookup name: the field that must be in the payload, and how the answer is read."""


def issue_answer(issue: Issue, key: str) -> Answer:
    """Answer a key; unknown if the server did not send the field."""
    field, read = _READERS.get(key, ("", None))
    if read is None or field not in issue.model_fields_set:
        return NOT_KNOWN
    return answer_of(read(issue))
