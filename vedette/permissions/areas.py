"""Defines the areas of agents' access: a shorthand for operations and scopes, in terms that operators think in.

An area has levels: `read` allows its reads, `write` also creating and updating, `full` also deleting. An operation
belongs to the areas whose patterns match its name; those in no area have to be named in the exact grant.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from vedette.api.operations import OPERATIONS, Operation
from vedette.api.scopes import INTEGRATION_SCOPES, expand
from vedette.settings.agents import Level

LEVELS: Final[tuple[Level, ...]] = ("off", "read", "write", "full")
"""The levels, each of which holds those before it."""
LOSSY_FIELDS: Final = ("discard", "merge")
"""The fields of an issue's update that lose data."""
_WIDE: Final = frozenset({"org:write", "org:admin"})
"""Scopes that allow far more than most operations that accept them need."""
_UPDATES: Final = ("issues.update", "issues.update_many", "issues.update_in_project")
_WATCHING: Final = ("alerts.*", "monitors.*", "uptime.*")
_ORGANIZATION: Final = ("organizations.*", "dashboards.*")


@dataclass(frozen=True, slots=True)
class Area:
    """One row of the table."""

    name: str
    """As the settings file has it."""
    title: str
    reads: tuple[str, ...] = ()
    """Patterns of the operations that read."""
    writes: tuple[str, ...] = ()
    """Patterns of the operations that create, update and delete."""

    def operations(self, level: Level) -> tuple[Operation, ...]:
        """Return the operations that a level allows, in the order of the table of operations."""
        return tuple(each for each in OPERATIONS.values() if self.has(each) and level_of(each) in _held(level))

    def scopes(self, level: Level) -> tuple[str, ...]:
        """Return a few weak scopes that suffice for the operations of a level."""
        return sufficient_scopes(self.operations(level))

    def has(self, operation: Operation) -> bool:
        """Return whether an operation belongs to the area."""
        patterns = self.writes if operation.writes else self.reads
        return any(fnmatchcase(operation.name, pattern) for pattern in patterns)


AREAS: Final[Mapping[str, Area]] = {
    area.name: area
    for area in (
        Area("issues", "Read issues, events and traces", ("issues.*", "events.*", "traces.*", "replays.*")),
        Area(
            "triage",
            "Resolve, archive, assign and comment on issues",
            (),
            (*_UPDATES, "issues.comment", "issues.edit_comment"),
        ),
        Area(
            "destroy-issues",
            "Merge, discard and delete issues",
            (),
            (*_UPDATES, "issues.delete", "issues.delete_many", "issues.delete_in_project", "issues.delete_comment"),
        ),
        Area(
            "projects",
            "Read, create, change and delete projects",
            (
                *("projects.*", "organizations.projects", "organizations.environments", "organizations.tags"),
                *("organizations.list", "organizations.get", "organizations.region"),
            ),
            ("projects.*",),
        ),
        Area("teams", "Read, create, change and delete teams", ("teams.*",), ("teams.*",)),
        Area("releases", "Read, create, change and delete releases", ("releases.*",), ("releases.*",)),
        Area("members", "Read, invite, change and remove members", ("members.*",), ("members.*",)),
        Area("alerts", "Read, create, change and delete alerts and monitors", _WATCHING, _WATCHING),
        Area("organization", "Read and change the organization and its dashboards", _ORGANIZATION, _ORGANIZATION),
    )
}
"""All areas by their names."""


def level_of(operation: Operation) -> Level:
    """Return the level that an operation needs in each of its areas."""
    if operation.method == "DELETE":
        return "full"
    return "write" if operation.writes else "read"


def areas_of(operation: Operation) -> tuple[Area, ...]:
    """Return the areas that an operation belongs to; none for one that has to be named in the exact grant."""
    return tuple(area for area in AREAS.values() if area.has(operation))


def has_to_be_named(operation: Operation) -> bool:
    """Return whether a pattern never covers an operation: those that delete or remove, and those of apps."""
    return operation.method == "DELETE" or operation.group == "apps"


def sufficient_scopes(operations: Iterable[Operation]) -> tuple[str, ...]:
    """Return a few weak scopes that suffice for some operations, each of which Sentry allows with one of several."""
    chosen: list[str] = []
    left = [each for each in operations if each.required]
    while left:
        candidates = {scope for each in left for scope in each.required if scope in INTEGRATION_SCOPES}
        best = min(candidates, key=lambda scope: _cost(left, scope), default=None)
        if best is None:
            break
        chosen.append(best)
        left = [each for each in left if not each.allowed_by(chosen)]
    needed = [scope for scope in chosen if scope not in expand(other for other in chosen if other != scope)]
    return tuple(sorted(needed))


def _cost(operations: Iterable[Operation], scope: str) -> tuple[bool, int, int, str]:
    """Return a key that is the smallest for a scope which allows most of the operations and little else."""
    return scope in _WIDE, -sum(scope in each.required for each in operations), len(expand([scope])), scope


def _held(level: Level) -> tuple[Level, ...]:
    return LEVELS[1 : LEVELS.index(level) + 1]
