"""People and teams in Sentry's JSON form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vedette.simulator.serializers.dates import zulu

if TYPE_CHECKING:
    from vedette.simulator.world.people import Member, Team, User
    from vedette.simulator.world.world import World

ROLES = ("billing", "member", "manager", "owner")


def avatar() -> dict[str, Any]:
    """Return the avatar of someone who never chose one."""
    return {"avatarType": "letter_avatar", "avatarUuid": None, "avatarUrl": None}


def user_json(world: World, user: User) -> dict[str, Any]:
    """Return an account as others see it."""
    return {
        "id": str(user.id),
        "name": user.name,
        "username": user.username,
        "email": user.email,
        "avatarUrl": f"{world.base_url}/avatar/{user.id}/",
        "isActive": True,
        "isSuspended": False,
        "hasPasswordAuth": True,
        "isManaged": False,
        "dateJoined": zulu(user.joined),
        "lastLogin": zulu(user.joined),
        "has2fa": False,
        "lastActive": zulu(world.clock()),
        "isSuperuser": False,
        "isStaff": False,
        "experiments": {},
        "emails": [{"id": str(user.id), "email": user.email, "is_verified": True}],
        "avatar": avatar(),
    }


def team_json(world: World, team: Team, *, role: str | None = None) -> dict[str, Any]:
    """Return a team."""
    return {
        "id": str(team.id),
        "slug": team.slug,
        "name": team.name,
        "dateCreated": zulu(team.created),
        "isMember": False,
        "teamRole": role,
        "flags": {"idp:provisioned": False},
        "access": ["event:read", "org:read", "project:read", "team:read"],
        "hasAccess": True,
        "isPending": False,
        "memberCount": len(world.team_members(team)),
        "avatar": avatar(),
    }


def member_json(world: World, member: Member) -> dict[str, Any]:
    """Return a membership; its `id` is not the user's, which is under `user` and null for an invitation."""
    user = member.user
    return {
        "id": str(member.id),
        "email": member.email,
        "name": user.name if user else member.email,
        "user": user_json(world, user) if user else None,
        "orgRole": member.role,
        "pending": member.pending,
        "expired": False,
        "flags": {
            "idp:provisioned": False,
            "idp:role-restricted": False,
            "sso:linked": False,
            "sso:invalid": False,
            "member-limit:restricted": False,
            "partnership:restricted": False,
        },
        "dateCreated": zulu(member.created),
        "inviteStatus": "approved",
        "inviterName": member.inviter,
    }


def member_detail_json(world: World, member: Member) -> dict[str, Any]:
    """Return a membership with its teams and the roles it could be given."""
    teams = {i: world.teams[i] for i in member.team_roles if i in world.teams}
    owners = [m for m in world.members.values() if m.role == "owner" and not m.pending]
    return {
        **member_json(world, member),
        "role": member.role,
        "roleName": member.role.capitalize(),
        "teams": [team.slug for team in teams.values()],
        "teamRoles": [{"teamSlug": team.slug, "role": member.team_roles[i]} for i, team in teams.items()],
        "invite_link": f"{world.base_url}/accept/{member.id}/" if member.pending else None,
        "isOnlyOwner": owners == [member],
        "orgRoleList": org_roles(),
        "teamRoleList": team_roles(),
    }


def org_roles() -> list[dict[str, Any]]:
    """Return the organization's roles, weakest first."""
    return [
        {
            "id": role,
            "name": role.capitalize(),
            "desc": f"The {role} role.",
            "scopes": ["event:read", "org:read", "project:read"],
            "allowed": True,
            "isAllowed": True,
            "isRetired": False,
            "isTeamRolesAllowed": True,
            "is_global": role in {"manager", "owner"},
            "isGlobal": role in {"manager", "owner"},
            "minimumTeamRole": "admin" if role in {"manager", "owner"} else "contributor",
        }
        for role in ROLES
    ]


def team_roles() -> list[dict[str, Any]]:
    """Return the roles within a team."""
    return [
        {
            "id": role,
            "name": f"Team {role.capitalize()}",
            "desc": f"The team's {role}.",
            "scopes": ["event:read", "event:write"],
            "allowed": True,
            "isAllowed": True,
            "isRetired": False,
            "isTeamRolesAllowed": True,
            "isMinimumRoleFor": None,
        }
        for role in ("contributor", "admin")
    ]
