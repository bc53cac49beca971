"""The client keys of a project, by which applications send their events."""

from typing import Any, Literal

from vedette.api.change import Written
from vedette.api.models import ProjectKey
from vedette.api.paging import Pages
from vedette.api.resources.projects import ProjectGroup


class ClientKeys(ProjectGroup):
    """Client keys. Their DSNs come as secrets."""

    def keys(self, project: str, *, status: Literal["active", "inactive"] | None = None) -> Pages[ProjectKey]:
        """List the client keys of a project."""
        return Pages(self._core, ProjectKey, self._of("projects.keys", project, query={"status": status}))

    async def key(self, project: str, key: str) -> ProjectKey:
        """Read one client key, by its id."""
        return await self._core.read(ProjectKey, self._of("projects.key", project, {"key_id": key}))

    async def create_key(self, project: str, name: str, **fields: Any) -> Written[ProjectKey]:
        """Create a client key; further fields by Sentry's names: `rateLimit`, `browserSdkVersion`.

        A repeat creates a second key, so that a call with an unknown outcome is not sent again.
        """
        intent = f"created client key {name} of project {project}"
        call = self._of("projects.create_key", project, body={"name": name, **fields}, intent=intent)
        return await self._core.write_object(ProjectKey, call)

    async def update_key(self, project: str, key: str, **fields: Any) -> Written[ProjectKey]:
        """Change a client key, by Sentry's names: `name`, `isActive`, `rateLimit` (`{"count": 100, "window": 60}`)."""
        intent = f"changed {', '.join(fields)} of a client key of project {project}"
        call = self._of("projects.update_key", project, {"key_id": key}, body=fields, intent=intent)
        return await self._core.write_object(ProjectKey, call)

    async def delete_key(self, project: str, key: str) -> Written[None]:
        """Delete a client key; applications that send events with it are not heard any more."""
        intent = f"deleted a client key of project {project}"
        return await self._core.remove(self._of("projects.delete_key", project, {"key_id": key}, intent=intent))
