"""Limits reads to the projects of a grant: by a check before the request, a check of the answer, or a reduced answer.

A read about the whole organization is denied, unless its answer can be reduced to the granted projects or the grant
names that very operation. Agents are not written for Vedette and start with such reads, so theirs are reduced where
Sentry can search some projects alone, and reads about no project are allowed.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, Literal

from vedette._core.json_values import json_list, json_object
from vedette.access.issue_cache import CachedIssue
from vedette.access.targets import READS_OF_ISSUES
from vedette.api.call import Answer, Call
from vedette.permissions.grants import Grant

_NAME_PROJECTS: Final = frozenset({"events.search", "events.validate", "issues.replay_count", "traces.attributes"})
"""Reads of the whole organization that Sentry limits to the projects of their query."""
SEARCH_PROJECTS: Final = _NAME_PROJECTS | {
    *("issues.search", "releases.list", "organizations.environments", "organizations.tags"),
    *("alerts.detectors", "alerts.rules", "monitors.list", "uptime.list"),
}
"""Reads of the whole organization that Sentry limits to the projects in `project` of their query."""
_ABOUT_NO_PROJECT: Final = frozenset(
    {
        *("members.list", "members.get", "teams.members"),
        *("organizations.list", "organizations.region", "organizations.integrations"),
        *("organizations.repositories", "organizations.repository_commits"),
    }
)
"""Reads with answers that hold no data of a project."""
_IDENTITY: Final = ("id", "slug", "name")
Treatment = Literal["open", "of projects", "shows issues", "narrowed", "of the organization"]
OPEN: Final = "open"
"""The read is not limited."""
OF_PROJECTS: Final = "of projects"
"""The call names its projects, which are checked before it is sent."""
SHOWS_ISSUES: Final = "shows issues"
"""The answer shows the projects, and is checked."""
NARROWED: Final = "narrowed"
"""The answer is reduced to the granted projects."""
OF_ORGANIZATION: Final = "of the organization"
"""The answer is about the organization, and the read is denied."""


def treatment_of(call: Call, grant: Grant) -> Treatment:
    """Return the method by which a read is limited to the granted projects.

    Args:
        call: The read.
        grant: The grant of the principal.
    """
    name = call.operation.name
    if grant.is_for_all_projects or not call.operation.required:
        return OPEN
    if name in (_ABOUT_NO_PROJECT if grant.is_exact else grant.operations):
        return OPEN
    if name in READS_OF_ISSUES:
        return SHOWS_ISSUES
    if {"issue_id", "project_id_or_slug"} & set(call.parameters) or name in _NAME_PROJECTS:
        return OF_PROJECTS
    if name in _NARROWING or (grant.is_exact and name in _NARROWING_OF_AGENTS):
        return NARROWED
    names_projects = name in SEARCH_PROJECTS or "version" in call.parameters
    return OF_PROJECTS if grant.is_exact and names_projects else OF_ORGANIZATION


def projects_shown(answer: Answer, seen: list[CachedIssue]) -> frozenset[str] | None:
    """Return the projects of the issues in an answer; None if the answer does not show them all."""
    body: object = answer.body
    if isinstance(body, list):
        items = json_list(body)
        return frozenset(issue.project for issue in seen) if len(items) == len(seen) else None
    if seen:
        return frozenset({seen[0].project})
    slug = json_object(body).get("projectSlug")
    return frozenset({slug}) if isinstance(slug, str) else None


def narrowed(call: Call, answer: Answer, grant: Grant) -> Answer:
    """Return the answer without the parts about projects that are not granted."""
    narrow = {**_NARROWING_OF_AGENTS, **_NARROWING}[call.operation.name]
    body: object = answer.body
    if isinstance(body, list):
        items = [narrow(each, grant) for each in json_list(body)]
        return answer.with_body([each for each in items if each is not None])
    return answer.with_body(narrow(body, grant))


def _project(item: object, grant: Grant) -> object:
    slug = _mapping(item).get("slug")
    return item if isinstance(slug, str) and grant.covers_project(slug) else None


def _of_project(item: object, grant: Grant) -> object:
    """Return an item of a granted project."""
    values = _mapping(item)
    slug = values.get("projectSlug") or _mapping(values.get("project")).get("slug")
    return item if isinstance(slug, str) and grant.covers_project(slug) else None


def _of_project_slugs(item: object, grant: Grant) -> object:
    """Return an item with all of its projects granted; it shows them by their slugs."""
    slugs = json_list(_mapping(item).get("projects"))
    covered = [isinstance(slug, str) and grant.covers_project(slug) for slug in slugs]
    return item if covered and all(covered) else None


def _of_projects(item: object, grant: Grant) -> object:
    """Return an item with the granted ones of its projects; None if it has none of them."""
    values = _mapping(item)
    named: object = values.get("projects")
    projects = [_project(each, grant) for each in json_list(named)] if isinstance(named, list) else []
    kept = [each for each in projects if each is not None]
    return {**values, "projects": kept} if kept else None


def _of_organization(item: object, grant: Grant) -> object:
    """Return an organization with the granted ones of its projects, and no teams, which show theirs."""
    values = _mapping(item)
    named: object = values.get("projects")
    if not isinstance(named, list):
        return {name: value for name, value in values.items() if name != "teams"}
    kept = [each for each in json_list(named) if _project(each, grant) is not None]
    return {**{name: value for name, value in values.items() if name != "teams"}, "projects": kept}


def _identity(item: object, grant: Grant) -> object:
    """Return the identity alone of a team that the principal can name already."""
    del grant
    return {name: value for name, value in _mapping(item).items() if name in _IDENTITY}


def _mapping(item: object) -> Mapping[str, Any]:
    return json_object(item)


_NARROWING: Final[Mapping[str, Callable[[object, Grant], object]]] = {
    "organizations.projects": _project,
    "teams.list": _of_projects,
    "teams.get": _identity,
    "releases.list": _of_projects,
    "monitors.list": _of_project,
    "monitors.get": _of_project,
    "uptime.list": _of_project,
    "alerts.rules": _of_project_slugs,
    "alerts.rule": _of_project_slugs,
}
_NARROWING_OF_AGENTS: Final[Mapping[str, Callable[[object, Grant], object]]] = {
    "organizations.get": _of_organization,
    "releases.get": _of_projects,
    "teams.mine": _of_projects,
    "teams.projects": _project,
}
