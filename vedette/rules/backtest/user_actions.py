"""What people did to an issue, out of its history: what a rule's proposals are held against.

An act counts as a person's when a user is named and no integration: integrations act through a user of their own.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from vedette._core.json_values import json_object
from vedette.rules.backtest.activity_changes import changes_of, moment
from vedette.rules.backtest.people import People, shown

_WORDS = {"resolved": "resolved it", "ignored": "archived it", "unresolved": "reopened it"}


@dataclass(frozen=True, slots=True)
class UserAction:
    """One thing that a person did.

    Attributes:
        at: when.
        who: their name.
        changed: the fields of the issue that it changed, with what they became.
        reviewed: whether it was marked reviewed.
    """

    at: datetime
    who: str
    changed: Mapping[str, Any]
    reviewed: bool = False

    @property
    def words(self) -> str:
        """What it was: `assigned it to #payments`."""
        if "assignedTo" in self.changed:
            actor = self.changed["assignedTo"]
            return "unassigned it" if actor is None else f"assigned it to {shown(actor)}"
        if "priority" in self.changed:
            return f"set the priority to {self.changed['priority']}"
        return _WORDS.get(str(self.changed.get("status")), "marked it reviewed")


def acts_of(activities: Iterable[Mapping[str, Any]], people: People) -> list[UserAction]:
    """What people did, the oldest first."""
    found: list[UserAction] = []
    for one in activities:
        at, user = moment(one.get("dateCreated")), one.get("user")
        if at is None or not isinstance(user, dict) or one.get("sentry_app"):
            continue
        told = json_object(user)
        changed = {key: value for key, value in changes_of(one, people, {}, timedelta()).items() if value is not ...}
        is_review = one.get("type") == "mark_reviewed"
        if changed or is_review:
            who = str(told.get("name") or told.get("email") or told.get("id") or "somebody")
            found.append(UserAction(at, who, changed, is_review))
    return sorted(found, key=lambda act: act.at)
