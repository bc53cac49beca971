"""Members: list, invite, read, change, remove; with the refusals that integrations meet."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from vedette._core.json_values import json_list
from vedette.simulator.serializers.people import member_detail_json, member_json
from vedette.simulator.web.call import ApiCall, EndpointResponse, bad_request, forbidden, invalid, not_found
from vedette.simulator.web.paging import paginate
from vedette.simulator.world import builders
from vedette.simulator.world.id_parsing import as_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from vedette.simulator.web.call import Handler
    from vedette.simulator.world.people import Member

ROLES = ("billing", "member", "manager", "owner", "admin")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_TOKENS: dict[str, Callable[[Member, str], bool]] = {
    "email": lambda member, value: member.email == value,
    "id": lambda member, value: str(member.id) == value,
    "user.id": lambda member, value: member.user is not None and str(member.user.id) == value,
    "role": lambda member, value: member.role == value,
    "isInvited": lambda member, value: str(member.pending).lower() == value.lower(),
}


def list_members(call: ApiCall) -> EndpointResponse:
    """List members and invitations. Query keys `email:`, `id:`, `user.id:`, `role:`, `isInvited:`, or free text."""
    words = call.query.get("query", "").split()
    found = [member for member in call.world.members.values() if all(_fits(member, word) for word in words)]
    return paginate(call, found, lambda member: member_json(call.world, member))


def _fits(member: Member, word: str) -> bool:
    key, colon, value = word.partition(":")
    if not colon:
        return word.lower() in f"{member.email} {member.user.name if member.user else ''}".lower()
    test = _TOKENS.get(key)
    # An unknown key finds no member.
    return test is not None and test(member, value)


def _member(call: ApiCall) -> Member:
    text, user = call.path["member_id"], call.actor.user
    member = call.world.member_of(user) if text == "me" and user else None
    member = member or call.world.members.get(as_id(text) or 0)
    if member is None:
        raise not_found()
    return member


def _role(fields: dict[str, Any]) -> str | None:
    role = fields.get("orgRole")
    if role is not None and role not in ROLES:
        raise invalid(orgRole=f'"{role}" is not a valid choice.')
    return role


def _teams(call: ApiCall, fields: dict[str, Any]) -> dict[int, str | None]:
    roles: dict[int, str | None] = {}
    for entry in json_list(fields.get("teamRoles") or []):
        team = call.world.team_by_slug.get(str(entry.get("teamSlug")))
        if team is None:
            raise invalid(teamRoles="Invalid team")
        roles[team.id] = entry.get("role")
    return roles


def invite(call: ApiCall) -> EndpointResponse:
    """Invite someone; an integration may only invite as `member`."""
    fields, world = call.fields, call.world
    email = fields.get("email")
    if not isinstance(email, str) or not _EMAIL.fullmatch(email):
        raise invalid(email="Enter a valid email address." if email else "This field is required.")
    role = _role(fields) or "member"
    if call.actor.user is None and role != "member":
        raise invalid(orgRole="You do not have permission to set that org-level role")
    if any(member.email == email for member in world.members.values()):
        raise invalid(email=f"The user {email} is already a member")
    member = builders.invite_member(world, email, role, call.actor.user.name if call.actor.user else None)
    member.team_roles = _teams(call, fields)
    world.revision += 1
    return EndpointResponse(member_json(world, member), 201)


def get(call: ApiCall) -> EndpointResponse:
    """Answer with one member."""
    return EndpointResponse(member_detail_json(call.world, _member(call)))


def update(call: ApiCall) -> EndpointResponse:
    """Change roles. Without member:admin only an invitation may be sent again; a role only by a person."""
    member, fields = _member(call), call.fields
    if not call.holds("member:admin") and set(fields) - {"reinvite", "regenerate"}:
        raise forbidden("You do not have permission to modify this member.")
    role = _role(fields)
    if role is not None and role != member.role:
        if call.actor.user is None:
            raise forbidden("You do not have permission to set that org-level role")
        member.role = role
    if "teamRoles" in fields:
        member.team_roles = _teams(call, fields)
    call.world.revision += 1
    pending = {"user": call.world.profile.pending_user} if member.pending else {}
    return EndpointResponse(member_detail_json(call.world, member) | pending)


def remove(call: ApiCall) -> EndpointResponse:
    """Remove a member. The missing scope is a 400 here, and so is an integration's attempt whatever its scopes."""
    member, user = _member(call), call.actor.user
    myself = user is not None and member.user is user
    if not call.holds("member:admin") and not myself:
        raise bad_request("You are missing the member:admin scope.")
    if user is None:
        raise bad_request("You cannot remove a member who has more access than you.")
    owners = [m for m in call.world.members.values() if m.role == "owner" and not m.pending]
    if owners == [member]:
        raise forbidden("You cannot remove the only remaining owner of the organization.")
    del call.world.members[member.id]
    call.world.revision += 1
    return EndpointResponse(status=204)


MEMBERS: Mapping[str, Handler] = {
    "members.list": list_members,
    "members.invite": invite,
    "members.get": get,
    "members.update": update,
    "members.remove": remove,
}
