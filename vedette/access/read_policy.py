"""Reads under a grant that is limited to projects: what is checked before, what after, and what is narrowed.

A read that shows the organization as a whole is denied, unless its answer can be narrowed to the granted projects or
the grant names that very operation.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final, Literal, cast

from vedette.access.issue_cache import CachedIssue
from vedette.access.targets import READS_OF_ISSUES
from vedette.api.call import Answer, Call
from vedette.permissions.grants import Grant

_NAME_PROJECTS: Final = frozenset({"events.search"})
"""Reads of the whole organization that Sentry limits to the projects of their query."""
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
    """How a read is kept to the granted projects.

    Args:
        call: The read.
        grant: The handler's.
    """
    name = call.operation.name
    if grant.is_for_all_projects or not call.operation.required or name in grant.operations:
        return OPEN
    if name in READS_OF_ISSUES:
        return SHOWS_ISSUES
    if {"issue_id", "project_id_or_slug"} & set(call.parameters) or name in _NAME_PROJECTS:
        return OF_PROJECTS
    return NARROWED if name in _NARROWING else OF_ORGANIZATION


def projects_shown(answer: Answer, seen: list[CachedIssue]) -> frozenset[str] | None:
    """The projects of the issues that an answer shows; None where it cannot be told."""
    body: object = answer.body
    if isinstance(body, list):
        items = cast("list[Any]", body)
        return frozenset(issue.project for issue in seen) if len(items) == len(seen) else None
    if seen:
        return frozenset({seen[0].project})
    slug = cast("dict[str, Any]", body).get("projectSlug") if isinstance(body, dict) else None
    return frozenset({slug}) if isinstance(slug, str) else None


def narrowed(call: Call, answer: Answer, grant: Grant) -> Answer:
    """The answer without what is of projects that are not granted."""
    narrow = _NARROWING[call.operation.name]
    body: object = answer.body
    if isinstance(body, list):
        items = [narrow(each, grant) for each in cast("list[object]", body)]
        return replace(answer, body=[each for each in items if each is not None])
    return replace(answer, body=narrow(body, grant))


def _project(item: object, grant: Grant) -> object:
    slug = _mapping(item).get("slug")
    return item if isinstance(slug, str) and grant.covers_project(slug) else None


def _of_projects(item: object, grant: Grant) -> object:
    """An item that says which projects it is of: with the granted ones, or not at all."""
    values = _mapping(item)
    named: object = values.get("projects")
    projects = [_project(each, grant) for each in cast("list[object]", named)] if isinstance(named, list) else []
    kept = [each for each in projects if each is not None]
    return {**values, "projects": kept} if kept else None


def _identity(item: object, grant: Grant) -> object:
    """Who somebody is that the caller can name already, and nothing else of them."""
    del grant
    return {name: value for name, value in _mapping(item).items() if name in _IDENTITY}


def _mapping(item: object) -> Mapping[str, Any]:
    return cast("dict[str, Any]", item) if isinstance(item, dict) else {}


_NARROWING: Final[Mapping[str, Callable[[object, Grant], object]]] = {
    "organizations.projects": _project,
    "teams.list": _of_projects,
    "teams.get": _identity,
    "releases.list": _of_projects,
}
