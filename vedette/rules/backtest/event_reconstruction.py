"""What happened to an issue, from its history, and what it was like each time: the past as webhooks told it.

An issue's list of activities says what changed, so its state is followed forward from its birth, which is known: open,
new, nobody's, seen once. What is true of an issue all its life (title, type of error, place, level, project) is taken
as it is today; Sentry can move some of that along with later events. What changes and leaves no trace (counts, last
seen) is unknown later on, and so is whatever does not lead to what the issue is today.

For which changes a webhook was sent is known from Sentry's sender: regression and escalation both arrive as
`issue.unresolved`, only the first assignment is told, and a new priority is not.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from vedette.events import Issue
from vedette.events.catalog import names_of
from vedette.rules.backtest.activity_changes import SUBSTATUSES, State, changes_of, moment, object_in
from vedette.rules.backtest.people import People
from vedette.rules.engine.engine import Subject
from vedette.search import Facts, facts_of_issue

CREATED: Final = "issue.created"
SHOWN: Final = 100
"""Activities that Sentry shows of an issue; what was before them is not known."""
CHANGING: Final = ("status", "substatus", "assignedTo", "priority")
"""Fields whose past is followed."""
TRACELESS: Final = ("count", "userCount", "lastSeen", "annotations", "seerAutofixLastTriggered")
"""Fields whose past is not known."""
_PRIORITIES: Final = {25: "low", 50: "medium", 75: "high"}


@dataclass(frozen=True, slots=True)
class ReconstructedEvent:
    """One thing that Sentry told, or would have told, by a webhook.

    Attributes:
        at: when.
        name: `issue.created`, `issue.resolved` and so on.
        state: what it was like right after it.
        born: whether it is the birth of the issue.
    """

    at: datetime
    name: str
    state: State
    born: bool = False

    def facts(self, body: Mapping[str, Any]) -> Facts:
        """What could be known of the issue at that moment, with relative times counted from it."""
        then = {name: value for name, value in body.items() if name not in (*CHANGING, *TRACELESS)}
        then |= self.state
        if self.born:
            then |= {"count": "1", "lastSeen": body.get("firstSeen")}
        return facts_of_issue(Issue.model_validate(then), now=self.at)

    def subject(self, body: Mapping[str, Any]) -> Subject:
        """The same as what the engine decides."""
        resource, _, action = self.name.partition(".")
        return Subject(self.name, self.facts(body), str(body["id"]), names_of(resource, action))


def lasting_facts(body: Mapping[str, Any]) -> Facts:
    """What is true of an issue at all times: a search that this makes false never matches."""
    return facts_of_issue(
        Issue.model_validate({name: value for name, value in body.items() if name not in (*CHANGING, *TRACELESS)})
    )


def looks_touched(body: Mapping[str, Any]) -> bool:
    """Whether the issue shows today that something changed since its birth."""
    initial = _initial_priority(body, ())
    return (
        body.get("status") != "unresolved"
        or body.get("substatus") not in {"new", "ongoing", None}
        or body.get("assignedTo") is not None
        or body.get("priorityLockedAt") is not None
        or (initial is not None and body.get("priority") != initial)
    )


def happenings_of(
    body: Mapping[str, Any], activities: Iterable[Mapping[str, Any]], people: People | None = None
) -> list[ReconstructedEvent]:
    """All happenings of an issue, the oldest first.

    Args:
        body: the issue as it is today.
        activities: its history, newest first, as Sentry gives it; empty when it was not read.
        people: who is behind the ids.
    """
    born = moment(body.get("firstSeen"))
    if born is None:
        return []
    listed = [one for one in activities if isinstance(one.get("type"), str)]
    birth = _birth(body, listed)
    found = [ReconstructedEvent(born, CREATED, birth, born=True)]
    found += _later(body, listed, birth, born, people or People())
    return found


def _birth(body: Mapping[str, Any], activities: list[Mapping[str, Any]]) -> dict[str, Any]:
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
    states = list(_followed({**birth} if is_whole else {}, listed, born, people))
    doubtful = _doubtful(body, states[-1][2]) if states else ()
    for at, name, state in states:
        if name:
            yield ReconstructedEvent(at, name, {key: value for key, value in state.items() if key not in doubtful})


def _followed(
    state: dict[str, Any], listed: list[Mapping[str, Any]], born: datetime, people: People
) -> Iterator[tuple[datetime, str, dict[str, Any]]]:
    """The state after each activity, and the name of the webhook where one was sent."""
    dated = [(at, one) for one in reversed(listed) if (at := moment(one.get("dateCreated")))]
    for at, one in sorted(dated, key=lambda pair: pair[0]):
        before = state
        changed = changes_of(one, people, before, at - born)
        state = before | changed
        for key in [key for key, value in state.items() if value is ...]:
            del state[key]
        yield at, _told(str(one["type"]), before), state


def _told(kind: str, before: State) -> str:
    """The webhook that was sent for an activity; empty where there is none."""
    if kind.startswith("set_resolved"):
        return "issue.resolved"
    if kind in {"set_unresolved", *SUBSTATUSES}:
        return "issue.unresolved"
    if kind == "set_ignored":
        return "issue.archived"
    was_nobodys = "assignedTo" in before and before["assignedTo"] is None
    return "issue.assigned" if kind == "assigned" and was_nobodys else ""


def _doubtful(body: Mapping[str, Any], last: State) -> tuple[str, ...]:
    """Fields that the history does not lead to: something changed them without leaving a trace."""

    def differs(key: str) -> bool:
        if key not in last or key not in body:
            return False
        if key == "assignedTo":
            return _identity(last, key) != _identity(body, key)
        # What was new or regressed becomes ongoing by itself, and not every server writes that down.
        return key != "substatus" and last[key] != body[key]

    return tuple(key for key in CHANGING if differs(key))


def _identity(body: Mapping[str, Any], key: str) -> tuple[str, str]:
    actor = object_in(body, key)
    return str(actor.get("type")), str(actor.get("id"))
