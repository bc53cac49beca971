"""`sentry.organizations`: the organization, and the objects that it owns as a whole."""

from collections.abc import Collection
from typing import Any, Literal

from vedette.api.change import Written
from vedette.api.models import Commit, Environment, Integration, Organization, Project, Region, Repository, Tag
from vedette.api.paging import Pages
from vedette.api.resources._caller import ApiResource


class Organizations(ApiResource):
    """The client's own organization, and the list of all that its token reaches."""

    def list(self, query: str | None = None) -> Pages[Organization]:
        """List the organizations of this region that the token reaches."""
        return Pages(self._core, Organization, self._core.call("organizations.list", query={"query": query}))

    async def get(self, *, detailed: bool = False, features: bool = False) -> Organization:
        """Read the organization; with details its projects and teams come along, and with features those it has."""
        query = {"detailed": "1" if detailed else "0", "include_feature_flags": "1" if features else None}
        return await self._core.read(Organization, self._core.call("organizations.get", query=query))

    async def update(self, **fields: Any) -> Written[Organization]:
        """Change settings, by Sentry's names. A new slug moves every path: make a new client then."""
        intent = f"changed {', '.join(fields)} of organization {self._core.organization}"
        call = self._core.call("organizations.update", body=fields, intent=intent)
        return await self._core.write_object(Organization, call)

    def projects(self, query: str | None = None, *, page_size: int | None = None) -> Pages[Project]:
        """List its projects. Needs an `org:` scope; with `project:read` use `teams.projects`."""
        query_ = {"query": query, "per_page": page_size}
        return Pages(self._core, Project, self._core.call("organizations.projects", query=query_))

    def repositories(
        self, query: str | None = None, *, status: Literal["active", "deleted"] | None = None
    ) -> Pages[Repository]:
        """List its repositories; their names are what resolving in a commit wants."""
        call = self._core.call("organizations.repositories", query={"query": query, "status": status})
        return Pages(self._core, Repository, call)

    def repository_commits(self, repository: str) -> Pages[Commit]:
        """List the commits of a repository, by its id."""
        return Pages(self._core, Commit, self._core.call("organizations.repository_commits", {"repo_id": repository}))

    def integrations(self, provider: str | None = None) -> Pages[Integration]:
        """List the installed integrations, all or of one provider (`github`, `jira`, `slack`)."""
        query = {"providerKey": provider}
        return Pages(self._core, Integration, self._core.call("organizations.integrations", query=query))

    async def environments(
        self, *, visibility: Literal["all", "hidden", "visible"] | None = None
    ) -> "list[Environment]":
        """List the environments of all its projects."""
        call = self._core.call("organizations.environments", query={"visibility": visibility})
        return await self._core.read_list(Environment, call)

    async def tags(self, *, project: Collection[str | int] = (), stats_period: str | None = None) -> "list[Tag]":
        """List the tag keys in use."""
        query = {"project": project, "statsPeriod": stats_period}
        return await self._core.read_list(Tag, self._core.call("organizations.tags", query=query))

    async def region(self) -> Region:
        """Read in which region it lives; sentry.io alone has regions."""
        return await self._core.read(Region, self._core.call("organizations.region"))
