"""Asks Sentry which of the names in rules exist, and reports the others with the nearest existing name."""

from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from vedette.api import Sentry
from vedette.api.errors import Forbidden, NotFound, ProjectRenamed
from vedette.rules.files.errors import RuleProblem
from vedette.rules.files.validation_messages import shown, suggest
from vedette.rules.model.rule import NamedThing, NameKind

_NEWEST: Final = 100
"""Releases that are searched for the nearest one."""
_ADDRESS: Final = "the address, username or id of a member who has accepted the invitation"
_DESCRIPTIONS: Final[dict[NameKind, tuple[str, str, frozenset[str]]]] = {
    "project": ("project", "a project's slug", frozenset({"projects"})),
    "team": ("team", "a team's slug", frozenset({"teams"})),
    "user": ("member", _ADDRESS, frozenset({"members"})),
    "username": ("member", _ADDRESS, frozenset({"members"})),
    "user or team": ("member or team", f"#TEAM, or {_ADDRESS}", frozenset({"members", "teams"})),
    "release": ("release", "the whole version of a release", frozenset({"releases"})),
    "repository": ("repository", "a repository's name as Sentry knows it", frozenset({"repositories"})),
}
"""Name and expected form of each kind, and the resources that have to be readable."""
_PEOPLE: Final[frozenset[NameKind]] = frozenset({"user", "username", "user or team"})


@dataclass
class KnownNames:
    """The known names of one or several organizations."""

    projects: set[str] = field(default_factory=set[str])
    teams: set[str] = field(default_factory=set[str])
    usernames: set[str] = field(default_factory=set[str])
    """Addresses, usernames and ids of members."""
    full_names: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    """Ids of the members of each full name, in small letters."""
    releases: set[str] = field(default_factory=set[str])
    repositories: set[str] = field(default_factory=set[str])
    refused: dict[str, Forbidden] = field(default_factory=dict[str, Forbidden])
    """Resources that the token may not read, and that are not checked: `projects`, `teams`, `members` and so on."""

    async def ask(self, sentry: Sentry, named: Collection[NamedThing]) -> None:
        """Read the names of an organization, of the kinds that are used.

        Raises:
            SentryError: A call failed; resources that a token may not read are in `refused` instead.
        """
        asked: dict[str, tuple[set[NameKind], Callable[[Sentry, list[str]], Awaitable[None]]]] = {
            "projects": ({"project"}, self._ask_projects),
            "teams": ({"team", "user or team"}, self._ask_teams),
            "members": ({"user", "username", "user or team"}, self._ask_members),
            "releases": ({"release"}, self._ask_releases),
            "repositories": ({"repository"}, self._ask_repositories),
        }
        for what, (kinds, ask) in asked.items():
            names = sorted({each.name for each in named if each.kind in kinds})
            if names:
                try:
                    await ask(sentry, names)
                except Forbidden as error:
                    self.refused[what] = error

    def problems(self, named: Collection[NamedThing]) -> Iterator[RuleProblem]:
        """Yield a problem for each name that does not exist, or that several people have."""
        for each in named:
            what, expected, needed = _DESCRIPTIONS[each.kind]
            count = self._count(each)
            if count == 1 or self.refused.keys() & needed:
                continue
            found = f"{count} members are called" if count else f"Sentry has no {what}"
            hint = "" if count else suggest(each.name, sorted(self._names(each.kind)))
            place = each.place
            yield RuleProblem(place.file, place.line, place.column, f"{found} {shown(each.name)}", f"{expected}{hint}")

    def _count(self, thing: NamedThing) -> int:
        """Count the things or people with a name; an address, username or id is preferred to full names."""
        if thing.kind not in _PEOPLE:
            return int(thing.name in self._names(thing.kind))
        name = thing.name.casefold()
        if name in {known.casefold() for known in self.usernames}:
            return 1
        if thing.kind == "user or team" and thing.name in self.teams:
            return 1
        return 0 if thing.kind == "username" else len(self.full_names.get(name, ()))

    def _names(self, kind: NameKind) -> set[str]:
        """Return all names of a kind."""
        return {
            "project": self.projects,
            "team": self.teams,
            "user": self.usernames | self.full_names.keys(),
            "username": self.usernames,
            "user or team": self.usernames | self.full_names.keys() | self.teams,
            "release": self.releases,
            "repository": self.repositories,
        }[kind]

    async def _ask_projects(self, sentry: Sentry, names: list[str]) -> None:
        try:
            async for project in sentry.organizations.projects():
                self.projects.update((project.slug, project.id))
        except Forbidden:
            # A token with project:read only may read single projects.
            for name in names:
                with suppress(NotFound, ProjectRenamed):
                    project = await sentry.projects.get(name)
                    self.projects.update((project.slug, project.id))

    async def _ask_teams(self, sentry: Sentry, names: list[str]) -> None:
        try:
            async for team in sentry.teams.list():
                self.teams.update((team.slug, team.id))
        except Forbidden:
            # team:read, which assigning needs, is not enough for the list.
            for name in names:
                with suppress(NotFound, ValueError):
                    team = await sentry.teams.get(name)
                    self.teams.update((team.slug, team.id))

    async def _ask_members(self, sentry: Sentry, names: list[str]) -> None:
        del names
        async for member in sentry.members.list():
            if (user := member.user) is not None:
                self.usernames.update(filter(None, (user.id, user.username, user.email, member.email)))
                for name in filter(None, (user.name, member.name)):
                    self.full_names.setdefault(name.casefold(), set()).add(user.id)

    async def _ask_releases(self, sentry: Sentry, names: list[str]) -> None:
        newest = await sentry.releases.list(page_size=_NEWEST).collect(_NEWEST)
        self.releases.update(release.version for release in newest)
        for name in names:
            if name not in self.releases:
                with suppress(NotFound):
                    self.releases.add((await sentry.releases.get(name)).version)

    async def _ask_repositories(self, sentry: Sentry, names: list[str]) -> None:
        del names
        self.repositories.update([each.name async for each in sentry.organizations.repositories()])
