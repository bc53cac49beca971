"""Reconstructs the events of an issue from its history, with the state of the issue at each of them.

The list of activities shows the changes, so the state is followed from the creation of the issue, where it is known:
unresolved, new, unassigned, seen once. Fields that are permanent (title, type of error, location, level, project) have
their current values; Sentry may change some of them with later events. Fields that change without an activity (counts,
last seen) are unknown after the creation, and so are fields with a history that does not lead to the current value.

Sentry sends webhooks for some changes only: regression and escalation both as `issue.unresolved`, the first assignment
but no later one, and none for a new priority.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from vedette.history.activity_changes import SUBSTATUSES, State, changes_of, moment, object_in
from vedette.history.people import People

CREATED: Final = "issue.created"
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
    """

    at: datetime
    name: str
    state: State
    born: bool = False

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
    for at, name, state in states:
        if name:
            yield ReconstructedEvent(at, name, {key: value for key, value in state.items() if key not in inconsistent})


def _follow(
    state: dict[str, Any], listed: list[Mapping[str, Any]], born: datetime, people: People
) -> Iterator[tuple[datetime, str, dict[str, Any]]]:
    """Yield the state after each activity, and the name of the webhook if one was sent."""
    dated = [(at, one) for one in reversed(listed) if (at := moment(one.get("dateCreated")))]
    for at, one in sorted(dated, key=lambda pair: pair[0]):
        before = state
        changed = changes_of(one, people, before, at - born)
        state = before | changed
        for key in [key for key, value in state.items() if value is ...]:
            del state[key]
        yield at, _webhook_name(str(one["type"]), before), state


def _webhook_name(kind: str, before: State) -> str:
    """Return the name of the webhook for an activity; empty if none is sent."""
    if kind.startswith("set_resolved"):
        return "issue.resolved"
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
