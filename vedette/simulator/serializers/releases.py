"""Releases, deploys, commits and repositories in Sentry's JSON form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vedette.simulator.serializers.dates import zulu
from vedette.simulator.serializers.people import user_json

if TYPE_CHECKING:
    from vedette.simulator.world.projects import Commit, Deploy, Release, Repository
    from vedette.simulator.world.world import World


def author_json(world: World, commit: Commit) -> dict[str, Any]:
    """Return a commit's author: the account where there is one, else name and e-mail."""
    user = world.user_by_name.get(commit.author_email)
    return user_json(world, user) if user else {"name": commit.author_name, "email": commit.author_email}


def repository_json(repository: Repository) -> dict[str, Any]:
    """Return a repository; its `name` is what `inCommit.repository` wants."""
    return {
        "id": str(repository.id),
        "name": repository.name,
        "url": f"https://git.example/{repository.name}",
        "provider": {"id": "integrations:github", "name": "GitHub"},
        "status": "active",
        "dateCreated": zulu(repository.created),
        "integrationId": None,
        "externalSlug": repository.name,
        "externalId": str(repository.id),
        "settings": None,
    }


def commit_json(world: World, commit: Commit) -> dict[str, Any]:
    """Return a commit with its author, repository and releases."""
    repository = next((r for r in world.repositories.values() if r.name == commit.repository), None)
    found: dict[str, Any] = {
        "id": commit.id,
        "message": commit.message,
        "dateCreated": zulu(commit.created),
        "pullRequest": None,
        "suspectCommitType": "",
        "author": author_json(world, commit),
        "releases": [
            {
                "version": release.version,
                "shortVersion": short_version(release.version),
                "ref": release.ref,
                "url": release.url,
                "dateReleased": zulu(release.released),
                "dateCreated": zulu(release.created),
            }
            for release in world.releases.values()
            if any(other.id == commit.id for other in release.commits)
        ],
    }
    if repository:
        found["repository"] = repository_json(repository)
    return found


def short_version(version: str) -> str:
    """Return the version without its package: `4.18.2` of `shop@4.18.2`."""
    return version.rpartition("@")[2]


def deploy_json(deploy: Deploy) -> dict[str, Any]:
    """Return a deploy."""
    return {
        "id": str(deploy.id),
        "environment": deploy.environment,
        "dateStarted": zulu(deploy.started),
        "dateFinished": zulu(deploy.finished),
        "name": deploy.name,
        "url": deploy.url,
    }


def _version_info(version: str) -> dict[str, Any]:
    package, _, number = version.rpartition("@")
    return {
        "package": package or None,
        "version": {"raw": number},
        "description": number,
        "buildHash": None,
    }


def release_json(world: World, release: Release) -> dict[str, Any]:
    """Return a release."""
    authors = {commit.author_email: commit for commit in release.commits}
    return {
        "id": release.id,
        "version": release.version,
        "shortVersion": short_version(release.version),
        "versionInfo": _version_info(release.version),
        "status": release.status,
        "ref": release.ref,
        "url": release.url,
        "data": {},
        "owner": None,
        "userAgent": None,
        "dateCreated": zulu(release.created),
        "dateReleased": zulu(release.released),
        "dateStarted": None,
        "firstEvent": None,
        "lastEvent": zulu(release.last_event),
        "newGroups": release.new_groups,
        "commitCount": len(release.commits),
        "deployCount": len(release.deploys),
        "lastCommit": commit_json(world, release.commits[-1]) if release.commits else None,
        "lastDeploy": deploy_json(release.deploys[-1]) if release.deploys else None,
        "authors": [author_json(world, commit) for commit in authors.values()],
        "projects": [
            {
                "id": project.id,
                "slug": project.slug,
                "name": project.name,
                "platform": project.platform,
                "platforms": [project.platform] if project.platform else [],
                "hasHealthData": False,
                "newGroups": release.new_groups,
            }
            for project in release.projects
        ],
    }
