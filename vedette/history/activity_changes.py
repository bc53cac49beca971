"""Reads the changes of an issue from the activities in its history.

The names of activities are those of Sentry's activity feed; all that begin with `set_resolved` are resolutions.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from vedette._core.json_values import json_object
from vedette.history.people import People

NEW_FOR: Final = timedelta(days=7)
"""The age up to which a reopened issue becomes new again (Sentry's update code)."""
SUBSTATUSES: Final = {"set_regression": "regressed", "set_escalating": "escalating"}
"""Sentry's own activities that reopen an issue, with the new substatus."""

State = Mapping[str, Any]
"""Fields of an issue that change; a missing field is unknown."""


def moment(text: object) -> datetime | None:
    """Parse a date of Sentry, in UTC."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def changes_of(one: Mapping[str, Any], people: People, before: State, age: timedelta) -> dict[str, Any]:
    """Return the fields that an activity changed; `...` for an unknown value."""
    kind, data = str(one.get("type")), object_in(one, "data")
    changed: dict[str, Any] = {}
    match kind:
        case "set_regression" | "set_escalating":
            changed = {"status": "unresolved", "substatus": SUBSTATUSES[kind]}
        case "set_unresolved":
            is_new = before.get("status") == "ignored" and age < NEW_FOR
            changed = {"status": "unresolved", "substatus": "new" if is_new else "ongoing"}
        case "set_ignored":
            # Only some servers report the kind of archival.
            until = "archived_until_escalating" if data.get("ignoreUntilEscalating") else ...
            changed = {"status": "ignored", "substatus": until}
        case "auto_set_ongoing" | "mark_reviewed" if before.get("status") == "unresolved":
            changed = {"substatus": "ongoing"}
        case "assigned":
            changed = {"assignedTo": people.assignee(data)}
        case "unassigned":
            changed = {"assignedTo": None}
        case "set_priority":
            changed = {"priority": data.get("priority") or ...}
        case _ if kind.startswith("set_resolved"):
            changed = {"status": "resolved", "substatus": None}
        case _:
            pass
    return changed


def object_in(body: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Return the object at a key; an empty one if there is none."""
    found = body.get(key)
    return json_object(found)
