"""Issues: search, look-up, update, delete, of one project or the whole organization."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from vedette.simulator import notes
from vedette.simulator.api import Answer, ApiCall, ApiError, bad_request, not_found
from vedette.simulator.endpoints.issue_search import search_test
from vedette.simulator.endpoints.issue_update import update_issues
from vedette.simulator.event_api_json import event_detail_json
from vedette.simulator.issue_detail_json import issue_detail_json, listed_issue_json
from vedette.simulator.paging import paginate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from vedette.simulator.api import Handler
    from vedette.simulator.issues import Issue
    from vedette.simulator.projects import Project

BULK = 1000
"""The most issues a bulk call changes."""
_SORTS: dict[str, Callable[[Issue], Any]] = {
    "date": lambda issue: issue.last_seen,
    "new": lambda issue: issue.first_seen,
    "freq": lambda issue: issue.count,
    "trends": lambda issue: issue.count,
    "user": lambda issue: len(issue.users),
    "inbox": lambda issue: issue.first_seen,
    "recommended": lambda issue: issue.last_seen,
}
_PERIOD = re.compile(r"\d+[smhdw]")


def search(call: ApiCall) -> Answer:
    """Search the organization's issues."""
    groups = call.query.getlist("group")
    if groups:
        # Fetching by id leaves the query out of account.
        found = [issue for text in groups if (issue := call.world.find_issue(text))]
        return paginate(call, found, lambda issue: listed_issue_json(call, issue), size="limit", hits=True)
    return _listed(call, _projects(call))


def list_for_project(call: ApiCall) -> Answer:
    """Search one project's issues."""
    if call.query.get("hashes") and call.query.get("query"):
        raise bad_request("Cannot use 'hashes' with 'query'")
    return _listed(call, [call.project])


def _projects(call: ApiCall) -> list[Project] | None:
    """Return the projects asked for by id or slug; None for all. One that is out of reach refuses the whole call."""
    wanted = [text for text in call.query.getlist("project") if text != "-1"]
    if not wanted:
        return None
    found = [call.world.find_project(text) for text in wanted]
    if None in found:
        raise ApiError(403, {"detail": "You do not have permission to perform this action."})
    return [project for project in found if project]


def _listed(call: ApiCall, projects: list[Project] | None) -> Answer:
    period = call.query.get("statsPeriod")
    if period and not _PERIOD.fullmatch(period):
        raise bad_request("Invalid statsPeriod parameter.")
    if call.query.get("sort", "date") not in _SORTS:
        raise bad_request("Invalid sort parameter.")
    query = call.query.get("query", "is:unresolved")
    direct = _direct_hit(call, query, projects)
    if direct is not None:
        return direct
    found = find(call, query, projects)
    return paginate(call, found, lambda issue: listed_issue_json(call, issue), size="limit", hits=True)


def _direct_hit(call: ApiCall, query: str, projects: list[Project] | None) -> Answer | None:
    """Answer a query that is an event's id, or (when asked) a short id, with the one issue and no Link."""
    event = call.world.events.get(query) if re.fullmatch(r"[0-9a-f]{32}", query) else None
    issue = event.issue if event else None
    if call.query.get("shortIdLookup") in {"1", "true"}:
        issue = issue or call.world.issue_by_short_id.get(query.upper())
    if issue is None or (projects is not None and issue.project not in projects):
        return None
    found = listed_issue_json(call, issue)
    if event:
        found["matchingEventId"] = event.id
    return Answer([found], headers={"X-Sentry-Direct-Hit": "1"})


def find(call: ApiCall, query: str, projects: list[Project] | None) -> list[Issue]:
    """Return the issues a search finds, sorted; an unchanged world answers from memory, for reading page after page."""
    world, sort = call.world, call.query.get("sort", "date")
    key = (query, sort, tuple(sorted(project.id for project in projects)) if projects is not None else None)
    # Searches relative to now age within a minute, which is closer than Sentry's own indexing comes.
    remembered = world.searches.get(key)
    stamp = (world.revision, int(world.clock().timestamp()) // 60)
    if remembered and remembered[0] == stamp:
        return remembered[1]
    test = search_test(world, query)
    wanted = set(projects) if projects is not None else None
    found = [i for i in world.issues.values() if (wanted is None or i.project in wanted) and test(i)]
    found.sort(key=_SORTS[sort], reverse=True)
    if len(world.searches) > 50:  # noqa: PLR2004 - as many as a bot has queries
        world.searches.clear()
    world.searches[key] = (stamp, found)
    return found


def get(call: ApiCall) -> Answer:
    """Answer with one issue, its history and tags."""
    return Answer(issue_detail_json(call, call.issue))


def update(call: ApiCall) -> Answer:
    """Change one issue and answer with it, read anew."""
    issue = call.issue
    answer = update_issues(call, [issue])
    return answer if answer.status == 204 else Answer(issue_detail_json(call, issue, full=False))  # noqa: PLR2004


def delete(call: ApiCall) -> Answer:
    """Accept an issue for deletion; from then on it is not found."""
    notes.delete_issue(call.world, call.issue)
    return Answer(status=202)


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


def _update_bulk(call: ApiCall, projects: list[Project] | None) -> Answer:
    issues = _bulk(call, projects)
    return update_issues(call, issues) if issues else Answer({"detail": "No groups found"}, 204)


def update_many(call: ApiCall) -> Answer:
    """Change many issues of the organization."""
    return _update_bulk(call, _projects(call))


def update_in_project(call: ApiCall) -> Answer:
    """Change many issues of one project."""
    return _update_bulk(call, [call.project])


def _delete_bulk(call: ApiCall, projects: list[Project] | None) -> Answer:
    for issue in _bulk(call, projects):
        notes.delete_issue(call.world, issue)
    return Answer(status=204)


def delete_many(call: ApiCall) -> Answer:
    """Delete many issues of the organization."""
    return _delete_bulk(call, _projects(call))


def delete_in_project(call: ApiCall) -> Answer:
    """Delete many issues of one project."""
    return _delete_bulk(call, [call.project])


def by_short_id(call: ApiCall) -> Answer:
    """Find an issue by short id."""
    text = call.path["issue_id"].upper()
    issue = call.world.issue_by_short_id.get(text)
    if issue is None:
        raise not_found()
    return Answer(
        {
            "organizationSlug": call.world.organization_slug,
            "projectSlug": issue.project.slug,
            "groupId": str(issue.id),
            "group": listed_issue_json(call, issue),
            "shortId": issue.short_id,
        }
    )


def by_event_id(call: ApiCall) -> Answer:
    """Find an issue by the id of one of its events."""
    event = call.world.events.get(call.path["event_id"])
    if event is None:
        raise not_found()
    return Answer(
        {
            "organizationSlug": call.world.organization_slug,
            "projectSlug": event.issue.project.slug,
            "groupId": str(event.issue.id),
            "eventId": event.id,
            "event": event_detail_json(call.world, event),
        }
    )


ISSUES: Mapping[str, Handler] = {
    "issues.search": search,
    "issues.list_for_project": list_for_project,
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
