"""The difference between an update and an issue, so that values which the issue has already are not written again.

Each write makes an activity, a webhook to every subscribed integration (this one included) and an entry in the audit;
a bot that writes present values again hides its real changes among them.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from vedette._core.json_values import json_object
from vedette.api.issue_update import NOBODY, IssueUpdate, state
from vedette.api.models import Issue

_STATUS_FIELDS: Final = ("status", "substatus", "statusDetails")
_IN_DELTA: Final = ("status", "assignedTo", "priority")
_SAME_TIME: Final = timedelta(minutes=1)
"""Two archivings that end this close are one: Sentry keeps the end, we ask for the length."""


def diff(update: IssueUpdate, issue: Issue, *, now: datetime | None = None) -> dict[str, Any]:
    """Return the fields of the update's body that differ from the issue; empty if there is nothing to send."""
    body = update.body()
    current = state(issue)
    wanted = {
        name: value
        for name, value in body.items()
        if name not in _STATUS_FIELDS and name != "assignedTo" and (name not in current or current[name] != value)
    }
    if update.assigned_to is not None and not _assigned(update.assigned_to, issue):
        wanted["assignedTo"] = update.assigned_to
    if update.status is not None and not _has_status(update, issue, now or datetime.now(UTC)):
        wanted.update({name: body[name] for name in _STATUS_FIELDS if name in body})
    return wanted


def unconfirmed(update: IssueUpdate, after: Issue) -> frozenset[str]:
    """Return the fields of an update that Sentry answered with 200 and dropped, as its answer shows.

    Args:
        update: The update that was sent.
        after: The issue as Sentry's answer shows it.
    """
    shown = state(after)
    return frozenset(name for name, value in update.body().items() if not _shows(name, value, shown, after))


def unconfirmed_of_many(body: Mapping[str, Any], delta: object) -> frozenset[str]:
    """Return the fields of a bulk update that are missing from the changes in Sentry's answer.

    Only fields with a known place in that answer are compared.

    Args:
        body: The update that was sent.
        delta: Sentry's answer.
    """
    if not isinstance(delta, Mapping):
        return frozenset()
    return frozenset(name for name in _IN_DELTA if name in body and name not in delta)


def _shows(name: str, value: Any, shown: dict[str, Any], after: Issue) -> bool:
    if name == "inbox" and "inbox" not in shown:
        return True  # Sentry answers a write without it
    if name == "assignedTo":
        return _shows_assignee(value, after)
    if name == "statusDetails":
        # Sentry answers in another form: `latest` becomes a version, a duration an end.
        return bool(shown[name])
    return bool(shown[name] == value)


def _shows_assignee(wanted: str, after: Issue) -> bool:
    actor = after.assigned_to
    if actor is None or wanted == NOBODY:
        return actor is None and wanted == NOBODY
    # An address or a name was looked up by Sentry itself, which need not show either.
    is_key = wanted.partition(":")[0] in {"user", "team"} and ":" in wanted
    return wanted == actor.key if is_key else True


def _assigned(wanted: str, issue: Issue) -> bool:
    actor = issue.assigned_to
    if actor is None:
        return wanted == NOBODY
    return wanted in {actor.key, actor.email} or (actor.type == "user" and wanted == actor.id)


def _has_status(update: IssueUpdate, issue: Issue, now: datetime) -> bool:
    if issue.status != update.status:
        return False
    if update.substatus is not None and issue.substatus != update.substatus:
        return False
    return all(_has_detail(name, value, issue, now) for name, value in update.status_details.items())


def _has_detail(name: str, value: Any, issue: Issue, now: datetime) -> bool:
    details = issue.status_details
    if name == "ignoreDuration":
        return _ends_at(details.get("ignoreUntil"), now + timedelta(minutes=value))
    if name == "inCommit":
        commit: Any = details.get("inCommit")
        return bool(_commit_id(commit) == value["commit"])
    return bool(details.get(name) == value)


def _commit_id(commit: Any) -> Any:
    return json_object(commit).get("id") if isinstance(commit, dict) else commit


def _ends_at(text: object, wanted: datetime) -> bool:
    if not isinstance(text, str):
        return False
    try:
        end = datetime.fromisoformat(text)
    except ValueError:
        return False
    end = end if end.tzinfo else end.replace(tzinfo=UTC)
    return abs(end - wanted) <= _SAME_TIME
