"""Assignee lookup: resolves `team:payments`, `#payments`, `ann@example.com`, `Ann` or `user:7` to a key for Sentry.

Sentry's update takes ids of users and teams, but no team slug and no full name; people write slugs and names.
"""

from dataclasses import dataclass

from vedette.api.cache import KnownActor
from vedette.api.errors import Forbidden, NotFound
from vedette.api.models import Actor, Member, Team, User
from vedette.api.resources._caller import ApiCaller, Model, validated
from vedette.api.response_parsing import as_list

Assignee = str | Actor | User | Member | Team


class UnknownAssigneeError(ValueError):
    """The name fits no user or team, or several. Nothing was sent."""


@dataclass(frozen=True, slots=True)
class AssigneeLookup:
    """Finder of users and teams by the names that people use; results are cached for some minutes."""

    core: ApiCaller

    async def find(self, who: Assignee) -> KnownActor:
        """Return the user or team with this name.

        Raises:
            UnknownAssigneeError: no user or team fits, or several do.
            SentryError: the look-up failed.
        """
        if not isinstance(who, str):
            return _known(who)
        name = who.strip()
        if not name:
            raise UnknownAssigneeError("The assignee is empty; to remove the assignee of an issue, use unassign.")
        if (remembered := self.core.memory.actors.get(name)) is not None:
            return remembered
        found = await self._look_up(name)
        self.core.memory.actors[name] = found
        return found

    async def identities(self, key: str) -> tuple[str, ...]:
        """Return all names of a user or team in searches: `user:7`, `email:ann@example.com`; `team:2`, `#payments`.

        Args:
            key: `user:ID` or `team:ID`.

        Returns:
            The key, and what else is known; the key alone for an unknown user or team.

        Raises:
            SentryError: the look-up failed.
        """
        if (remembered := self.core.memory.identities.get(key)) is not None:
            return remembered
        kind, _, number = key.partition(":")
        names = await self._names_of(kind, number) if number else ()
        found = tuple(dict.fromkeys((key, *names)))
        self.core.memory.identities[key] = found
        return found

    async def _names_of(self, kind: str, number: str) -> tuple[str, ...]:
        if kind == "team":
            try:
                team = await self.core.read(Team, self.core.call("teams.get", {"team_id_or_slug": number}))
            except NotFound:
                return ()
            return (f"#{team.slug.lower()}",)
        members = await self._search(Member, "members.list", f"user.id:{number}") if kind == "user" else []
        for user in (member.user for member in members):
            # A server may read the query in another sense: only the user with this id counts.
            if user is not None and user.id == number:
                known = (("email", (user.email or "").lower()), ("username", user.username))
                return tuple(f"{kind}:{name}" for kind, name in known if name)
        return ()

    async def _look_up(self, name: str) -> KnownActor:
        kind, _, rest = name.partition(":")
        if name.startswith("#") or kind == "team":
            return await self._team(name.removeprefix("#").removeprefix("team:"))
        person = rest if kind == "user" else name
        if person.isdigit():
            return KnownActor(f"user:{person}", f"user {person}")
        if "@" in person:
            return await self._by_email(person)
        if kind != "user":
            try:
                return await self._team(name)
            except (UnknownAssigneeError, Forbidden):
                pass
        return await self._by_name(person)

    async def _team(self, name: str) -> KnownActor:
        call = self.core.call("teams.get", {"team_id_or_slug": name})
        try:
            team = await self.core.read(Team, call)
        except (NotFound, ValueError) as error:
            raise UnknownAssigneeError(
                f"{self.core.organization} has no team {name!r}; use the team's slug."
            ) from error
        except Forbidden:
            if name.isdigit():
                return KnownActor(f"team:{name}", f"team {name}")
            team = await self._team_in_list(name)
        return KnownActor(team.key, f"team {team.slug}")

    async def _team_in_list(self, slug: str) -> Team:
        """Find a team with a token that holds org:read but not team:read."""
        teams = await self._search(Team, "teams.list", slug)
        for team in teams:
            if team.slug == slug:
                return team
        raise UnknownAssigneeError(f"{self.core.organization} has no team {slug!r}; use the team's slug.")

    async def _by_email(self, email: str) -> KnownActor:
        try:
            members = await self._search(Member, "members.list", f"email:{email}")
        except Forbidden:
            # Sentry looks an address up itself; only the comparison before the write is by address then.
            return KnownActor(email, email)
        fitting = [member for member in members if _has_email(member, email)]
        return self._only(fitting, email)

    async def _by_name(self, name: str) -> KnownActor:
        try:
            members = await self._search(Member, "members.list", name)
        except Forbidden:
            return KnownActor(name, name)
        wanted = name.casefold()
        return self._only([member for member in members if wanted in _names(member)], name)

    def _only(self, members: list[Member], name: str) -> KnownActor:
        users = {member.user.id: member for member in members if member.user is not None}
        if len(users) == 1:
            return _known(next(iter(users.values())))
        organization = self.core.organization
        if users:
            raise UnknownAssigneeError(f"{len(users)} members of {organization} are called {name!r}; use an address.")
        raise UnknownAssigneeError(
            f"{organization} has no member or team {name!r}. Write team:SLUG, user:ID, or the address of a member who "
            "has accepted the invitation."
        )

    async def _search(self, model: type[Model], operation: str, query: str) -> list[Model]:
        call = self.core.call(operation, query={"query": query, "per_page": 100})
        answer = await self.core.send(call)
        return [validated(model, item, call, answer) for item in as_list(call, answer)]


def _known(who: Actor | User | Member | Team) -> KnownActor:
    if isinstance(who, Team):
        return KnownActor(who.key, f"team {who.slug}")
    if isinstance(who, Member):
        if who.user is None:
            raise UnknownAssigneeError(f"{who.email} has not accepted the invitation yet and cannot be assigned to.")
        return KnownActor(who.user.key, who.email or who.user.name)
    if isinstance(who, User):
        return KnownActor(who.key, who.email or who.name or f"user {who.id}")
    return KnownActor(who.key, f"team {who.name}" if who.type == "team" else who.email or who.name)


def _names(member: Member) -> set[str]:
    user = member.user
    names = {member.name, *([user.name, user.username] if user else [])}
    return {name.casefold() for name in names if name}


def _has_email(member: Member, email: str) -> bool:
    user = member.user
    return email.casefold() in {each.casefold() for each in (member.email, (user.email if user else None) or "")}
