"""Projects: create, read, change, delete, and their people, keys, environments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vedette.simulator.serializers.organization import organization_json
from vedette.simulator.serializers.people import member_json, team_json
from vedette.simulator.serializers.project import SETTINGS, project_detail_json, project_json
from vedette.simulator.serializers.webhook_event import grouping_hash
from vedette.simulator.web.call import ApiCall, ApiError, EndpointResponse, bad_request, forbidden, invalid, not_found
from vedette.simulator.web.paging import paginate
from vedette.simulator.web.slugs import read_slug, slugify
from vedette.simulator.world import builders, comments

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vedette.simulator.web.call import Handler
    from vedette.simulator.world.people import Team
    from vedette.simulator.world.projects import Project

# What project:read may change; every other field needs project:write.
OPEN_FIELDS = {"isBookmarked", "autofixAutomationTuning", "seerScannerAutomation"}
_USER_QUERIES = ("id:", "email:", "username:", "ip:")


def _detail(call: ApiCall, project: Project) -> dict[str, Any]:
    return project_detail_json(call.world, project, organization_json(call.world))


def create(call: ApiCall) -> EndpointResponse:
    """Create a project owned by a team; a slug that is taken is a conflict, a generated one gets a number."""
    team, fields, world = call.team, call.fields, call.world
    name = fields.get("name")
    if not isinstance(name, str) or not name.strip():
        raise invalid(name="This field is required.")
    slug = read_slug(fields, longest=100)
    if slug is not None and slug in world.project_by_slug:
        raise ApiError(409, {"detail": "A project with this slug already exists."})
    if slug is None:
        slug = slugify(name)
        while slug in world.project_by_slug:
            slug = f"{slugify(name)}-{world.next_id('slug')}"
    platform = fields.get("platform")
    project = builders.add_project(world, slug, name=name, platform=platform, teams=[team])
    world.revision += 1
    return EndpointResponse(project_json(world, project), 201)


def get(call: ApiCall) -> EndpointResponse:
    """Answer with one project."""
    return EndpointResponse(_detail(call, call.project))


def update(call: ApiCall) -> EndpointResponse:
    """Change settings; the old slug answers 302 from then on."""
    project, fields, world = call.project, call.fields, call.world
    if set(fields) - OPEN_FIELDS and not call.holds("project:write"):
        raise forbidden()
    slug = read_slug(fields, longest=100)
    if slug and slug != project.slug:
        if slug in world.project_by_slug:
            raise invalid(slug="Another project is already using that slug")
        world.renamed_projects[project.slug] = slug
        world.renamed_projects.pop(slug, None)
        world.project_by_slug[slug] = world.project_by_slug.pop(project.slug)
        project.slug = slug
    project.name = fields.get("name", project.name)
    project.platform = fields.get("platform", project.platform)
    project.settings |= {name: value for name, value in fields.items() if name in SETTINGS}
    world.revision += 1
    return EndpointResponse(_detail(call, project))


def delete(call: ApiCall) -> EndpointResponse:
    """Accept a project for deletion, its issues with it."""
    project, world = call.project, call.world
    del world.projects[project.id], world.project_by_slug[project.slug]
    for issue in [issue for issue in world.issues.values() if issue.project is project]:
        comments.delete_issue(world, issue)
    world.revision += 1
    return EndpointResponse(status=204)


def users(call: ApiCall) -> EndpointResponse:
    """List end users seen in events; a query must say which field it means."""
    query = call.query.get("query", "")
    if query and not query.startswith(_USER_QUERIES):
        raise bad_request("Invalid query: use id:, email:, username: or ip:.")
    issues = [issue for issue in call.world.issues.values() if issue.project is call.project]
    names = sorted({user for issue in issues for user in issue.users})
    if query:
        key, _, value = query.partition(":")
        names = [name for name in names if key == "id" and name == value]
    return paginate(call, names, _end_user)


def _end_user(name: str) -> dict[str, Any]:
    return {
        "id": name,
        "tagValue": f"id:{name}",
        "identifier": name,
        "username": "",
        "email": "",
        "name": "",
        "ipAddress": "203.0.113.77",
        "avatarUrl": "",
        "hash": grouping_hash(name),
        "dateCreated": None,
    }


def teams(call: ApiCall) -> EndpointResponse:
    """List the project's teams."""
    return paginate(call, call.project.teams, lambda team: team_json(call.world, team))


def _team(call: ApiCall) -> Team:
    found = call.world.find_team(call.path["team_id_or_slug"])
    if found is None:
        raise not_found("Team does not exist.")
    return found


def add_team(call: ApiCall) -> EndpointResponse:
    """Give a team the project; one that has it already keeps it."""
    project = call.project
    team = _team(call)
    if team not in project.teams:
        project.teams.append(team)
        call.world.revision += 1
    return EndpointResponse(project_json(call.world, project), 201)


def remove_team(call: ApiCall) -> EndpointResponse:
    """Take the project from a team; one that has it not is no error."""
    project = call.project
    team = _team(call)
    if team in project.teams:
        project.teams.remove(team)
        call.world.revision += 1
    return EndpointResponse(project_json(call.world, project))


def members(call: ApiCall) -> EndpointResponse:
    """List who is in one of the project's teams."""
    wanted = {team.id for team in call.project.teams}
    found = [m for m in call.world.members.values() if m.user and wanted.intersection(m.team_roles)]
    return EndpointResponse([member_json(call.world, member) for member in found])


def environments(call: ApiCall) -> EndpointResponse:
    """List the environments that the project's events have named."""
    names = sorted(call.project.environments)
    return EndpointResponse(
        [{"id": str(number), "name": name, "isHidden": False} for number, name in enumerate(names, 1)]
    )


PROJECTS: Mapping[str, Handler] = {
    "projects.create": create,
    "projects.get": get,
    "projects.update": update,
    "projects.delete": delete,
    "projects.users": users,
    "projects.teams": teams,
    "projects.add_team": add_team,
    "projects.remove_team": remove_team,
    "projects.members": members,
    "projects.environments": environments,
}
