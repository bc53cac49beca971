"""Whether a handler is on for the project of an event; Sentry is asked only where the payload gives an id alone."""

from collections.abc import Collection

from vedette.api import OPERATIONS, Call
from vedette.api.errors import SentryError
from vedette.events import Event
from vedette.handling.handler import Handler
from vedette.handling.where import projects_of
from vedette.settings import SettingsError
from workers.runtime import Runtime


async def off_here(runtime: Runtime, integration: str, event: Event, handlers: Collection[Handler]) -> dict[str, str]:
    """Return the handlers that are off for an event's project -> why.

    Raises:
        SentryError: The project has to be looked up, and that may work later.
    """
    choosy = [handler for handler in handlers if not handler.where.is_everywhere]
    if not choosy:
        return {}
    projects, problem = projects_of(event), ""
    if event.project.id and not event.project.slug:
        try:
            slug = await _slug(runtime, integration, event.project.id)
            projects = [[slug, event.project.id]]
        except (SentryError, SettingsError) as error:
            if isinstance(error, SentryError) and error.retryable:
                raise
            problem = f"the slug of its project {event.project.id} cannot be told ({error})"
    # An id that is named settles it without the slug.
    named = {handler.name: handler.where.unmet(projects) for handler in choosy}
    if problem:
        ids = {handler.name for handler in choosy if event.project.id in handler.where.projects}
        named = {name: "" if name in ids else problem for name in named}
    return {name: why for name, why in named.items() if why}


async def _slug(runtime: Runtime, integration: str, project: str) -> str:
    way = runtime.connection(integration).way
    parameters = {"organization_id_or_slug": way.organization, "project_id_or_slug": project}
    return await way.sightings.project(project, way.transport, Call(OPERATIONS["projects.get"], parameters))
