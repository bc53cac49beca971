"""Reads under a grant that is limited to projects: what has to be checked before, and what after."""

from typing import Any, Final, cast

from vedette.api.calls import Answer, Call
from vedette.handling.access.addressing import SHOWS_ISSUES
from vedette.handling.access.sightings import SeenIssue

_OF_EVENTS: Final = frozenset({"events.search"})
"""Reads of the whole organization that show what happens in projects; others show who and what there is."""


def is_about_projects(call: Call) -> bool:
    """Whether a read shows the insides of projects, so that it has to be known which, before it is sent."""
    name = call.operation.name
    if name in SHOWS_ISSUES:
        return False
    return bool({"issue_id", "project_id_or_slug"} & set(call.parameters)) or name in _OF_EVENTS


def projects_shown(answer: Answer, seen: list[SeenIssue]) -> frozenset[str] | None:
    """The projects of the issues that an answer shows; None where it cannot be told."""
    body: object = answer.body
    if isinstance(body, list):
        items = cast("list[Any]", body)
        return frozenset(issue.project for issue in seen) if len(items) == len(seen) else None
    if seen:
        return frozenset({seen[0].project})
    slug = cast("dict[str, Any]", body).get("projectSlug") if isinstance(body, dict) else None
    return frozenset({slug}) if isinstance(slug, str) else None
