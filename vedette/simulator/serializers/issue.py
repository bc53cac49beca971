"""An issue in Sentry's JSON form: the keys both the API and the webhooks share, and what each adds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vedette.simulator.serializers.dates import isoformat, zulu
from vedette.simulator.serializers.people import user_json

if TYPE_CHECKING:
    from vedette.simulator.world.issues import ErrorReport, Issue
    from vedette.simulator.world.people import Assignee
    from vedette.simulator.world.world import World

# Keys that Sentry 23.7.1 does not have.
_LATER = frozenset(
    {
        "priority",
        "priorityLockedAt",
        "seerFixabilityScore",
        "seerAutofixLastTriggered",
        "seerExplorerAutofixLastTriggered",
    }
)
# Sentry's numbers for its own first guess at a priority.
_INITIAL_PRIORITY = {"low": 25, "medium": 50, "high": 75}


def api_url(world: World, issue: Issue) -> str:
    """Return the issue's address in the API, org-scoped as newer servers write it."""
    return f"{world.base_url}/api/0/organizations/{world.organization_slug}/issues/{issue.id}/"


def web_url(world: World, issue: Issue) -> str:
    """Return the issue's page."""
    return f"{world.base_url}/organizations/{world.organization_slug}/issues/{issue.id}/"


def assignee_json(assignee: Assignee | None) -> dict[str, Any] | None:
    """Return `assignedTo`: the id is a string here, while webhooks' `assignee` has an integer."""
    if assignee is None:
        return None
    found = {"type": assignee.type, "id": str(assignee.subject.id), "name": assignee.name}
    if assignee.type == "user":
        found["email"] = getattr(assignee.subject, "email", "")
    return found


def status_details(world: World, issue: Issue) -> dict[str, Any]:
    """Return `statusDetails`: how it was resolved, or what ends its archive; the acting person where there is one."""
    details: dict[str, Any] = {}
    if issue.resolution:
        match issue.resolution.type:
            case "in_next_release":
                details["inNextRelease"] = True
            case "in_release" | "with_commit" if issue.resolution.release:
                details["inRelease"] = issue.resolution.release.version
            case "in_commit":
                details["inCommit"] = issue.resolution.commit
            case _:
                pass
    if issue.snooze:
        snooze = issue.snooze
        details |= {
            "ignoreCount": snooze.count,
            "ignoreUntil": zulu(snooze.until),
            "ignoreUserCount": snooze.user_count,
            "ignoreUserWindow": snooze.user_window,
            "ignoreWindow": snooze.window,
        }
    if details and issue.changed_by and issue.changed_by.user:
        details["actor"] = user_json(world, issue.changed_by.user)
    return details


def metadata(report: ErrorReport) -> dict[str, Any]:
    """Return `metadata`, from which Sentry makes the title."""
    if report.event_type != "error":
        return {"title": report.title, "value": report.value}
    sdk = f"sentry.{report.platform}"
    return {
        "type": report.type,
        "value": report.value,
        "filename": report.filename,
        "function": report.function,
        "in_app_frame_mix": "in-app-only",
        "sdk": {"name": sdk, "name_normalized": sdk},
        "severity": 0.1 if report.level in {"debug", "info", "warning"} else 0.84,
        "severity_reason": "ml",
        "initial_priority": _INITIAL_PRIORITY.get(report.priority or "medium", 50),
    }


def issue_json(world: World, issue: Issue, viewer: str | None = None) -> dict[str, Any]:
    """Return the plain issue. The flags (seen, bookmarked, subscribed) are those of `viewer`; webhooks have none."""
    report, project = issue.report, issue.project
    found = {
        "id": str(issue.id),
        "shareId": issue.share_id,
        "shortId": issue.short_id,
        "title": issue.title,
        "culprit": report.culprit,
        "permalink": web_url(world, issue),
        "logger": report.logger,
        "level": issue.level,
        "status": issue.status,
        "statusDetails": status_details(world, issue),
        "substatus": issue.substatus,
        "isPublic": issue.share_id is not None,
        "platform": report.platform,
        "project": {
            "id": str(project.id),
            "name": project.name,
            "slug": project.slug,
            "platform": project.platform,
        },
        "type": report.event_type,
        "metadata": metadata(report),
        "numComments": len(issue.comments),
        "assignedTo": assignee_json(issue.assignee),
        "isBookmarked": viewer in issue.bookmarked_by,
        "isSubscribed": viewer in issue.subscribers,
        "subscriptionDetails": {"reason": "unknown"} if viewer in issue.subscribers else None,
        "hasSeen": viewer is not None and any(viewer == f"user:{user}" for user in issue.seen_by),
        "annotations": [{"displayName": link["displayName"], "url": link["webUrl"]} for link in issue.links],
        "issueType": report.issue_type,
        "issueCategory": report.issue_category,
        "priority": issue.priority,
        "priorityLockedAt": zulu(issue.priority_locked),
        "seerFixabilityScore": None,
        "seerAutofixLastTriggered": None,
        "seerExplorerAutofixLastTriggered": None,
        "isUnhandled": not report.handled,
        "count": str(issue.count),
        "userCount": len(issue.users),
        "firstSeen": zulu(issue.first_seen),
        "lastSeen": zulu(issue.last_seen),
    }
    return found if world.profile.priorities else {name: value for name, value in found.items() if name not in _LATER}


def webhook_issue(world: World, issue: Issue, *, created: bool = False) -> dict[str, Any]:
    """Return `data.issue`; in `issue.created` alone the dates have the other spelling."""
    found = issue_json(world, issue)
    if not world.profile.webhook_urls:
        return found
    if created:
        found["firstSeen"], found["lastSeen"] = isoformat(issue.first_seen), isoformat(issue.last_seen)
    project_url = f"{world.base_url}/organizations/{world.organization_slug}/issues/?project={issue.project.id}"
    return {"url": api_url(world, issue), "web_url": web_url(world, issue), "project_url": project_url, **found}
