"""The basic types of all endpoints: the call, its response, and errors in Sentry's shapes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vedette._core.json_values import json_object
from vedette.simulator.world.actors import SENTRY, Actor

if TYPE_CHECKING:
    from starlette.datastructures import QueryParams

    from vedette.api.operations import Operation
    from vedette.simulator.faults.faults import Faults
    from vedette.simulator.webhooks.delivery_log import DeliveryLog
    from vedette.simulator.world.integrations import Integration, Token
    from vedette.simulator.world.issues import Event, Issue
    from vedette.simulator.world.people import Team
    from vedette.simulator.world.projects import Project, Release
    from vedette.simulator.world.world import World


@dataclass(slots=True)
class EndpointResponse:
    """The response of an endpoint; a body of None is sent as no bytes at all."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict[str, str])
    content_type: str = "application/json"


class ApiError(Exception):
    """An error answer. `body` is in whatever shape Sentry gives this one: detail, fields, or something odd."""

    def __init__(self, status: int, body: Any, *, headers: dict[str, str] | None = None) -> None:
        self.answer = EndpointResponse(body, status, headers or {})
        super().__init__(f"{status}: {body}")


def not_found(detail: str = "The requested resource does not exist") -> ApiError:
    """Return the 404; some endpoints have sentences of their own."""
    return ApiError(404, {"detail": detail})


def forbidden(detail: str = "You do not have permission to perform this action.") -> ApiError:
    """Return the 403."""
    return ApiError(403, {"detail": detail})


def invalid(**fields: Any) -> ApiError:
    """Return the 400 of a validator: each field with a message, a list of messages, or a nested object."""
    return ApiError(400, {name: [value] if isinstance(value, str) else value for name, value in fields.items()})


def bad_request(detail: str) -> ApiError:
    """Return the 400 with a `detail`."""
    return ApiError(400, {"detail": detail})


@dataclass(slots=True)
class ApiCall:
    """One authenticated request to an operation of the table."""

    world: World
    operation: Operation
    path: dict[str, str]
    query: QueryParams
    body: Any
    # None only where an operation asks for no scope at all.
    token: Token | None
    url_path: str
    log_of: Callable[[str], DeliveryLog]
    faults: Faults

    @property
    def actor(self) -> Actor:
        """The caller, as webhooks and histories name it."""
        if self.token is None:
            return SENTRY
        return Actor(user=self.token.user) if self.token.user else Actor(integration=self.token.integration)

    @property
    def viewer(self) -> str:
        """The user of the seen, bookmark and subscription flags; a proxy user for an integration."""
        return self.actor.key

    def holds(self, scope: str) -> bool:
        """Return whether the token has this scope."""
        return self.token is not None and scope in self.token.scopes

    @property
    def fields(self) -> dict[str, Any]:
        """The body, which must be a JSON object."""
        if self.body is None:
            return {}
        body: object = self.body
        if not isinstance(body, dict):
            kind = type(body).__name__
            raise invalid(non_field_errors=f"Invalid data. Expected a dictionary, but got {kind}.")
        return json_object(body)

    @property
    def issue(self) -> Issue:
        """The issue the path names, by numeric or short id; a merged one leads to the survivor."""
        issue = self.world.find_issue(self.path["issue_id"])
        if issue is None:
            raise not_found()
        return issue

    @property
    def project(self) -> Project:
        """The project the path names; the old slug of a renamed one is answered with 302."""
        slug = self.path["project_id_or_slug"]
        project = self.world.find_project(slug)
        if project is None:
            raise self._moved(slug) if slug in self.world.renamed_projects else not_found()
        return project

    def _moved(self, slug: str) -> ApiError:
        new = self.world.renamed_projects[slug]
        url = f"{self.url_path.replace(f'/{slug}/', f'/{new}/', 1)}"
        detail = {"code": "resource-moved", "message": "Resource has been moved", "extra": {"url": url, "slug": new}}
        return ApiError(302, {"slug": new, "detail": detail}, headers={"Location": url})

    @property
    def team(self) -> Team:
        """The team the path names."""
        team = self.world.find_team(self.path["team_id_or_slug"])
        if team is None:
            raise not_found()
        return team

    @property
    def release(self) -> Release:
        """The release the path names."""
        release = self.world.releases.get(self.path["version"])
        if release is None:
            raise not_found()
        return release

    @property
    def event(self) -> Event:
        """The event of a project that the path names."""
        event = self.world.events.get(self.path["event_id"])
        if event is None or event.issue.project is not self.project:
            raise not_found("Event not found")
        return event

    @property
    def integration(self) -> Integration:
        """The custom integration that the path names, by slug, id or uuid."""
        wanted = self.path["sentry_app_id_or_slug"]
        for integration in self.world.integrations.values():
            if wanted in {integration.slug, str(integration.id), integration.uuid}:
                return integration
        raise not_found()


Handler = Callable[[ApiCall], EndpointResponse]
"""An endpoint: the world is in memory, so none of them waits for anything."""
