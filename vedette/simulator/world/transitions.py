"""Changing an issue's state, with the webhooks each change sends.

Defaults and side effects are those of Sentry's update code; what a request may ask for is checked in
`endpoints.issue_update`, so that people in the demonstration and API calls go through the same door.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from vedette.simulator.serializers.issue import webhook_issue
from vedette.simulator.world.issues import Resolution, SimulatedActivity, Snooze

if TYPE_CHECKING:
    from vedette.simulator.world.actors import Actor
    from vedette.simulator.world.issues import Issue
    from vedette.simulator.world.people import Assignee
    from vedette.simulator.world.world import World

# An issue younger than this is "new" again when it comes out of the archive.
NEW_FOR = timedelta(days=7)


def note_activity(
    world: World, issue: Issue, kind: str, actor: Actor, data: dict[str, Any] | None = None
) -> SimulatedActivity:
    """Write a line into the issue's history."""
    activity = SimulatedActivity(world.next_id("activity"), kind, actor, world.clock(), data or {})
    issue.activity.append(activity)
    return activity


def emit_issue_webhook(
    world: World, issue: Issue, action: str, actor: Actor, extra: dict[str, Any] | None = None
) -> None:
    """Emit an `issue` webhook; extra keys come before the issue, as Sentry writes them."""

    def data() -> dict[str, Any]:
        return {**(extra or {}), "issue": webhook_issue(world, issue, created=action == "created")}

    world.emit("issue", action, data, actor, str(issue.id))


def resolve(world: World, issue: Issue, actor: Actor, resolution: Resolution | None = None) -> bool:
    """Resolve it. Newer Sentry skips resolved issues: no second activity, no second webhook."""
    if issue.status == "resolved":
        return False
    world.revision += 1
    resolution = resolution or Resolution()
    resolution.when = world.clock()
    issue.status, issue.substatus, issue.in_inbox = "resolved", None, False
    issue.resolution, issue.snooze, issue.changed_by = resolution, None, actor
    note_activity(world, issue, "set_resolved", actor, {"resolution_type": resolution.type})
    emit_issue_webhook(world, issue, "resolved", actor, {"resolution_type": resolution.type})
    return True


def archive(world: World, issue: Issue, actor: Actor, substatus: str, snooze: Snooze | None = None) -> bool:
    """Archive it. An archived issue keeps its mode: the row update leaves out issues that have the status already."""
    if issue.status == "ignored":
        return False
    world.revision += 1
    issue.status, issue.substatus, issue.in_inbox = "ignored", substatus, False
    issue.resolution, issue.snooze, issue.changed_by = None, snooze, actor
    issue.archived_count = issue.count
    if snooze:
        snooze.since, snooze.count_then, snooze.users_then = world.clock(), issue.count, len(issue.users)
    note_activity(world, issue, "set_ignored", actor)
    emit_issue_webhook(world, issue, "ignored", actor)
    return True


def unresolve(world: World, issue: Issue, actor: Actor, substatus: str | None = None) -> bool:
    """Open it again; without a substatus, young issues that were archived become new, others ongoing."""
    if issue.status == "unresolved":
        return False
    world.revision += 1
    if substatus is None:
        young = issue.status == "ignored" and world.clock() - issue.first_seen < NEW_FOR
        substatus = "new" if young else "ongoing"
    issue.status, issue.substatus = "unresolved", substatus
    # The release it was resolved in is forgotten here, for good.
    issue.resolution, issue.snooze, issue.changed_by = None, None, actor
    kinds = {"regressed": "set_regression", "escalating": "set_escalating"}
    note_activity(world, issue, kinds.get(substatus, "set_unresolved"), actor)
    emit_issue_webhook(world, issue, "unresolved", actor)
    return True


def assign(world: World, issue: Issue, actor: Actor, assignee: Assignee) -> bool:
    """Assign it. The webhook goes out from unassigned to assigned only, not on re-assignment."""
    if issue.assignee == assignee:
        return False
    world.revision += 1
    was_unassigned, issue.assignee = issue.assignee is None, assignee
    note_activity(
        world, issue, "assigned", actor, {"assignee": str(assignee.subject.id), "assigneeType": assignee.type}
    )
    if was_unassigned:
        told: dict[str, Any] = {"type": assignee.type, "name": assignee.name, "id": assignee.subject.id}
        if assignee.type == "user":
            told["email"] = getattr(assignee.subject, "email", "")
        emit_issue_webhook(world, issue, "assigned", actor, {"assignee": told})
    return True


def unassign(world: World, issue: Issue, actor: Actor) -> bool:
    """Take the assignee away; there is no webhook for that."""
    if issue.assignee is None:
        return False
    world.revision += 1
    issue.assignee = None
    note_activity(world, issue, "unassigned", actor)
    return True


def set_priority(world: World, issue: Issue, actor: Actor, priority: str) -> bool:
    """Set and lock the priority; there is no webhook for that."""
    issue.priority_locked = issue.priority_locked or world.clock()
    if issue.priority == priority:
        return False
    world.revision += 1
    issue.priority = priority
    note_activity(world, issue, "set_priority", actor, {"priority": priority, "reason": "issue_platform"})
    return True


def set_inbox(world: World, issue: Issue, *, for_review: bool) -> None:
    """Put it back into "For Review", or mark it reviewed, which makes new, regressed and escalating ones ongoing."""
    world.revision += 1
    issue.in_inbox, issue.inbox_since = for_review, world.clock() if for_review else None
    if not for_review and issue.substatus in {"new", "regressed", "escalating"}:
        issue.substatus = "ongoing"
