"""Writes in plain English, past tense, as the audit and the run's summary show them to a person."""

from collections.abc import Mapping
from typing import Any, Final

from vedette.api.issue_update import NOBODY, IssueUpdate

_HOUR: Final = 60
_DAY: Final = 1440


def describe(update: IssueUpdate, label: str, *, assignee: str | None = None) -> str:
    """Return the update as one sentence without a full stop: `resolved SHOP-4K in the next release`.

    Args:
        update: The update.
        label: The name of the issue.
        assignee: The name of the assignee; by default the update's own key is shown.
    """
    parts = [_status(update, label)] if update.status else []
    if update.assigned_to == NOBODY:
        parts.append(f"unassigned {label}")
    elif update.assigned_to is not None:
        parts.append(f"assigned {label} to {assignee or update.assigned_to.replace(':', ' ')}")
    if update.priority is not None:
        parts.append(f"set priority of {label} to {update.priority}")
    parts += _marks(update, label)
    return " and ".join(parts) or f"changed nothing of {label}"


def _status(update: IssueUpdate, label: str) -> str:
    if update.status == "resolved":
        return f"resolved {label}{_where(update.status_details)}"
    if update.status == "ignored":
        return f"archived {label} {_how_long(update)}"
    return f"reopened {label}" + (f" as {update.substatus}" if update.substatus else "")


def _where(details: Mapping[str, Any]) -> str:
    if "inNextRelease" in details:
        return " in the next release"
    if "inRelease" in details:
        return " in the latest release" if details["inRelease"] == "latest" else f" in release {details['inRelease']}"
    if "inCommit" in details:
        commit: Mapping[str, Any] = details["inCommit"]
        return f" in commit {commit['commit']} of {commit['repository']}"
    return ""


def _how_long(update: IssueUpdate) -> str:
    details = update.status_details
    if update.substatus == "archived_forever":
        return "forever"
    if update.substatus == "archived_until_escalating":
        return "until it escalates"
    parts = [f"for {_duration(details['ignoreDuration'])}"] if "ignoreDuration" in details else []
    for count, window, noun in (
        ("ignoreCount", "ignoreWindow", "event"),
        ("ignoreUserCount", "ignoreUserWindow", "user"),
    ):
        if count in details:
            within = f" within {_duration(details[window])}" if window in details else ""
            parts.append(f"until {_plural(details[count], f'more {noun}')}{within}")
    return " or ".join(parts)


def _marks(update: IssueUpdate, label: str) -> list[str]:
    sentences = {
        "for_review": {False: f"marked {label} as reviewed", True: f"put {label} up for review"},
        "has_seen": {True: f"marked {label} as seen", False: f"marked {label} as not seen"},
        "is_bookmarked": {True: f"bookmarked {label}", False: f"removed the bookmark of {label}"},
        "is_subscribed": {True: f"subscribed to {label}", False: f"unsubscribed from {label}"},
    }
    return [said[value] for name, said in sentences.items() if (value := getattr(update, name)) is not None]


def _duration(minutes: int) -> str:
    if minutes % _DAY == 0:
        return _plural(minutes // _DAY, "day")
    return _plural(minutes // _HOUR, "hour") if minutes % _HOUR == 0 else _plural(minutes, "minute")


def _plural(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
