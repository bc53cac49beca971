"""Filters a handler's events by project, as an operator has set it; applied when a delivery is dispatched."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from vedette.events import Event, MetricAlertEvent


@dataclass(frozen=True)
class ProjectFilter:
    """The projects of one handler, by patterns of their slugs or ids."""

    projects: tuple[str, ...] = ()
    """The included projects; all when empty."""
    except_projects: tuple[str, ...] = ()
    """The excluded projects."""

    @property
    def is_everywhere(self) -> bool:
        """Return whether the filter includes all projects."""
        return not self.projects and not self.except_projects

    def names(self, identifier: str) -> bool:
        """Return whether a project's id is in the filter, as it is written."""
        return identifier in self.projects or identifier in self.except_projects

    def unmet(self, projects: Collection[Collection[str]]) -> str:
        """Return why an event of these projects is excluded; empty when one of them is included.

        Args:
            projects: The names of each: its slug, its id, or both.
        """
        if not projects:
            return "it is on for some projects only, and the event names none" if self.projects else ""
        reasons = [self._off(names) for names in projects]
        return "" if "" in reasons else reasons[0]

    def _off(self, names: Collection[str]) -> str:
        name = next(iter(names))
        if self.projects and not _any(self.projects, names):
            return f"it is not on for project {name} (projects = {_written(self.projects)})"
        if _any(self.except_projects, names):
            return f"it is off for project {name} (except_projects = {_written(self.except_projects)})"
        return ""

    def __str__(self) -> str:
        parts = [f"in {', '.join(self.projects)}"] if self.projects else []
        parts += [f"not in {', '.join(self.except_projects)}"] if self.except_projects else []
        return ", ".join(parts)


def projects_of(event: Event) -> list[list[str]]:
    """Return the names of each project of an event, as far as the payload has them: the slug first, then the id."""
    if isinstance(event, MetricAlertEvent):
        return [[slug] for slug in event.project_slugs]
    names = [name for name in (event.project.slug, event.project.id) if name]
    return [names] if names else []


def _any(patterns: Iterable[str], names: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for name in names for pattern in patterns)


def _written(patterns: Iterable[str]) -> str:
    return str(list(patterns)).replace("'", '"')
