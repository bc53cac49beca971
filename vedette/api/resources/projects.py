"""`sentry.projects`: projects, their people, keys and settings."""

from typing import Any, Literal

from vedette.api.call import Call
from vedette.api.change import Written
from vedette.api.models import EndUser, Environment, Member, Project, SentryModel, Team
from vedette.api.paging import Pages
from vedette.api.resources._caller import ApiResource


class ProjectGroup(ApiResource):
    """The base of all operations on a project."""

    def _of(self, name: str, project: str, parameters: dict[str, str] | None = None, **more: Any) -> Call:
        return self._core.call(name, {"project_id_or_slug": project, **(parameters or {})}, project=project, **more)


class ProjectBasics(ProjectGroup):
    """Projects themselves. A project is named by its slug or id; ids survive renaming."""

    async def create(
        self, team: str, name: str, *, slug: str | None = None, platform: str | None = None, default_rules: bool = True
    ) -> Written[Project]:
        """Create a project owned by a team. Give a slug, so that a repeat is a `Conflict` and no second project."""
        body = {"name": name, "slug": slug, "platform": platform, "default_rules": default_rules}
        call = self._core.call(
            "projects.create",
            {"team_id_or_slug": team},
            body={field: value for field, value in body.items() if value is not None},
            intent=f"created project {slug or name} in team {team}",
            project=slug,
        )
        return await self._core.write_object(Project, call)

    async def get(self, project: str) -> Project:
        """Read one project.

        Raises:
            ProjectRenamed: it has another slug now; the error has it.
        """
        return await self._core.read(Project, self._of("projects.get", project))

    async def update(self, project: str, **fields: Any) -> Written[Project]:
        """Change settings, by Sentry's names: `name`, `slug`, `platform`, `resolveAge` and others."""
        intent = f"changed {', '.join(fields)} of project {project}"
        return await self._core.write_object(Project, self._of("projects.update", project, body=fields, intent=intent))

    async def delete(self, project: str) -> Written[None]:
        """Delete a project; Sentry queues it."""
        return await self._core.remove(self._of("projects.delete", project, intent=f"deleted project {project}"))

    def users(self, project: str, query: str | None = None) -> Pages[EndUser]:
        """List the end users seen in its events; the query must begin with id:, email:, username: or ip:."""
        return Pages(self._core, EndUser, self._of("projects.users", project, query={"query": query}))

    def teams(self, project: str) -> Pages[Team]:
        """List the teams that have it."""
        return Pages(self._core, Team, self._of("projects.teams", project))

    async def add_team(self, project: str, team: str) -> Written[Project]:
        """Give a team access to a project."""
        intent = f"gave team {team} access to project {project}"
        call = self._of("projects.add_team", project, {"team_id_or_slug": team}, intent=intent)
        return await self._core.write_object(Project, call)

    async def remove_team(self, project: str, team: str) -> Written[None]:
        """Remove the access of a team to a project."""
        intent = f"removed the access of team {team} to project {project}"
        return await self._core.remove(
            self._of("projects.remove_team", project, {"team_id_or_slug": team}, intent=intent)
        )

    async def members(self, project: str) -> list[Member]:
        """List its members: the possible assignees of its issues."""
        return await self._core.read_list(Member, self._of("projects.members", project))

    async def environments(
        self, project: str, *, visibility: Literal["all", "hidden", "visible"] | None = None
    ) -> list[Environment]:
        """List its environments."""
        query = {"visibility": visibility}
        return await self._core.read_list(Environment, self._of("projects.environments", project, query=query))

    async def send_feedback(
        self, project: str, *, event: str, name: str, email: str, comments: str
    ) -> Written[SentryModel]:
        """Send the feedback of an end user about an event. Deprecated by Sentry; a client with a DSN can do it."""
        body = {"event_id": event, "name": name, "email": email, "comments": comments}
        intent = f"sent feedback about an event of project {project}"
        return await self._core.write_object(
            SentryModel, self._of("projects.send_feedback", project, body=body, intent=intent)
        )
