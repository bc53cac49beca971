"""Resolves the target of a call: its issues and projects, by the answers of Sentry and not by the call's claims."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from vedette._core.json_values import json_list, json_object
from vedette.access.issue_cache import CachedIssue, IssueCache
from vedette.api.call import Call, Transport
from vedette.api.issue_update import InvalidUpdateError
from vedette.api.operations import OPERATIONS
from vedette.api.resources.issue_bulk import FINDS_NOTHING
from vedette.permissions.authorization import BULK

_PROJECT: Final = "project_id_or_slug"
_VERSION: Final = "version"
READS_OF_ISSUES: Final = frozenset({"issues.get", "issues.search", "issues.list_for_project", "issues.by_event_id"})
"""Reads with an answer that shows its projects, and is checked."""


@dataclass(frozen=True, slots=True)
class CallTarget:
    """The issues and projects that a call is about."""

    issues: tuple[CachedIssue, ...] = ()
    projects: frozenset[str] | None = None
    """Slugs; None: the organization as a whole."""

    @property
    def project(self) -> str:
        """The one project, or an empty text where there are none or several."""
        return next(iter(self.projects)) if self.projects and len(self.projects) == 1 else ""


async def target_of(
    call: Call, issue_cache: IssueCache, transport: Transport, *, by_project: bool = True
) -> CallTarget:
    """Resolve the target of a call.

    Args:
        call: A call that was rebuilt.
        issue_cache: The cache that is asked first.
        transport: The transport behind the gate, for issues and projects that are not cached.
        by_project: The decision depends on the project; else that of a release is not looked up.

    Raises:
        InvalidUpdateError: A call to several issues that might reach others.
        SentryError: An issue or project could not be read.
    """
    if call.operation.name in BULK:
        issues = await _many(call, issue_cache, transport)
        return CallTarget(issues, _projects(issues))
    reference = call.parameters.get("issue_id")
    if reference is not None:
        issue = await issue_cache.issue(reference, transport, call)
        return CallTarget((issue,), _projects((issue,)))
    if _VERSION in call.parameters and by_project:
        return CallTarget(projects=await _of_release(call, transport))
    named = [call.parameters[_PROJECT]] if _PROJECT in call.parameters else _named(call)
    if not named:
        return CallTarget()
    return CallTarget(projects=frozenset([await issue_cache.project(each, transport, call) for each in named]))


async def _of_release(call: Call, transport: Transport) -> frozenset[str] | None:
    """Return the projects of the release that a call is about; None where Sentry does not show them.

    Raises:
        SentryError: The release could not be read.
    """
    parameters = {name: call.parameters[name] for name in OPERATIONS["releases.get"].parameters}
    answer = await transport.send(Call(OPERATIONS["releases.get"], parameters, lane=call.lane))
    slugs = [json_object(each).get("slug") for each in json_list(json_object(answer.body).get("projects"))]
    known = frozenset(slug for slug in slugs if isinstance(slug, str))
    return known if known and len(known) == len(slugs) else None


async def _many(call: Call, issue_cache: IssueCache, transport: Transport) -> tuple[CachedIssue, ...]:
    ids = [value for name, value in call.query if name == "id"]
    searches = [value for name, value in call.query if name == "query"]
    if not ids or searches != [FINDS_NOTHING]:
        # If none of the ids is in scope, Sentry runs the search and changes up to a thousand issues that it finds.
        raise InvalidUpdateError("A call to several issues must name them; use update_many or delete_many.")
    return tuple([await issue_cache.issue(each, transport, call) for each in ids])


def _named(call: Call) -> list[str]:
    """Return the projects that a query or a body names."""
    if call.operation.writes:
        names: object = (call.body or {}).get("projects") if call.operation.name == "releases.create" else None
        return [str(each) for each in json_list(names)]
    return [value for name, value in call.query if name in {"project", "projectSlug"}]


def _projects(issues: Iterable[CachedIssue]) -> frozenset[str]:
    return frozenset(issue.project for issue in issues)
