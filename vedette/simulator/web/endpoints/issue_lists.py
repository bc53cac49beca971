"""Lists of issues: searches of one project or the whole organization, direct hits, look-ups by id."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from vedette.simulator.serializers.issue_detail import listed_issue_json
from vedette.simulator.web.call import ApiCall, ApiError, EndpointResponse, bad_request
from vedette.simulator.web.endpoints.issue_search import search_test
from vedette.simulator.web.paging import paginate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from vedette.simulator.web.call import Handler
    from vedette.simulator.world.issues import Issue
    from vedette.simulator.world.projects import Project


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


def search(call: ApiCall) -> EndpointResponse:
    """Search the organization's issues."""
    groups = call.query.getlist("group")
    if groups:
        # Fetching by id leaves the query out of account.
        found = [issue for text in groups if (issue := call.world.find_issue(text))]
        return paginate(call, found, lambda issue: listed_issue_json(call, issue), size="limit", hits=True)
    return _listed(call, projects_asked(call))


def list_for_project(call: ApiCall) -> EndpointResponse:
    """Search one project's issues."""
    if call.query.get("hashes") and call.query.get("query"):
        raise bad_request("Cannot use 'hashes' with 'query'")
    return _listed(call, [call.project])


def projects_asked(call: ApiCall) -> list[Project] | None:
    """Return the projects asked for by id or slug; None for all. One that is out of reach refuses the whole call."""
    wanted = [text for text in call.query.getlist("project") if text != "-1"]
    if not wanted:
        return None
    if call.world.profile.numeric_projects and not all(text.isdecimal() for text in wanted):
        raise bad_request("Invalid project parameter. Values must be numbers.")
    found = [call.world.find_project(text) for text in wanted]
    if None in found:
        raise ApiError(403, {"detail": "You do not have permission to perform this action."})
    return [project for project in found if project]


def _listed(call: ApiCall, projects: list[Project] | None) -> EndpointResponse:
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


def _direct_hit(call: ApiCall, query: str, projects: list[Project] | None) -> EndpointResponse | None:
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
    return EndpointResponse([found], headers={"X-Sentry-Direct-Hit": "1"})


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


ISSUE_LISTS: Mapping[str, Handler] = {"issues.search": search, "issues.list_for_project": list_for_project}
