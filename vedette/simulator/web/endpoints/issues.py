"""Issues: look-up, update and delete, one at a time or many."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vedette.simulator.serializers.api_event import event_detail_json
from vedette.simulator.serializers.issue_detail import issue_detail_json, listed_issue_json
from vedette.simulator.web.call import ApiCall, EndpointResponse, not_found
from vedette.simulator.web.endpoints.issue_lists import find, projects_asked
from vedette.simulator.web.endpoints.issue_update import update_issues
from vedette.simulator.world import comments

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vedette.simulator.web.call import Handler
    from vedette.simulator.world.issues import Issue
    from vedette.simulator.world.projects import Project


BULK = 1000
"""The most issues a bulk call changes."""


def get(call: ApiCall) -> EndpointResponse:
    """Answer with one issue, its history and tags."""
    return EndpointResponse(issue_detail_json(call, call.issue))


def update(call: ApiCall) -> EndpointResponse:
    """Change one issue and answer with its new state."""
    issue = call.issue
    answer = update_issues(call, [issue])
    return answer if answer.status == 204 else EndpointResponse(issue_detail_json(call, issue, full=False))  # noqa: PLR2004


def delete(call: ApiCall) -> EndpointResponse:
    """Accept an issue for deletion; from then on it is not found."""
    comments.delete_issue(call.world, call.issue)
    return EndpointResponse(status=202)


def _bulk(call: ApiCall, projects: list[Project] | None) -> list[Issue]:
    """Return what a bulk call means: its ids, or, when none of them is in scope, whatever the search finds."""
    found: dict[int, Issue] = {}
    for text in call.query.getlist("id"):
        issue = call.world.find_issue(text)
        if issue and (projects is None or issue.project in projects):
            found[issue.id] = issue
    if found:
        return list(found.values())[:BULK]
    return list(find(call, call.query.get("query", "is:unresolved"), projects))[:BULK]


def _update_bulk(call: ApiCall, projects: list[Project] | None) -> EndpointResponse:
    issues = _bulk(call, projects)
    return update_issues(call, issues) if issues else EndpointResponse({"detail": "No groups found"}, 204)


def update_many(call: ApiCall) -> EndpointResponse:
    """Change many issues of the organization."""
    return _update_bulk(call, projects_asked(call))


def update_in_project(call: ApiCall) -> EndpointResponse:
    """Change many issues of one project."""
    return _update_bulk(call, [call.project])


def _delete_bulk(call: ApiCall, projects: list[Project] | None) -> EndpointResponse:
    for issue in _bulk(call, projects):
        comments.delete_issue(call.world, issue)
    return EndpointResponse(status=204)


def delete_many(call: ApiCall) -> EndpointResponse:
    """Delete many issues of the organization."""
    return _delete_bulk(call, projects_asked(call))


def delete_in_project(call: ApiCall) -> EndpointResponse:
    """Delete many issues of one project."""
    return _delete_bulk(call, [call.project])


def by_short_id(call: ApiCall) -> EndpointResponse:
    """Find an issue by short id."""
    text = call.path["issue_id"].upper()
    issue = call.world.issue_by_short_id.get(text)
    if issue is None:
        raise not_found()
    return EndpointResponse(
        {
            "organizationSlug": call.world.organization_slug,
            "projectSlug": issue.project.slug,
            "groupId": str(issue.id),
            "group": listed_issue_json(call, issue),
            "shortId": issue.short_id,
        }
    )


def by_event_id(call: ApiCall) -> EndpointResponse:
    """Find an issue by the id of one of its events."""
    event = call.world.events.get(call.path["event_id"])
    if event is None:
        raise not_found()
    return EndpointResponse(
        {
            "organizationSlug": call.world.organization_slug,
            "projectSlug": event.issue.project.slug,
            "groupId": str(event.issue.id),
            "eventId": event.id,
            "event": event_detail_json(call.world, event),
        }
    )


ISSUES: Mapping[str, Handler] = {
    "issues.get": get,
    "issues.update": update,
    "issues.delete": delete,
    "issues.update_many": update_many,
    "issues.update_in_project": update_in_project,
    "issues.delete_many": delete_many,
    "issues.delete_in_project": delete_in_project,
    "issues.by_short_id": by_short_id,
    "issues.by_event_id": by_event_id,
}
