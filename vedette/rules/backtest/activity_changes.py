"""What one line of an issue's history changed about it.

Names of activities are those of Sentry's own activity feed, as the simulated Sentry writes them; all that begin with
`set_resolved` are resolutions.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from vedette._core.json_values import json_object
from vedette.rules.backtest.people import People

NEW_FOR: Final = timedelta(days=7)
"""An issue no older than this is new again when it leaves the archive (Sentry's update code)."""
SUBSTATUSES: Final = {"set_regression": "regressed", "set_escalating": "escalating"}
"""Activities of Sentry's own that reopen an issue, and as what."""

State = Mapping[str, Any]
"""Fields of an issue that change; one that is missing is not known."""


def moment(text: object) -> datetime | None:
    """A date as Sentry writes it, in UTC."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def changes_of(one: Mapping[str, Any], people: People, before: State, age: timedelta) -> dict[str, Any]:
    """The fields that an activity changed; `...` where it is not known to what."""
    kind, data = str(one.get("type")), object_in(one, "data")
    changed: dict[str, Any] = {}
    match kind:
        case "set_regression" | "set_escalating":
            changed = {"status": "unresolved", "substatus": SUBSTATUSES[kind]}
        case "set_unresolved":
            is_new = before.get("status") == "ignored" and age < NEW_FOR
            changed = {"status": "unresolved", "substatus": "new" if is_new else "ongoing"}
        case "set_ignored":
            # Which kind of archive is told by some servers only.
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
    """An object of an object; an empty one where there is none."""
    found = body.get(key)
    return json_object(found)
