"""`sentry.releases`: releases, their commits and deploys."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from vedette._core.json_values import values_of
from vedette.api.call import Call
from vedette.api.change import Written
from vedette.api.models import Commit, Deploy, Release
from vedette.api.paging import Pages
from vedette.api.resources._caller import ApiResource


class Releases(ApiResource):
    """A release is named by its version, with any characters in it."""

    def list(
        self,
        query: str | None = None,
        *,
        project: Collection[str | int] = (),
        environment: Collection[str] = (),
        page_size: int | None = None,
    ) -> Pages[Release]:
        """List the releases of the organization, newest first; the query is the beginning of a version."""
        query_ = {"query": query, "project": project, "environment": environment, "per_page": page_size}
        return Pages(self._core, Release, self._core.call("releases.list", query=query_))

    def list_for_project(
        self, project: str, query: str | None = None, *, page_size: int | None = None
    ) -> Pages[Release]:
        """List the releases of a project, newest first; the query is a part of a version."""
        query_ = {"query": query, "per_page": page_size}
        call = self._core.call(
            "releases.list_for_project", {"project_id_or_slug": project}, query=query_, project=project
        )
        return Pages(self._core, Release, call)

    async def create(
        self,
        version: str,
        projects: Collection[str],
        *,
        ref: str | None = None,
        url: str | None = None,
        date_released: datetime | None = None,
        commits: Collection[Mapping[str, Any]] | None = None,
        refs: Collection[Mapping[str, Any]] | None = None,
    ) -> Written[Release]:
        """Create a release, or update the release that has this version: repeating it is safe.

        Args:
            version: At most 200 characters.
            projects: Slugs of the projects that it is of.
            ref: A commit or tag that it is made from.
            url: A page about it.
            date_released: The time of its release.
            commits: Each with `id` and more of Sentry's names. Messages can resolve issues that they name.
            refs: Each with `repository` and `commit`, so that Sentry finds the commits itself.
        """
        fields = {"ref": ref, "url": url, "dateReleased": date_released, "commits": commits, "refs": refs}
        body = {"version": version, "projects": list(projects), **_given(fields)}
        return await self._core.write_object(
            Release, self._core.call("releases.create", body=body, intent=f"created release {version}")
        )

    async def get(self, version: str, *, project: str | None = None, health: bool | None = None) -> Release:
        """Read one release, with its health in a project where that is asked for."""
        query = {"project": project, "health": health}
        return await self._core.read(Release, self._of("releases.get", version, query=query))

    async def update(
        self,
        version: str,
        *,
        ref: str | None = None,
        url: str | None = None,
        date_released: datetime | None = None,
        commits: Collection[Mapping[str, Any]] | None = None,
        refs: Collection[Mapping[str, Any]] | None = None,
    ) -> Written[Release]:
        """Change a release; see `create`."""
        fields = {"ref": ref, "url": url, "dateReleased": date_released, "commits": commits, "refs": refs}
        call = self._of("releases.update", version, body=_given(fields), intent=f"changed release {version}")
        return await self._core.write_object(Release, call)

    async def delete(self, version: str) -> Written[None]:
        """Delete a release and its files."""
        return await self._core.remove(self._of("releases.delete", version, intent=f"deleted release {version}"))

    def commits(self, version: str) -> Pages[Commit]:
        """List the commits of a release."""
        return Pages(self._core, Commit, self._of("releases.commits", version))

    def deploys(self, version: str) -> Pages[Deploy]:
        """List the deploys of a release."""
        return Pages(self._core, Deploy, self._of("releases.deploys", version))

    async def create_deploy(
        self,
        version: str,
        environment: str,
        *,
        name: str | None = None,
        url: str | None = None,
        date_started: datetime | None = None,
        date_finished: datetime | None = None,
        projects: Collection[str] | None = None,
    ) -> Written[Deploy]:
        """Record that a release was put into an environment. Never retried: a repeat is a second deploy."""
        fields = {
            "name": name,
            "url": url,
            "dateStarted": date_started,
            "dateFinished": date_finished,
            "projects": projects,
        }
        intent = f"recorded a deploy of release {version} to {environment}"
        body = {"environment": environment, **_given(fields)}
        return await self._core.write_object(
            Deploy, self._of("releases.create_deploy", version, body=body, intent=intent)
        )

    def _of(self, name: str, version: str, **more: Any) -> Call:
        return self._core.call(name, {"version": version}, **more)


def _given(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that were given; collections as lists, as JSON has them."""
    return {
        name: list(values_of(value)) if isinstance(value, Collection) and not isinstance(value, str) else value
        for name, value in fields.items()
        if value is not None
    }
