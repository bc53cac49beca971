"""Ownership rules, CODEOWNERS files and service hooks of a project."""

from collections.abc import Collection
from typing import Any, Literal

from vedette.api.change import Written
from vedette.api.models import CodeOwners, Ownership, ServiceHook
from vedette.api.paging import Pages
from vedette.api.resources.client_keys import ClientKeys
from vedette.api.resources.projects import ProjectBasics, ProjectGroup

AutoAssignment = Literal["Auto Assign to Issue Owner", "Auto Assign to Suspect Commits", "Turn off Auto-Assignment"]


class ProjectRules(ProjectGroup):
    """Ownership rules, CODEOWNERS files and service hooks of a project."""

    async def ownership(self, project: str) -> Ownership:
        """Read the ownership rules."""
        return await self._core.read(Ownership, self._of("projects.ownership", project))

    async def update_ownership(
        self,
        project: str,
        *,
        raw: str | None = None,
        fallthrough: bool | None = None,
        auto_assignment: AutoAssignment | None = None,
        codeowners_auto_sync: bool | None = None,
    ) -> Written[Ownership]:
        """Change the ownership rules.

        Args:
            project: Slug or id.
            raw: The rules as people write them; wrong ones are a `BadRequest` on `raw`.
            fallthrough: Whether everybody owns what no rule names.
            auto_assignment: One of the form's three sentences.
            codeowners_auto_sync: Whether CODEOWNERS files are followed.
        """
        fields = {
            "raw": raw,
            "fallthrough": fallthrough,
            "autoAssignment": auto_assignment,
            "codeownersAutoSync": codeowners_auto_sync,
        }
        body = {name: value for name, value in fields.items() if value is not None}
        intent = f"changed the ownership rules of project {project}"
        call = self._of("projects.update_ownership", project, body=body, intent=intent)
        return await self._core.write_object(Ownership, call)

    async def codeowners(self, project: str) -> list[CodeOwners]:
        """List the CODEOWNERS files; needs a plan that has the feature."""
        return await self._core.read_list(CodeOwners, self._of("projects.codeowners", project))

    async def add_codeowners(self, project: str, *, raw: str, code_mapping: str) -> Written[CodeOwners]:
        """Add a CODEOWNERS file, by the id of the mapping of code that it belongs to."""
        body = {"raw": raw, "codeMappingId": code_mapping}
        intent = f"added a CODEOWNERS file to project {project}"
        return await self._core.write_object(
            CodeOwners, self._of("projects.add_codeowners", project, body=body, intent=intent)
        )

    async def update_codeowners(self, project: str, codeowners: str, *, raw: str) -> Written[CodeOwners]:
        """Change a CODEOWNERS file, by its id."""
        intent = f"changed a CODEOWNERS file of project {project}"
        call = self._of(
            "projects.update_codeowners", project, {"codeowners_id": codeowners}, body={"raw": raw}, intent=intent
        )
        return await self._core.write_object(CodeOwners, call)

    async def delete_codeowners(self, project: str, codeowners: str) -> Written[None]:
        """Remove a CODEOWNERS file, by its id."""
        intent = f"removed a CODEOWNERS file of project {project}"
        call = self._of("projects.delete_codeowners", project, {"codeowners_id": codeowners}, intent=intent)
        return await self._core.remove(call)

    def hooks(self, project: str) -> Pages[ServiceHook]:
        """List the service hooks, the older kind of webhook; 403 where the feature is off."""
        return Pages(self._core, ServiceHook, self._of("projects.hooks", project))

    async def hook(self, project: str, hook: str) -> ServiceHook:
        """Read one service hook."""
        return await self._core.read(ServiceHook, self._of("projects.hook", project, {"hook_id": hook}))

    async def create_hook(self, project: str, *, url: str, events: Collection[str]) -> Written[ServiceHook]:
        """Register a service hook for `event.alert`, `event.created` or both."""
        body = {"url": url, "events": list(events)}
        intent = f"registered a service hook of project {project}"
        return await self._core.write_object(
            ServiceHook, self._of("projects.create_hook", project, body=body, intent=intent)
        )

    async def update_hook(self, project: str, hook: str, *, url: str, events: Collection[str]) -> Written[ServiceHook]:
        """Change a service hook; Sentry wants both values."""
        body: dict[str, Any] = {"url": url, "events": list(events)}
        intent = f"changed a service hook of project {project}"
        call = self._of("projects.update_hook", project, {"hook_id": hook}, body=body, intent=intent)
        return await self._core.write_object(ServiceHook, call)

    async def delete_hook(self, project: str, hook: str) -> Written[None]:
        """Remove a service hook."""
        intent = f"removed a service hook of project {project}"
        return await self._core.remove(self._of("projects.delete_hook", project, {"hook_id": hook}, intent=intent))


class Projects(ProjectBasics, ClientKeys, ProjectRules):
    """Everything about projects."""
