"""Builds the grant of an agent: the permissions of its areas, and those of its exact grant."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Final

from vedette.api.operations import OPERATIONS, Operation
from vedette.api.scopes import holds
from vedette.permissions.areas import AREAS, LEVELS, LOSSY_FIELDS, has_to_be_named, sufficient_scopes
from vedette.permissions.grants import KNOWN_FIELDS, Grant
from vedette.settings.agents import AgentGrantSettings, AgentSettings, AreaSettings

_WRITE: Final = LEVELS.index("write")


def grant_of_agent(settings: AgentSettings) -> Grant:
    """Return the grant of an agent.

    Its operations are exact names: those that an area allows, and those of the exact grant for which it has a scope.
    Projects, fields and budgets of the exact grant limit both.
    """
    exact, areas = settings.grant, settings.may
    allowed = {*_of_areas(areas), *_of_exact(exact)}
    scopes = sufficient_scopes(OPERATIONS[name] for name in allowed)
    return Grant(
        scopes=tuple(sorted({*scopes, *exact.scopes})),
        projects=exact.projects,
        operations=tuple(name for name in OPERATIONS if name in allowed),
        fields=exact.fields or _fields_of(areas),
        channels=exact.channels,
        writes_per_hour=exact.writes_per_hour,
        writes_per_issue_per_hour=exact.writes_per_issue_per_hour,
        reads_per_hour=exact.reads_per_hour,
        bulk=exact.bulk,
        hide=exact.hide,
        is_exact=True,
    )


def _of_areas(areas: AreaSettings) -> Iterator[str]:
    for name, level in areas.levels().items():
        for operation in AREAS[name].operations(level):
            yield operation.name


def _of_exact(exact: AgentGrantSettings) -> Iterator[str]:
    patterns = exact.operations or ("*",)
    for operation in OPERATIONS.values():
        if _matches(operation, patterns) and holds(exact.scopes, operation.required):
            yield operation.name


def _matches(operation: Operation, patterns: tuple[str, ...]) -> bool:
    if operation.name in patterns:
        return True
    # Sentry requires no scope for some operations, and a pattern covers those that lose data by accident.
    if has_to_be_named(operation) or not operation.required:
        return False
    return any(fnmatchcase(operation.name, pattern) for pattern in patterns)


def _fields_of(areas: AreaSettings) -> tuple[str, ...]:
    """Return the fields that updates may set; none for the default ones."""
    destroys = LEVELS.index(areas.destroy_issues) >= _WRITE
    triages = LEVELS.index(areas.triage) >= _WRITE
    if not destroys:
        return ()
    return tuple(sorted({*(KNOWN_FIELDS if triages else ()), *LOSSY_FIELDS}))
