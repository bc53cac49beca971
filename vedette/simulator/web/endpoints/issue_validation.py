"""The validator of an issue update: the values of each field, and Sentry's messages for invalid ones.

Every field is optional and unknown ones are dropped silently. Nothing is changed here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vedette._core.json_values import json_object
from vedette.simulator.web.call import ApiCall, invalid
from vedette.simulator.web.endpoints.status_details import read_resolution, read_snooze
from vedette.simulator.world.id_parsing import as_id
from vedette.simulator.world.people import Assignee

if TYPE_CHECKING:
    from vedette.simulator.world.issues import Resolution, Snooze
    from vedette.simulator.world.projects import Project

STATUSES = ("resolved", "unresolved", "ignored", "resolvedInNextRelease", "muted")
SUBSTATUSES = {
    "ignored": ("archived_until_escalating", "archived_until_condition_met", "archived_forever"),
    "unresolved": ("escalating", "ongoing", "regressed", "new"),
}
PRIORITIES = ("low", "medium", "high")
FLAGS = ("inbox", "hasSeen", "isBookmarked", "isSubscribed", "isPublic", "merge", "discard")


@dataclass(slots=True)
class ValidatedUpdate:
    """A checked update. `sent` is the body, to be echoed; None means that a field was not sent."""

    sent: dict[str, Any]
    status: str | None = None
    substatus: str | None = None
    resolution: Resolution | None = None
    snooze: Snooze | None = None
    priority: str | None = None
    # None for "unassign", when `assigns`.
    assignee: Assignee | None = None
    assigns: bool = False
    flags: dict[str, bool] = field(default_factory=dict[str, bool])


def read_update(call: ApiCall, projects: list[Project]) -> ValidatedUpdate:
    """Check the body of an update for issues of these projects.

    Raises:
        ApiError: 400 with a message per wrong field.
    """
    body = call.fields
    update = ValidatedUpdate(sent=body, flags={name: _flag(body, name) for name in FLAGS if name in body})
    _choice(body, "status", STATUSES)
    sent = body.get("status")
    update.status = {"muted": "ignored", "resolvedInNextRelease": "resolved"}.get(str(sent), sent)
    update.substatus = _substatus(body, update.status)
    if call.world.profile.priorities:
        update.priority = _choice(body, "priority", PRIORITIES)
    if "assignedTo" in body:
        update.assigns, update.assignee = True, _assignee(call, body["assignedTo"])
    details = body.get("statusDetails", {})
    if not isinstance(details, dict):
        raise invalid(statusDetails={"non_field_errors": ["Invalid data. Expected a dictionary."]})
    known = json_object(details)
    if update.status == "resolved":
        update.resolution = read_resolution(call, body, known, projects)
    # With statusDetails present, the same keys beside it are not looked at.
    snooze = read_snooze(call, known if "statusDetails" in body else body, nested="statusDetails" in body)
    if update.status == "ignored":
        update.snooze = snooze
    return update


def _choice(body: dict[str, Any], name: str, choices: tuple[str, ...]) -> str | None:
    value = body.get(name)
    if name in body and value not in choices:
        raise invalid(**{name: f'"{value}" is not a valid choice.'})
    return value


def _substatus(body: dict[str, Any], status: str | None) -> str | None:
    value = body.get("substatus")
    if value is None:
        return None
    if all(value not in choices for choices in SUBSTATUSES.values()):
        raise invalid(substatus=f'"{value}" is not a valid choice.')
    if status is not None and value not in SUBSTATUSES.get(status, ()):
        raise invalid(substatus=f"invalid substatus '{value}' for status '{status}'")
    return value


def _flag(body: dict[str, Any], name: str) -> bool:
    value = body[name]
    if value in (True, "true", "True", "1", 1):
        return True
    if value in (False, "false", "False", "0", 0):
        return False
    raise invalid(**{name: "Must be a valid boolean."})


def _assignee(call: ApiCall, value: Any) -> Assignee | None:
    """Read `assignedTo`: digits or `user:ID`, `team:ID`, user name, e-mail; empty text unassigns. No team slugs."""
    if value is None:
        raise invalid(assignedTo="This field may not be null.")
    text, world = str(value), call.world
    if not text:
        return None
    kind, _, number = text.rpartition(":")
    identifier = as_id(number)
    if identifier is not None and kind in {"", "user", "team"}:
        subject = world.teams.get(identifier) if kind == "team" else world.users.get(identifier)
    else:
        subject = world.user_by_name.get(text)
    if subject is None:
        raise invalid(assignedTo="Unknown actor input")
    return Assignee(subject)


def check_assignable(call: ApiCall, assignee: Assignee, project: Project) -> None:
    """Check that a team has the project, or a person is in one of its teams.

    Raises:
        ApiError: 400 on `assignedTo`.
    """
    if assignee.type == "team":
        if assignee.subject not in project.teams:
            raise invalid(assignedTo="Cannot assign to a team without access to the project")
        return
    member = next((m for m in call.world.members.values() if m.user is assignee.subject), None)
    if member is None or all(team.id not in member.team_roles for team in project.teams):
        raise invalid(assignedTo="Cannot assign to non-team member")
