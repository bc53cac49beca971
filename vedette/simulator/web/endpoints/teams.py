"""Teams: create, read, change, delete, their projects and members."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vedette.simulator.serializers.organization import organization_json
from vedette.simulator.serializers.people import avatar, member_json, team_json
from vedette.simulator.serializers.project import project_json
from vedette.simulator.web.call import ApiCall, ApiError, EndpointResponse, invalid
from vedette.simulator.web.paging import paginate
from vedette.simulator.web.slugs import read_slug, slugify
from vedette.simulator.world import builders

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vedette.simulator.web.call import Handler
    from vedette.simulator.world.people import Team
    from vedette.simulator.world.projects import Project


def _projects_of(call: ApiCall, team: Team) -> list[Project]:
    return [project for project in call.world.projects.values() if team in project.teams]


def _projects_json(call: ApiCall, team: Team) -> list[dict[str, Any]]:
    more = {"avatar": avatar(), "color": "#3f66bf", "isInternal": False, "isPublic": False, "status": "active"}
    return [project_json(call.world, project) | more for project in _projects_of(call, team)]


def list_teams(call: ApiCall) -> EndpointResponse:
    """List the organization's teams, with their projects unless `detailed` is 0."""
    text = call.query.get("query", "").lower()
    found = [team for team in call.world.teams.values() if text in team.slug or text in team.name.lower()]
    if call.query.get("detailed", "1") == "0":
        return paginate(call, found, lambda team: team_json(call.world, team))
    return paginate(call, found, lambda team: team_json(call.world, team) | {"projects": _projects_json(call, team)})


def create(call: ApiCall) -> EndpointResponse:
    """Create a team; a name or a slug must be given."""
    fields, world = call.fields, call.world
    name, slug = fields.get("name"), read_slug(fields, longest=50)
    if not name and not slug:
        raise invalid(non_field_errors="Name or slug is required")
    slug = slug or slugify(str(name))
    if slug in world.team_by_slug:
        raise ApiError(409, {"slug": ["A team with this slug already exists."]})
    world.revision += 1
    team = builders.add_team(world, slug, str(name or slug))
    return EndpointResponse(team_json(world, team), 201)


def get(call: ApiCall) -> EndpointResponse:
    """Answer with one team."""
    found = team_json(call.world, call.team)
    expand = {name for text in call.query.getlist("expand") for name in text.split(",")}
    if "projects" in expand:
        found["projects"] = _projects_json(call, call.team)
    if "organization" not in call.query.get("collapse", ""):
        found["organization"] = organization_json(call.world)
    return EndpointResponse(found)


def update(call: ApiCall) -> EndpointResponse:
    """Rename a team or change its slug."""
    team, fields, world = call.team, call.fields, call.world
    slug = read_slug(fields, longest=50)
    if slug and slug != team.slug:
        if slug in world.team_by_slug:
            raise invalid(slug=f'The slug "{slug}" is already in use.')
        world.team_by_slug[slug] = world.team_by_slug.pop(team.slug)
        team.slug = slug
    team.name = fields.get("name", team.name)
    world.revision += 1
    return EndpointResponse(team_json(world, team))


def delete(call: ApiCall) -> EndpointResponse:
    """Accept a team for deletion; its slug is free at once, and its issues are unassigned."""
    team, world = call.team, call.world
    del world.teams[team.id], world.team_by_slug[team.slug]
    for project in world.projects.values():
        project.teams = [other for other in project.teams if other is not team]
    for issue in world.issues.values():
        if issue.assignee and issue.assignee.subject is team:
            issue.assignee = None
    world.revision += 1
    return EndpointResponse(status=204)


def projects(call: ApiCall) -> EndpointResponse:
    """List a team's projects."""
    return paginate(call, _projects_of(call, call.team), lambda project: project_json(call.world, project))


def members(call: ApiCall) -> EndpointResponse:
    """List a team's members, without invitations."""
    team = call.team

    def as_json(member: Any) -> dict[str, Any]:
        role = member.team_roles[team.id]
        return {**member_json(call.world, member), "teamRole": role, "teamSlug": team.slug}

    return paginate(call, call.world.team_members(team), as_json)


def mine(call: ApiCall) -> EndpointResponse:
    """List the teams of the owner of a person's token; an integration is in none."""
    user = call.actor.user
    member = call.world.member_of(user) if user else None
    found = [call.world.teams[i] for i in (member.team_roles if member else {}) if i in call.world.teams]
    return EndpointResponse([team_json(call.world, team) for team in found])


TEAMS: Mapping[str, Handler] = {
    "teams.list": list_teams,
    "teams.create": create,
    "teams.get": get,
    "teams.update": update,
    "teams.delete": delete,
    "teams.projects": projects,
    "teams.members": members,
    "teams.mine": mine,
}
