"""Finds projects in the settings of handlers that Sentry does not have.

`except_projects = ["chekout"]` would leave a handler on for `checkout`. Only Sentry knows its projects, and it may be
unavailable or deny the request, so a worker starts without the response and logs unknown names as errors.
"""

from collections.abc import Collection, Iterator

from vedette._core.nearest_name import did_you_mean
from vedette.access.context import IntegrationConnection
from vedette.api import Sentry
from vedette.api.errors import SentryError
from vedette.plugins.handler import Handler
from vedette.plugins.registry import Problem


async def find_unknown_projects(
    handlers: Collection[Handler], ways: Collection[IntegrationConnection]
) -> list[Problem]:
    """Return the projects that handlers' settings name and no integration's Sentry has.

    Args:
        handlers: The handlers with the settings.
        ways: The connections of all integrations; unless each of them lists its projects, the result is empty.
    """
    named = [(handler, place, name) for handler in handlers for place, name in _named(handler)]
    if not named:
        return []
    known: set[str] = set()
    try:
        for way in ways:
            sentry = Sentry(organization=way.organization, transport=way.transport)
            async for project in sentry.organizations.projects():
                known.update(filter(None, (project.slug, project.id)))
    except SentryError:
        return []
    return [
        Problem(
            f"[handlers.{handler.name}] {place}",
            f"Sentry has no project {name}{did_you_mean(name, known)}",
            is_left_out=False,
        )
        for handler, place, name in named
        if name not in known
    ]


def _named(handler: Handler) -> Iterator[tuple[str, str]]:
    """Each project that is named whole, and where."""
    places = {
        "projects": handler.where.projects,
        "except_projects": handler.where.except_projects,
        "modes": tuple(handler.modes),
        "grant.projects": handler.grant.projects,
    }
    for place, names in places.items():
        yield from ((place, name) for name in names if not set(name) & set("*?["))
