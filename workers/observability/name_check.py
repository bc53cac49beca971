"""Reports names in settings and rules that Sentry does not have, after a worker's start and when rules change."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field

import structlog

from vedette.access.context import IntegrationConnection
from vedette.plugins.registry import Problem, Registry
from vedette.rules.files.named_things import NamedThing
from workers.observability.project_names import find_unknown_projects
from workers.observability.rule_names import find_unknown_names, named_by


@dataclass
class NameCheck:
    """Looks names up in Sentry, and reports unknown ones in the log and in the handler list."""

    registry: Registry
    ways: Callable[[], Collection[IntegrationConnection]]
    """All integrations."""
    publish: Callable[[], Awaitable[object]]
    """Writes the handler list, with the registry's problems."""
    _asked: tuple[NamedThing, ...] = ()
    """The names in rules that the last look was for."""
    _told: list[Problem] = field(default_factory=list[Problem])

    @property
    def is_outdated(self) -> bool:
        """Return whether rules name something else now, or elsewhere, than at the last look."""
        return self._asked != named_by(self.registry.handlers.values())

    async def look(self) -> None:
        """Check all names, and replace the problems of the previous check."""
        handlers, ways = list(self.registry.handlers.values()), self.ways()
        self._asked = named_by(handlers)
        projects = await find_unknown_projects(handlers, ways)
        names = await find_unknown_names(self._asked, ways)
        found = [problem for problem in (*projects, *names) if problem not in self._told]
        for problem in found:
            kind = "unknown project" if problem in projects else "unknown name in rules"
            structlog.get_logger().error(kind, source=problem.source, reason=problem.reason)
        if found or len(projects) + len(names) < len(self._told):
            kept = [problem for problem in self.registry.problems if problem not in self._told]
            self._told = [*projects, *names]
            self.registry.problems = kept + self._told
            await self.publish()
