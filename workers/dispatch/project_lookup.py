"""Excludes handlers by the project of an event; looks the slug up in Sentry when the payload has only an id."""

from collections.abc import Collection

from vedette.api import OPERATIONS, Call
from vedette.api.errors import SentryError
from vedette.authoring.project_filter import projects_of
from vedette.events import Event
from vedette.plugins.handler import Handler
from vedette.settings.settings import SettingsError
from workers.runtime import Runtime


async def excluded_by_project(
    runtime: Runtime, integration: str, event: Event, handlers: Collection[Handler]
) -> dict[str, str]:
    """Return the handlers that are excluded for an event's project, with the reason of each.

    Raises:
        SentryError: When the lookup of the project fails and may succeed later.
    """
    choosy = [handler for handler in handlers if not handler.where.is_everywhere]
    if not choosy:
        return {}
    projects = projects_of(event)
    told = {handler.name: handler.where.unmet(projects) for handler in choosy}
    identifier = event.project.id
    if identifier and not event.project.slug:
        # An id that an operator has named settles it without the slug.
        unsure = [handler for handler in choosy if not handler.where.names(identifier)]
        told |= await _by_slug(runtime, integration, identifier, unsure) if unsure else {}
    return {name: why for name, why in told.items() if why}


async def _by_slug(
    runtime: Runtime, integration: str, identifier: str, handlers: Collection[Handler]
) -> dict[str, str]:
    try:
        slug = await _slug(runtime, integration, identifier)
    except (SentryError, SettingsError) as error:
        if isinstance(error, SentryError) and error.retryable:
            raise
        problem = f"the slug of its project {identifier} cannot be looked up, so name the id: {error}"
        return {handler.name: problem for handler in handlers}
    return {handler.name: handler.where.unmet([[slug, identifier]]) for handler in handlers}


async def _slug(runtime: Runtime, integration: str, project: str) -> str:
    connection = runtime.clients.connect(integration)
    parameters = {"organization_id_or_slug": connection.organization, "project_id_or_slug": project}
    return await connection.issue_cache.project(
        project, connection.transport, Call(OPERATIONS["projects.get"], parameters)
    )
