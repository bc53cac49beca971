"""Reads the actions of people from the history of an issue.

An activity is the action of a person if it names a user and no integration: integrations have users of their own.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from vedette._core.json_values import json_object
from vedette.history.activity_changes import changes_of, moment
from vedette.history.people import People, shown

_VERBS = {"resolved": "resolved it", "ignored": "archived it", "unresolved": "reopened it"}


@dataclass(frozen=True, slots=True)
class UserAction:
    """An action of a person.

    Attributes:
        at: The time.
        who: The name of the person.
        changed: The changed fields of the issue, with their new values.
        reviewed: Whether the issue was marked reviewed.
    """

    at: datetime
    who: str
    changed: Mapping[str, Any]
    reviewed: bool = False

    @property
    def description(self) -> str:
        """The action in the past tense: `assigned it to #payments`."""
        if "assignedTo" in self.changed:
            actor = self.changed["assignedTo"]
            return "unassigned it" if actor is None else f"assigned it to {shown(actor)}"
        if "priority" in self.changed:
            return f"set the priority to {self.changed['priority']}"
        return _VERBS.get(str(self.changed.get("status")), "marked it reviewed")


def read_user_actions(activities: Iterable[Mapping[str, Any]], people: People) -> list[UserAction]:
    """Read the actions of people from activities, the oldest first."""
    found: list[UserAction] = []
    for one in activities:
        at, user = moment(one.get("dateCreated")), one.get("user")
        if at is None or not isinstance(user, dict) or one.get("sentry_app"):
            continue
        person = json_object(user)
        changed = {key: value for key, value in changes_of(one, people, {}, timedelta()).items() if value is not ...}
        is_review = one.get("type") == "mark_reviewed"
        if changed or is_review:
            who = str(person.get("name") or person.get("email") or person.get("id") or "a person")
            found.append(UserAction(at, who, changed, is_review))
    return sorted(found, key=lambda action: action.at)
