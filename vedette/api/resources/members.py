"""`sentry.members`: who is in the organization."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from vedette.api.assignee_lookup import AssigneeLookup
from vedette.api.change import Written
from vedette.api.models import Member
from vedette.api.paging import Pages
from vedette.api.resources._caller import ApiResource

Role = Literal["billing", "member", "manager", "owner", "admin"]
TeamRoles = Sequence[Mapping[str, Any]]
"""Each with `teamSlug` and `role` (`contributor` or `admin`)."""


class Members(ApiResource):
    """A member is named by the id of the membership, which is not the id of the user."""

    def list(self, query: str | None = None, *, page_size: int | None = None) -> Pages[Member]:
        """List members and pending invitations.

        Args:
            query: Free text, or tokens such as `email:ann@example.com`, `role:owner`, `isInvited:true`.
            page_size: 1 to 100.
        """
        call = self._core.call("members.list", query={"query": query, "per_page": page_size})
        return Pages(self._core, Member, call)

    async def invite(
        self, email: str, *, role: Role = "member", team_roles: TeamRoles = (), send_mail: bool = True
    ) -> Written[Member]:
        """Invite a person. An integration may invite with the role `member` only; Sentry limits invitations per day."""
        body = {"email": email, "orgRole": role, "teamRoles": list(team_roles), "sendInvite": send_mail}
        call = self._core.call("members.invite", body=body, intent=f"invited {email} as {role}")
        return await self._core.write_object(Member, call)

    async def identities(self, key: str) -> tuple[str, ...]:
        """Return all names of a user or team in searches; they are cached for some minutes.

        Args:
            key: `user:ID` or `team:ID`, as issues name their assignee and their suggested owners.

        Returns:
            The key first; then the address and username, or the team's `#slug`. The key alone for one who is gone.
        """
        return await AssigneeLookup(self._core).identities(key)

    async def get(self, member: str) -> Member:
        """Read one member, by id; `me` for a person's own token."""
        return await self._core.read(Member, self._core.call("members.get", {"member_id": member}))

    async def update(self, member: str, *, role: Role, team_roles: TeamRoles) -> Written[Member]:
        """Change the roles of a member. Needs a person's token with `member:admin`.

        Both are asked for: leaving out the team roles can take the member out of all teams.
        """
        body = {"orgRole": role, "teamRoles": list(team_roles)}
        intent = f"changed the roles of member {member}"
        call = self._core.call("members.update", {"member_id": member}, body=body, intent=intent)
        return await self._core.write_object(Member, call)

    async def remove(self, member: str) -> Written[None]:
        """Remove a member. Needs a person's token with `member:admin`."""
        call = self._core.call("members.remove", {"member_id": member}, intent=f"removed member {member}")
        return await self._core.remove(call)
