"""Reconstructs the events of an issue from its history, with the state of the issue at each of them.

The list of activities shows the changes, so the state is followed from the creation of the issue, where it is known:
unresolved, new, unassigned, seen once. Fields that are permanent (title, type of error, location, level, project) have
their current values; Sentry may change some of them with later events. Fields that change without an activity (counts,
last seen) are unknown after the creation, and so are fields with a history that does not lead to the current value.

Sentry sends webhooks for some changes only: regression and escalation both as `issue.unresolved`, the first assignment
but no later one, none for a new priority, and none for issues resolved in an external tracker (getsentry/sentry#54089).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from vedette.history.activity_changes import SUBSTATUSES, State, changes_of, moment, object_in
from vedette.history.people import People

CREATED: Final = "issue.created"
COMMENTED: Final = "comment.created"
SHOWN: Final = 100
"""The largest number of activities that Sentry shows; earlier ones are unknown."""
CHANGING: Final = ("status", "substatus", "assignedTo", "priority")
"""Fields with a known history."""
TRACELESS: Final = ("count", "userCount", "lastSeen", "annotations", "seerAutofixLastTriggered")
"""Fields with an unknown history."""
_PRIORITIES: Final = {25: "low", 50: "medium", 75: "high"}


@dataclass(frozen=True, slots=True)
class ReconstructedEvent:
    """An event for which Sentry sends a webhook.

    Attributes:
        at: The time.
        name: `issue.created`, `issue.resolved` and so on.
        state: The state of the issue after it.
        born: Whether it is the creation of the issue.
        activity: The activity that shows it; empty for the creation.
    """

    at: datetime
    name: str
    state: State
    born: bool = False
    activity: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def body_at(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return the issue as it was then, without the fields that are unknown."""
        then = permanent_fields(body) | dict(self.state)
        return then | {"count": "1", "lastSeen": body.get("firstSeen")} if self.born else then


def permanent_fields(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of an issue that no change of its past can have touched."""
    return {name: value for name, value in body.items() if name not in (*CHANGING, *TRACELESS)}


def looks_changed(body: Mapping[str, Any]) -> bool:
    """Return whether the current state shows a change since the creation."""
    initial = _initial_priority(body, ())
    return (
        body.get("status") != "unresolved"
        or body.get("substatus") not in {"new", "ongoing", None}
        or body.get("assignedTo") is not None
        or body.get("priorityLockedAt") is not None
        or (initial is not None and body.get("priority") != initial)
    )


def reconstruct_events(
    body: Mapping[str, Any], activities: Iterable[Mapping[str, Any]], people: People | None = None
) -> list[ReconstructedEvent]:
    """Reconstruct all events of an issue, the oldest first.

    Args:
        body: The current issue.
        activities: Its history, newest first, in Sentry's form; empty if it was not read.
        people: The known users and teams.
    """
    born = moment(body.get("firstSeen"))
    if born is None:
        return []
    listed = [one for one in activities if isinstance(one.get("type"), str)]
    birth = _initial_state(body, listed)
    found = [ReconstructedEvent(born, CREATED, birth, born=True)]
    found += _later(body, listed, birth, born, people or People())
    return found


def reconstruct_comments(activities: Iterable[Mapping[str, Any]]) -> list[ReconstructedEvent]:
    """Reconstruct the comments of an issue that still exist, the oldest first; a deleted one leaves no trace."""
    notes = [one for one in activities if one.get("type") == "note"]
    dated = [(at, one) for one in notes if (at := moment(one.get("dateCreated")))]
    return [ReconstructedEvent(at, COMMENTED, {}, activity=one) for at, one in sorted(dated, key=lambda pair: pair[0])]


def _initial_state(body: Mapping[str, Any], activities: list[Mapping[str, Any]]) -> dict[str, Any]:
    state: dict[str, Any] = {"status": "unresolved", "substatus": "new", "assignedTo": None}
    priority = _initial_priority(body, activities)
    return state if priority is None else state | {"priority": priority}


def _initial_priority(body: Mapping[str, Any], activities: Iterable[Mapping[str, Any]]) -> str | None:
    for one in activities:
        priority = object_in(one, "data").get("priority")
        if one.get("type") == "first_seen" and isinstance(priority, str):
            return priority
    initial: object = object_in(body, "metadata").get("initial_priority")
    return _PRIORITIES.get(initial) if isinstance(initial, int) else None


def _later(
    body: Mapping[str, Any], listed: list[Mapping[str, Any]], birth: State, born: datetime, people: People
) -> Iterator[ReconstructedEvent]:
    is_whole = len(listed) < SHOWN or any(one.get("type") == "first_seen" for one in listed)
    states = list(_follow({**birth} if is_whole else {}, listed, born, people))
    inconsistent = _inconsistent(body, states[-1][2]) if states else ()
    for at, name, state, one in states:
        if name:
            known = {key: value for key, value in state.items() if key not in inconsistent}
            yield ReconstructedEvent(at, name, known, activity=one)


def _follow(
    state: dict[str, Any], listed: list[Mapping[str, Any]], born: datetime, people: People
) -> Iterator[tuple[datetime, str, dict[str, Any], Mapping[str, Any]]]:
    """Yield the state after each activity, the name of the webhook if one was sent, and the activity."""
    dated = [(at, one) for one in reversed(listed) if (at := moment(one.get("dateCreated")))]
    for at, one in sorted(dated, key=lambda pair: pair[0]):
        before = state
        changed = changes_of(one, people, before, at - born)
        state = before | changed
        for key in [key for key, value in state.items() if value is ...]:
            del state[key]
        yield at, _webhook_name(one, before), state, one


def _webhook_name(one: Mapping[str, Any], before: State) -> str:
    """Return the name of the webhook for an activity; empty if none is sent."""
    kind = str(one["type"])
    if kind.startswith("set_resolved"):
        return "" if object_in(one, "data").get("integration_id") else "issue.resolved"
    if kind in {"set_unresolved", *SUBSTATUSES}:
        return "issue.unresolved"
    if kind == "set_ignored":
        return "issue.archived"
    was_unassigned = "assignedTo" in before and before["assignedTo"] is None
    return "issue.assigned" if kind == "assigned" and was_unassigned else ""


def _inconsistent(body: Mapping[str, Any], last: State) -> tuple[str, ...]:
    """Return the fields with another current value than the history leads to."""

    def differs(key: str) -> bool:
        if key not in last or key not in body:
            return False
        if key == "assignedTo":
            return _identity(last, key) != _identity(body, key)
        # New and regressed issues become ongoing automatically, and not every server records that.
        return key != "substatus" and last[key] != body[key]

    return tuple(key for key in CHANGING if differs(key))


def _identity(body: Mapping[str, Any], key: str) -> tuple[str, str]:
    actor = object_in(body, key)
    return str(actor.get("type")), str(actor.get("id"))
