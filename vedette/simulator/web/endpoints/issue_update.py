"""Applying an update to one issue or many, in Sentry's order, and the delta that a bulk call answers with."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from vedette.simulator.serializers.issue import assignee_json
from vedette.simulator.web.call import ApiCall, EndpointResponse, bad_request, invalid
from vedette.simulator.web.endpoints.issue_validation import ValidatedUpdate, check_assignable, read_update
from vedette.simulator.world import comments, transitions
from vedette.simulator.world.issues import Resolution

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vedette.simulator.world.issues import Issue


def update_issues(call: ApiCall, issues: Sequence[Issue]) -> EndpointResponse:
    """Change these issues and answer with the delta; 204 after a discard."""
    update = read_update(call, list({issue.project.id: issue.project for issue in issues}.values()))
    if update.flags.get("discard"):
        return _discard(call, update, issues)
    if update.assignee is not None:
        for project in {issue.project.id: issue.project for issue in issues}.values():
            check_assignable(call, update.assignee, project)
    if update.flags.get("merge") and len({issue.project.id for issue in issues}) > 1:
        raise bad_request("Merging across multiple projects is not supported")
    for issue in issues:
        _apply(call, issue, update)
    delta = _delta(call, update, issues)
    if update.flags.get("merge") and len(issues) > 1:
        parent = comments.merge(call.world, issues, call.actor)
        delta["merge"] = {
            "parent": str(parent.id),
            "children": [str(issue.id) for issue in issues if issue is not parent],
        }
    return EndpointResponse(delta)


def _discard(call: ApiCall, update: ValidatedUpdate, issues: Sequence[Issue]) -> EndpointResponse:
    if not call.holds("event:admin"):
        raise invalid(discard="You do not have permission to discard events")
    if set(update.sent) != {"discard"}:
        raise bad_request("Other parameters cannot be updated when discarding")
    if any(issue.report.issue_category != "error" for issue in issues):
        raise bad_request("Cannot discard non-error issues.")
    for issue in issues:
        comments.delete_issue(call.world, issue, discard=True)
    return EndpointResponse(status=204)


def _apply(call: ApiCall, issue: Issue, update: ValidatedUpdate) -> None:
    world, actor = call.world, call.actor
    if update.priority:
        transitions.set_priority(world, issue, actor, update.priority)
    _apply_status(call, issue, update)
    if update.assigns:
        if update.assignee:
            transitions.assign(world, issue, actor, update.assignee)
        else:
            transitions.unassign(world, issue, actor)
    _apply_flags(call, issue, update.flags)


def _apply_status(call: ApiCall, issue: Issue, update: ValidatedUpdate) -> None:
    world, actor = call.world, call.actor
    # A substatus without a status is accepted, echoed and does nothing.
    match update.status:
        case "resolved":
            given = update.resolution or Resolution()
            transitions.resolve(world, issue, actor, Resolution(given.type, given.release, given.commit))
        case "ignored":
            default = "archived_until_condition_met" if update.snooze else "archived_forever"
            transitions.archive(world, issue, actor, update.substatus or default, update.snooze)
        case "unresolved":
            transitions.unresolve(world, issue, actor, update.substatus)
        case _:
            pass


def _apply_flags(call: ApiCall, issue: Issue, flags: dict[str, bool]) -> None:
    world, viewer = call.world, call.viewer
    for name, group in (("isBookmarked", issue.bookmarked_by), ("isSubscribed", issue.subscribers)):
        if name in flags:
            (group.add if flags[name] else group.discard)(viewer)
    if flags.get("isBookmarked"):
        issue.subscribers.add(viewer)
    user = call.actor.user
    # Seen marks are for members of the project; nothing happens for an integration.
    if "hasSeen" in flags and user is not None:
        if flags["hasSeen"]:
            issue.seen_by[user.id] = world.clock()
        else:
            issue.seen_by.pop(user.id, None)
    if "isPublic" in flags:
        # Sharing again replaces the link that was given out before.
        issue.share_id = uuid.UUID(int=world.random.getrandbits(128), version=4).hex if flags["isPublic"] else None
        world.revision += 1
    if "inbox" in flags:
        transitions.set_inbox(world, issue, for_review=flags["inbox"])


def _delta(call: ApiCall, update: ValidatedUpdate, issues: Sequence[Issue]) -> dict[str, Any]:
    """Return the sent fields, as Sentry echoes them, with or without an effect."""
    delta: dict[str, Any] = {}
    for name in ("inbox", "hasSeen", "isBookmarked", "isPublic", "isSubscribed"):
        if name in update.flags:
            delta[name] = update.flags[name]
    for name in ("priority", "substatus"):
        if update.sent.get(name) and (name != "priority" or call.world.profile.priorities):
            delta[name] = update.sent[name]
    if update.status:
        delta["status"] = update.status
        delta["statusDetails"] = update.sent.get("statusDetails", {})
    if update.assigns:
        delta["assignedTo"] = assignee_json(update.assignee)
    if "isPublic" in update.flags and issues and issues[0].share_id:
        delta["shareId"] = issues[0].share_id
    if "isSubscribed" in update.flags:
        delta["subscriptionDetails"] = {"reason": "unknown"} if update.flags["isSubscribed"] else {"disabled": False}
    return delta
