"""Updates of an issue, validated against Sentry's traps before anything is sent.

Sentry drops or reinterprets several bodies silently: a substatus alone has no effect, `inNextRelease: false` resolves
in the next release, `ignored` alone archives permanently. An `IssueUpdate` can express none of these.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from vedette._core.json_values import mapping_of
from vedette.api.models import Issue

Status = Literal["resolved", "unresolved", "ignored"]
Substatus = Literal[
    "archived_until_escalating",
    "archived_until_condition_met",
    "archived_forever",
    "escalating",
    "ongoing",
    "regressed",
    "new",
]
Priority = Literal["low", "medium", "high"]

LONGEST_WINDOW: Final = 10_080
"""Minutes: a week, the longest that Sentry counts events or users over."""

NOBODY: Final = ""
"""The assignee of an unassigned issue, as updates write it: Sentry refuses null."""

_STATUS_OF: Final[Mapping[str, Status]] = {
    "archived_until_escalating": "ignored",
    "archived_until_condition_met": "ignored",
    "archived_forever": "ignored",
    "escalating": "unresolved",
    "ongoing": "unresolved",
    "regressed": "unresolved",
    "new": "unresolved",
}
_RESOLUTIONS: Final = frozenset({"inNextRelease", "inRelease", "inCommit"})
_CONDITIONS: Final = frozenset({"ignoreDuration", "ignoreCount", "ignoreWindow", "ignoreUserCount", "ignoreUserWindow"})


class InvalidUpdateError(ValueError):
    """An update that Sentry would refuse, ignore or misread. Nothing was sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueUpdate:
    """The wanted state of an issue; fields that are None are unchanged.

    Archiving without a condition means until it escalates.
    """

    status: Status | None = None
    substatus: Substatus | None = None
    status_details: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """By Sentry's names: `inRelease`, `ignoreDuration` (minutes) and so on."""
    assigned_to: str | None = None
    """`user:1`, `team:2`, an e-mail address, or `NOBODY`."""
    priority: Priority | None = None
    for_review: bool | None = None
    """False marks it as reviewed (Sentry's `inbox`; its documentation has the two values reversed)."""
    has_seen: bool | None = None
    is_bookmarked: bool | None = None
    is_subscribed: bool | None = None

    def __post_init__(self) -> None:
        """Fill in the values that Sentry would guess, and refuse those that it would misread."""
        if self.substatus is not None and self.status is None:
            object.__setattr__(self, "status", _STATUS_OF.get(self.substatus))
        if self.status == "ignored" and self.substatus is None:
            conditional = "archived_until_condition_met" if self.status_details else "archived_until_escalating"
            object.__setattr__(self, "substatus", conditional)
        _check_substatus(self.status, self.substatus)
        _check_details(self.status, self.substatus, self.status_details)

    def body(self) -> dict[str, Any]:
        """Return the fields that it sets, by Sentry's names."""
        fields: dict[str, Any] = {
            "status": self.status,
            "substatus": self.substatus,
            "statusDetails": dict(self.status_details) or None,
            "assignedTo": self.assigned_to,
            "priority": self.priority,
            "inbox": self.for_review,
            "hasSeen": self.has_seen,
            "isBookmarked": self.is_bookmarked,
            "isSubscribed": self.is_subscribed,
        }
        return {name: value for name, value in fields.items() if value is not None}


def state(issue: Issue) -> dict[str, Any]:
    """Return the present values of an issue in the form of an update's body; `inbox` only if it was requested."""
    fields: dict[str, Any] = {
        "status": issue.status,
        "substatus": issue.substatus,
        "statusDetails": issue.status_details,
        "assignedTo": issue.assignee or NOBODY,
        "priority": issue.priority,
        "hasSeen": issue.has_seen,
        "isBookmarked": issue.is_bookmarked,
        "isSubscribed": issue.is_subscribed,
    }
    if "inbox" in issue.model_fields_set:
        fields["inbox"] = issue.inbox is not None
    return fields


def _check_substatus(status: Status | None, substatus: Substatus | None) -> None:
    if substatus is None:
        return
    belongs = _STATUS_OF.get(substatus)
    if belongs is None:
        raise InvalidUpdateError(f"There is no substatus {substatus!r}; Sentry knows {', '.join(_STATUS_OF)}.")
    if belongs != status:
        raise InvalidUpdateError(f"Substatus {substatus} belongs to status {belongs}, not to {status}.")


def _check_details(status: Status | None, substatus: Substatus | None, details: Mapping[str, Any]) -> None:
    if unknown := set(details) - _RESOLUTIONS - _CONDITIONS:
        raise InvalidUpdateError(f"Sentry would not look at the status details {', '.join(sorted(unknown))}.")
    if set(details) & _RESOLUTIONS and status != "resolved":
        raise InvalidUpdateError("Releases and commits belong to status resolved; give that status too.")
    if set(details) & _CONDITIONS and substatus != "archived_until_condition_met":
        raise InvalidUpdateError("Conditions such as ignoreDuration belong to archiving until they are met.")
    if substatus == "archived_until_condition_met" and not set(details) & _CONDITIONS:
        raise InvalidUpdateError("Archiving until a condition is met needs the condition: a time, a count or users.")
    if len(set(details) & _RESOLUTIONS) > 1:
        raise InvalidUpdateError("An issue is resolved in one of: the next release, a release, a commit.")
    _check_values(details)


def _check_values(details: Mapping[str, Any]) -> None:
    if details.get("inNextRelease") is False:
        raise InvalidUpdateError("Sentry takes inNextRelease: false for true; leave it out instead.")
    commit = details.get("inCommit")
    if commit is not None and not (isinstance(commit, Mapping) and {"commit", "repository"} <= set(mapping_of(commit))):
        raise InvalidUpdateError("inCommit needs both commit and repository.")
    for name in sorted(set(details) & _CONDITIONS):
        value = details[name]
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise InvalidUpdateError(f"{name} must be a whole number from 1: Sentry takes 0 for unset.")
        if name.endswith("Window") and value > LONGEST_WINDOW:
            raise InvalidUpdateError(f"{name} is at most {LONGEST_WINDOW} minutes, a week.")
        if name.endswith("Window") and name.replace("Window", "Count") not in details:
            raise InvalidUpdateError(f"{name} needs {name.replace('Window', 'Count')}, the number within it.")
