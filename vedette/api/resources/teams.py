"""`sentry.teams`: teams, their projects and members."""

from typing import Any

from vedette.api.change import Written
from vedette.api.models import Member, Project, Team
from vedette.api.paging import Pages
from vedette.api.resources._caller import ApiResource


class Teams(ApiResource):
    """A team is named by its slug or id."""

    def list(self, query: str | None = None, *, page_size: int | None = None) -> Pages[Team]:
        """List the teams of the organization. Needs an `org:` scope: `team:read` does not open it."""
        call = self._core.call("teams.list", query={"query": query, "per_page": page_size})
        return Pages(self._core, Team, call)

    async def mine(self) -> "list[Team]":
        """List the teams of the owner of a person's token."""
        return await self._core.read_list(Team, self._core.call("teams.mine"))

    async def create(self, slug: str, *, name: str | None = None) -> Written[Team]:
        """Create a team. A slug that is taken is a `Conflict` or `NotFound`, as Sentry's versions differ."""
        body = {"slug": slug, **({"name": name} if name else {})}
        call = self._core.call("teams.create", body=body, intent=f"created team {slug}")
        return await self._core.write_object(Team, call)

    async def get(self, team: str) -> Team:
        """Read one team."""
        return await self._core.read(Team, self._core.call("teams.get", {"team_id_or_slug": team}))

    async def update(self, team: str, *, slug: str | None = None, name: str | None = None) -> Written[Team]:
        """Change the slug or name of a team. Sentry wants a slug always: without one the present slug is sent."""
        body: dict[str, Any] = {"slug": slug or (team if not team.isdigit() else (await self.get(team)).slug)}
        if name is not None:
            body["name"] = name
        call = self._core.call("teams.update", {"team_id_or_slug": team}, body=body, intent=f"changed team {team}")
        return await self._core.write_object(Team, call)

    async def delete(self, team: str) -> Written[None]:
        """Delete a team; its slug is free again at once."""
        return await self._core.remove(
            self._core.call("teams.delete", {"team_id_or_slug": team}, intent=f"deleted team {team}")
        )

    def projects(self, team: str) -> Pages[Project]:
        """List the projects of a team."""
        return Pages(self._core, Project, self._core.call("teams.projects", {"team_id_or_slug": team}))

    def members(self, team: str) -> Pages[Member]:
        """List the members of a team. For assigning, the id is that of `member.user`."""
        return Pages(self._core, Member, self._core.call("teams.members", {"team_id_or_slug": team}))
