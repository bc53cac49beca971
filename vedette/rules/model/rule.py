"""One rule as the engine knows it: which events, what they must be like, and what is done then."""

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from vedette.authoring.cron import Cron
from vedette.rules.actions.base import Action
from vedette.search import Facts, Query
from vedette.search.matching.actors import SUGGESTED
from vedette.settings.settings import Mode

if TYPE_CHECKING:
    from vedette.rules.files.named_things import NamedThing

_NAMES = ("member:read", "team:read")
"""What tells the address of a user and the slug of a team whom Sentry suggests by id alone."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in a file."""

    file: str
    line: int
    """From 1."""
    column: int
    """From 1, in characters."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class RuleSchedule:
    """When a rule runs by the clock, and which issues it looks for then."""

    cron: Cron
    search: Query
    """What Sentry's list of issues is asked for."""
    most: int
    """How many of these issues it works on each time."""

    def __str__(self) -> str:
        return f"every {self.cron}: {self.search}, at most {self.most}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule that was read; two of a set never have the same name."""

    name: str
    events: tuple[str, ...]
    """Patterns as for `@on`: `issue.created`, `issue.*`, `*`. None where it runs by the clock."""
    periodic: RuleSchedule | None = None
    """When it runs by the clock, instead of events."""
    when: Query | None = None
    """What the event must be like; None: whatever it is like."""
    then: tuple[Action, ...] = ()
    mode: Mode | None = None
    """What its writes become, where that is more careful than what the handler's become."""
    projects: tuple[str, ...] = ()
    """Patterns of slugs; none means all projects."""
    stop: bool = False
    """Whether the rules after it are left out where it matches."""
    cooldown: float | None = None
    """Seconds for which it leaves an issue alone once it has worked on it."""
    place: Place = Place("", 1, 1)

    @property
    def needs(self) -> tuple[str, ...]:
        """The scopes of Sentry's that its actions need, and its condition for names of suggested owners; sorted."""
        condition = _NAMES if self.when is not None and SUGGESTED in self.when.unknowns(Facts()) else ()
        return tuple(sorted({*condition, *(scope for action in self.then for scope in action.needs)}))

    @property
    def cost(self) -> int:
        """How many API calls its actions take at most, together with reading the issue once."""
        return 1 + sum(action.cost for action in self.then)

    def covers(self, slug: str) -> bool:
        """Whether it is for a project."""
        return not self.projects or any(fnmatchcase(slug, pattern) for pattern in self.projects)


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Rules in the order in which they are tried."""

    rules: tuple[Rule, ...] = ()
    files: tuple[str, ...] = ()
    """The files they were read from."""
    named: "tuple[NamedThing, ...]" = ()
    """What they name in Sentry, each with its place."""

    @property
    def needs(self) -> tuple[str, ...]:
        """The scopes of Sentry's that all their actions need, sorted."""
        return tuple(sorted({scope for rule in self.rules for scope in rule.needs}))

    @property
    def events(self) -> tuple[str, ...]:
        """The patterns of all events that a rule asks for, each once."""
        return tuple(dict.fromkeys(pattern for rule in self.rules for pattern in rule.events))

    @property
    def crons(self) -> tuple[Cron, ...]:
        """The times that a rule runs at, each once."""
        return tuple(dict.fromkeys(rule.periodic.cron for rule in self.rules if rule.periodic is not None))

    def due(self, expression: str, timezone: str) -> tuple[Rule, ...]:
        """The rules that run at these times, in order."""
        cron = Cron(expression, timezone)
        return tuple(rule for rule in self.rules if rule.periodic is not None and rule.periodic.cron == cron)

    def __iter__(self) -> Iterator[Rule]:
        return iter(self.rules)

    def __len__(self) -> int:
        return len(self.rules)
