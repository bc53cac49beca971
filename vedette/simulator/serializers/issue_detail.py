"""Additions of the API to an issue: history, tags, counts over time, owners, and lists' extra keys."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from vedette.simulator.serializers.dates import zulu
from vedette.simulator.serializers.issue import issue_json
from vedette.simulator.serializers.people import user_json
from vedette.simulator.serializers.webhook_event import tags_of
from vedette.simulator.world.ownership import owners_of

if TYPE_CHECKING:
    from vedette.simulator.web.call import ApiCall
    from vedette.simulator.world.issues import Comment, Issue, SimulatedActivity
    from vedette.simulator.world.world import World

SHOWN_ACTIVITY = 100
HOUR, DAY = 3600, 86400
# Sentry's numbers for why an issue is in the inbox.
_REASONS = {"new": 0, "regressed": 2, "escalating": 9, "ongoing": 6}


def app_json(comment_or_activity: Comment | SimulatedActivity) -> dict[str, Any] | None:
    """Return the integration that acted, if one did."""
    integration = comment_or_activity.actor.integration
    if integration is None:
        return None
    return {"id": str(integration.id), "name": integration.name, "slug": integration.slug, "avatars": []}


def activity_json(world: World, activity: SimulatedActivity) -> dict[str, Any]:
    """Return one line of an issue's history; comments look the same."""
    user = activity.actor.user
    return {
        "id": str(activity.id),
        "type": activity.type,
        "user": user_json(world, user) if user else None,
        "sentry_app": app_json(activity),
        "data": activity.data,
        "dateCreated": zulu(activity.when),
    }


def comment_json(world: World, comment: Comment) -> dict[str, Any]:
    """Return a comment, which the API shows as an activity of type `note`."""
    user = comment.actor.user
    return {
        "id": str(comment.id),
        "type": "note",
        "user": user_json(world, user) if user else None,
        "sentry_app": app_json(comment),
        "data": {"text": comment.text},
        "dateCreated": zulu(comment.when),
    }


def tag_json(issue: Issue) -> list[dict[str, Any]]:
    """Return the issue's tag keys with how many values each has, counted over the kept events."""
    counts: dict[str, Counter[str]] = {}
    for event in issue.events:
        for key, value in tags_of(event):
            counts.setdefault(key, Counter())[value] += 1
    return [
        {"key": key, "name": key.replace("_", " ").title(), "uniqueValues": len(found), "totalValues": found.total()}
        for key, found in sorted(counts.items())
    ]


def series(world: World, issue: Issue, step: int, steps: int) -> list[list[int]]:
    """Return `[epoch seconds, events]` for each of the last `steps` steps, from the kept events."""
    last = int(world.clock().timestamp()) // step * step
    found = Counter(int(event.when.timestamp()) // step * step for event in issue.events)
    return [[moment, found[moment]] for moment in range(last - (steps - 1) * step, last + step, step)]


def inbox_json(issue: Issue) -> dict[str, Any] | None:
    """Return why it is for review, or None when it is not."""
    if not issue.in_inbox:
        return None
    reason = _REASONS.get(issue.substatus or "", 1)
    return {"reason": reason, "reason_details": None, "date_added": zulu(issue.inbox_since or issue.first_seen)}


def owners_json(world: World, issue: Issue) -> list[dict[str, Any]] | None:
    """Return suggested owners in the form that `assignedTo` takes, or null."""
    owners = owners_of(world, issue)
    return [
        {"type": "ownershipRule", "owner": f"{owner.type}:{owner.subject.id}", "date_added": zulu(issue.first_seen)}
        for owner in owners
    ] or None


def _expanded(call: ApiCall, issue: Issue) -> dict[str, Any]:
    wanted = {name for text in call.query.getlist("expand") for name in text.split(",")}
    found: dict[str, Any] = {}
    if "inbox" in wanted:
        found["inbox"] = inbox_json(issue)
    if "owners" in wanted:
        found["owners"] = owners_json(call.world, issue)
    if "sentryAppIssues" in wanted:
        found["sentryAppIssues"] = issue.links
    if "integrationIssues" in wanted:
        found["integrationIssues"] = issue.tracker_links
    if "latestEventHasAttachments" in wanted:
        found["latestEventHasAttachments"] = False
    return found


def listed_issue_json(call: ApiCall, issue: Issue) -> dict[str, Any]:
    """Return an issue as lists show it."""
    found = issue_json(call.world, issue, call.viewer) | _expanded(call, issue)
    collapsed = {name for text in call.query.getlist("collapse") for name in text.split(",")}
    if "stats" not in collapsed:
        found["stats"] = {"24h": series(call.world, issue, HOUR, 24)}
    counts = {name: found[name] for name in ("count", "userCount", "firstSeen", "lastSeen")}
    if "lifetime" not in collapsed:
        found["lifetime"] = {"stats": None, **counts}
    if "filtered" not in collapsed:
        found["filtered"] = None
    return found


def issue_detail_json(call: ApiCall, issue: Issue, *, full: bool = True) -> dict[str, Any]:
    """Return one issue; the answer to an update (`full` false) has neither history nor counts."""
    world = call.world
    found = issue_json(world, issue, call.viewer) | _expanded(call, issue)
    if not full:
        return found
    collapsed = {name for text in call.query.getlist("collapse") for name in text.split(",")}
    seen = [(world.users[user], when) for user, when in issue.seen_by.items()]
    history = [activity_json(world, activity) for activity in reversed(issue.activity[-SHOWN_ACTIVITY:])]
    people = {a.actor.user.id: a.actor.user for a in issue.activity if a.actor.user}
    found |= {
        "activity": history,
        "seenBy": [user_json(world, user) | {"lastSeen": zulu(when)} for user, when in seen],
        "participants": [user_json(world, user) | {"type": "user"} for user in people.values()],
        "userReportCount": 0,
    }
    if "release" not in collapsed:
        found |= {"firstRelease": _release(issue.first_release), "lastRelease": _release(issue.last_release)}
    if "tags" not in collapsed:
        found["tags"] = tag_json(issue)
    if "stats" not in collapsed:
        found["stats"] = {"24h": series(world, issue, HOUR, 24), "30d": series(world, issue, DAY, 30)}
    return found


def _release(version: str | None) -> dict[str, Any] | None:
    return None if version is None else {"version": version, "shortVersion": version}
