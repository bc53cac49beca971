"""Releases and deploys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vedette._core.json_values import json_list
from vedette.simulator.serializers.dates import parse
from vedette.simulator.serializers.releases import commit_json, deploy_json, release_json
from vedette.simulator.web.call import ApiCall, ApiError, EndpointResponse, invalid
from vedette.simulator.web.paging import paginate
from vedette.simulator.world import builders
from vedette.simulator.world.projects import Commit, Deploy, Release

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vedette.simulator.web.call import Handler
    from vedette.simulator.world.projects import Project

LONGEST = 200


def list_releases(call: ApiCall) -> EndpointResponse:
    """List releases, newest first."""
    wanted = set(call.query.getlist("project")) - {"-1"}
    text = call.query.get("query", "")

    def fits(release: Release) -> bool:
        named = {name for project in release.projects for name in (project.slug, str(project.id))}
        return text in release.version and (not wanted or bool(wanted & named))

    found = [release for release in call.world.releases.values() if fits(release)]
    found.sort(key=lambda release: (release.created, release.id), reverse=True)
    return paginate(call, found, lambda release: release_json(call.world, release))


def list_for_project(call: ApiCall) -> EndpointResponse:
    """List a project's releases, newest first."""
    project, text = call.project, call.query.get("query", "").casefold()
    found = [
        release
        for release in call.world.releases.values()
        if project in release.projects and text in release.version.casefold()
    ]
    found.sort(key=lambda release: (release.created, release.id), reverse=True)
    return paginate(call, found, lambda release: release_json(call.world, release))


def _projects(call: ApiCall, names: Any) -> list[Project]:
    if not isinstance(names, list) or not names:
        raise invalid(projects="This field is required.")
    found = [call.world.find_project(str(name)) for name in json_list(names)]
    if None in found:
        raise invalid(projects="Invalid project ids or slugs")
    return [project for project in found if project]


def _commits(call: ApiCall, fields: dict[str, Any]) -> list[Commit]:
    found: list[Commit] = []
    for entry in json_list(fields.get("commits") or []):
        if not entry.get("id"):
            raise invalid(commits={"id": ["This field is required."]})
        found.append(
            Commit(
                id=str(entry["id"]),
                repository=entry.get("repository") or "",
                message=entry.get("message") or "",
                author_name=entry.get("author_name") or "",
                author_email=entry.get("author_email") or "",
                created=parse(str(entry.get("timestamp"))) or call.world.clock(),
            )
        )
    return found


def _change(call: ApiCall, release: Release, fields: dict[str, Any]) -> None:
    release.ref = fields.get("ref", release.ref)
    release.url = fields.get("url", release.url)
    release.status = fields.get("status") or release.status
    if fields.get("dateReleased"):
        release.released = parse(str(fields["dateReleased"]))
        if release.released is None:
            raise invalid(dateReleased="Datetime has wrong format.")
    if "commits" in fields:
        release.commits = _commits(call, fields)
    call.world.revision += 1


def create(call: ApiCall) -> EndpointResponse:
    """Create a release, or answer 208 with the release that has this version already."""
    fields = call.fields
    version = fields.get("version")
    if not isinstance(version, str) or not version.strip():
        raise invalid(version="This field is required.")
    if len(version) > LONGEST:
        raise invalid(version=f"Ensure this field has no more than {LONGEST} characters.")
    projects = _projects(call, fields.get("projects"))
    release = call.world.releases.get(version)
    known = release is not None
    if release is None:
        release = builders.add_release(call.world, version, projects)
    release.projects += [project for project in projects if project not in release.projects]
    _change(call, release, fields)
    return EndpointResponse(release_json(call.world, release), 208 if known else 201)


def get(call: ApiCall) -> EndpointResponse:
    """Answer with one release."""
    return EndpointResponse(release_json(call.world, call.release))


def update(call: ApiCall) -> EndpointResponse:
    """Change a release."""
    release = call.release
    _change(call, release, call.fields)
    return EndpointResponse(release_json(call.world, release))


def delete(call: ApiCall) -> EndpointResponse:
    """Delete a release."""
    del call.world.releases[call.release.version]
    call.world.revision += 1
    return EndpointResponse(status=204)


def commits(call: ApiCall) -> EndpointResponse:
    """List a release's commits."""
    return paginate(call, call.release.commits, lambda commit: commit_json(call.world, commit))


def deploys(call: ApiCall) -> EndpointResponse:
    """List a release's deploys, newest first."""
    return paginate(call, call.release.deploys[::-1], deploy_json)


def create_deploy(call: ApiCall) -> EndpointResponse:
    """Record a deploy; a repeat makes a second one."""
    fields, release = call.fields, call.release
    environment = fields.get("environment")
    if not isinstance(environment, str) or not environment:
        raise invalid(environment="This field is required.")
    names = json_list(fields.get("projects") or [])
    if any(name not in {project.slug for project in release.projects} for name in names):
        raise ApiError(400, {"detail": {"code": "no-such-project", "message": "Invalid projects"}})
    deploy = Deploy(
        call.world.next_id("deploy"),
        environment,
        parse(str(fields.get("dateFinished"))) or call.world.clock(),
        parse(str(fields.get("dateStarted"))),
        fields.get("name"),
        fields.get("url"),
    )
    release.deploys.append(deploy)
    return EndpointResponse(deploy_json(deploy), 201)


RELEASES: Mapping[str, Handler] = {
    "releases.list": list_releases,
    "releases.list_for_project": list_for_project,
    "releases.create": create,
    "releases.get": get,
    "releases.update": update,
    "releases.delete": delete,
    "releases.commits": commits,
    "releases.deploys": deploys,
    "releases.create_deploy": create_deploy,
}
