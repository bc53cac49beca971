"""Defines a rule: events, a condition, and actions."""

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

from vedette.authoring.cron import Cron
from vedette.rules.actions.base import Action
from vedette.search import Facts, Query
from vedette.search.matching.actors import SUGGESTED
from vedette.settings.settings import Mode

_NAMES = ("member:read", "team:read")
"""Scopes for the address of a user and the slug of a team that Sentry suggests by id only."""
NameKind = Literal["project", "team", "user", "username", "user or team", "release", "repository"]
"""A `user` by address, id, username or full name; a `username` by address, id or username, the form of searches."""


@dataclass(frozen=True, slots=True)
class Place:
    """A position in a file."""

    file: str
    line: int
    """From 1."""
    column: int
    """From 1, in characters."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class NamedThing:
    """A project, user, team, release or repository that a rules file names."""

    kind: NameKind
    name: str
    """The name without the mark of its kind: `payments` of `#payments`."""
    place: Place


@dataclass(frozen=True, slots=True)
class RuleSchedule:
    """The times that a scheduled rule runs at, and its search for issues."""

    cron: Cron
    search: Query
    """The search for Sentry's list of issues."""
    most: int
    """The largest number of issues that it acts on each time."""

    def __str__(self) -> str:
        return f"every {self.cron}: {self.search}, at most {self.most}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule; names are unique in a set."""

    name: str
    events: tuple[str, ...]
    """Patterns as for `@on`: `issue.created`, `issue.*`, `*`. Empty for a scheduled rule."""
    schedule: RuleSchedule | None = None
    """The schedule that it has instead of events."""
    when: Query | None = None
    """The condition; None for every event."""
    then: tuple[Action, ...] = ()
    mode: Mode | None = None
    """The mode of its writes, where it is stricter than the handler's."""
    projects: tuple[str, ...] = ()
    """Patterns of slugs; empty for all projects."""
    stop: bool = False
    """Return whether further rules are skipped where it matches."""
    cooldown: float | None = None
    """Seconds in which it does not act again on the same issue."""
    place: Place = Place("", 1, 1)

    @property
    def needs(self) -> tuple[str, ...]:
        """Sentry's scopes that its actions need, and its condition for names of suggested owners; sorted."""
        condition = _NAMES if self.when is not None and SUGGESTED in self.when.unknowns(Facts()) else ()
        return tuple(sorted({*condition, *(scope for action in self.then for scope in action.needs)}))

    @property
    def cost(self) -> int:
        """The largest number of API calls of its actions, including the one that reads the issue."""
        return 1 + sum(action.cost for action in self.then)

    def covers(self, slug: str) -> bool:
        """Return whether it applies to a project."""
        return not self.projects or any(fnmatchcase(slug, pattern) for pattern in self.projects)


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Rules in the order in which they are evaluated."""

    rules: tuple[Rule, ...] = ()
    files: tuple[str, ...] = ()
    """The files they were read from."""
    named: tuple[NamedThing, ...] = ()
    """What they name in Sentry, each with its place."""

    @property
    def needs(self) -> tuple[str, ...]:
        """Sentry's scopes that all rules need, sorted."""
        return tuple(sorted({scope for rule in self.rules for scope in rule.needs}))

    @property
    def events(self) -> tuple[str, ...]:
        """The patterns of all events that rules subscribe to, each once."""
        return tuple(dict.fromkeys(pattern for rule in self.rules for pattern in rule.events))

    @property
    def crons(self) -> tuple[Cron, ...]:
        """The times that scheduled rules run at, each once."""
        return tuple(dict.fromkeys(rule.schedule.cron for rule in self.rules if rule.schedule is not None))

    def due(self, expression: str, timezone: str) -> tuple[Rule, ...]:
        """Return the rules that run at these times, in order."""
        cron = Cron(expression, timezone)
        return tuple(rule for rule in self.rules if rule.schedule is not None and rule.schedule.cron == cron)

    def __iter__(self) -> Iterator[Rule]:
        return iter(self.rules)

    def __len__(self) -> int:
        return len(self.rules)
