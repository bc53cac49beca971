"""Errors for calls that Sentry understood and would not do, or that were stopped before they left."""
# ruff: noqa: N818  # named after what Sentry answered, as people speak of it

import re
from typing import Any

from vedette._core.user_error import UserError
from vedette.api import scopes as scope_rules
from vedette.api.call import Call
from vedette.api.differences import BY_REFUSAL, BY_ROUTE, route_of
from vedette.api.errors._base import SentryError

_SENTENCE_OF_SCOPE = re.compile(r"missing the (?P<scope>[a-z]+:[a-z]+) scope")


class BadRequest(SentryError):
    """400: a value that Sentry does not accept; `detail.fields` says which."""

    @property
    def wants_project_ids(self) -> bool:
        """True if the cause is a project's slug in a query, which older servers do not accept."""
        return "project parameter" in self.detail.text and "must be numbers" in self.detail.text

    @property
    def advice(self) -> str:
        """The next step."""
        if self.wants_project_ids:
            return "Give projects by their numeric ids: this server, as Sentry 23.7.1, takes no slugs here."
        if self.detail.fields:
            return f"Correct {', '.join(self.detail.fields)} and call again."
        return "Correct the call; sent again unchanged, it will fail again."


class NotAuthorized(SentryError):
    """401: no token, a wrong one, or one that has expired."""

    @property
    def advice(self) -> str:
        """The next step."""
        return (
            "Set VEDETTE_TOKEN to a token that is valid for this organization and host: "
            "Settings > Custom Integrations > your integration > Tokens."
        )


class TokenRefused(NotAuthorized):
    """401 or 403 of the token itself: Sentry refuses it for every call, until it is replaced.

    It is retryable, since a run that meets it waits until the token works, and is then tried again.

    Attributes:
        sent: whether the call was sent; else the refusal was known before.
    """

    def __init__(self, *arguments: Any, sent: bool, **data: Any) -> None:
        super().__init__(*arguments, **data)
        self.sent = sent

    @property
    def retryable(self) -> bool:
        """It can succeed once the token works again, or another is set."""
        return True

    @property
    def happened(self) -> str:
        """The cause."""
        when = "answered" if self.sent else "has answered"
        return f"Sentry refuses the token: it {when} {self.status}"


class Forbidden(SentryError):
    """403 (400 for removing a member): the token is valid but may not do this.

    Attributes:
        held: the scopes that the token holds, where that is known.
    """

    held: frozenset[str] | None = None

    @property
    def names_scope(self) -> bool:
        """True if Sentry named the scope that is missing."""
        return _SENTENCE_OF_SCOPE.search(self.detail.text) is not None

    @property
    def scope_to_add(self) -> str | None:
        """The weakest sufficient scope, or the scope that Sentry named."""
        named = _SENTENCE_OF_SCOPE.search(self.detail.text)
        return named["scope"] if named else self.call.operation.scope_to_add

    @property
    def advice(self) -> str:
        """Which scope to add, and where; or what else it can be, where the token holds it."""
        scope = self.scope_to_add
        if (older := BY_REFUSAL.get(self.operation)) is not None:
            others = f" Servers as old as Sentry {older.seen_in[0]} refuse it to every token."
        else:
            others = ""
        if scope is None:
            return f"Check that the token's integration or user may see this organization and project.{others}"
        if self.call.operation.needs_person:
            return f"This needs the token of a person who holds {scope} and has a role that allows it.{others}"
        if self.held is not None and scope_rules.holds(self.held, {scope}):
            return (
                f"The token holds {scope}, so it is no matter of scopes: its user may not see this project, the "
                f"organization's plan or settings do not allow it, or this server lets no token do it.{others}"
            )
        return (
            f"Add the scope {scope} ({scope_rules.in_form(scope)}) to the integration, if it is not there: Settings > "
            "Custom Integrations > your integration > Permissions. If it is, the token's user may not see this "
            f"project, or the organization's plan or settings do not allow it.{others}"
        )


class WrongToken(Forbidden):
    """Known before the call: this kind of token, or the scopes it holds, cannot do it. Nothing was sent."""

    def __init__(self, *arguments: Any, reason: str, **data: Any) -> None:
        super().__init__(*arguments, **data)
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.method} {self.path} ({self.operation}) was not sent: {self.reason}. {self.advice}"

    @property
    def advice(self) -> str:
        """Which kind of token to use."""
        operation = self.call.operation
        scope = self.scope_to_add
        whose = "a person" if operation.needs_person else "an internal integration"
        return f"Use the token of {whose}" + (
            f" who holds {scope}."
            if operation.needs_person and scope
            else f" with the scope {scope}."
            if scope
            else "."
        )


class NotFound(SentryError):
    """404: it does not exist, or the token may not see it; Sentry does not say which."""

    @property
    def advice(self) -> str:
        """The next step."""
        if not self.detail.text:
            return (
                "Check the organization's slug, the host and VEDETTE_SENTRY_URL: a 404 without a text comes where "
                "sentry.io knows no such organization, or where a server has no such route."
            )
        return "Check the id, and that the token's integration or user may see it."


class RouteMissing(NotFound):
    """404 without a text, of a self-hosted server: it has no such route. Not asked for again for an hour.

    Attributes:
        host: the server.
        sent: whether it was asked just now; else it is known from before.
    """

    def __init__(self, *arguments: Any, host: str, sent: bool, **data: Any) -> None:
        super().__init__(*arguments, **data)
        self.host = host
        self.sent = sent

    @property
    def happened(self) -> str:
        """The cause."""
        when = "answered" if self.sent else "answered within the last hour"
        return f"{self.host} has no such route: it {when} 404 without a text"

    @property
    def advice(self) -> str:
        """The next step."""
        row = BY_ROUTE.get(route_of(self.operation, self.call.parameters))
        if row is not None:
            return (
                f"Update that server, or do without: Sentry {', '.join(row.seen_in)} lacks it too ({row.name}: "
                f"{row.older})."
            )
        return "Update that server, and check VEDETTE_SENTRY_URL and any proxy in front of it: they may change paths."


class ProjectRenamed(SentryError):
    """302: the project has another slug now. Not followed, so that no write lands in an unexpected project."""

    @property
    def new_slug(self) -> str | None:
        """The slug that the project has now."""
        slug = self.detail.extra.get("slug")
        return slug if isinstance(slug, str) else None

    @property
    def happened(self) -> str:
        """The cause."""
        return f"The project was renamed to {self.new_slug!r}, Sentry answered {self.status}"

    @property
    def advice(self) -> str:
        """The next step."""
        return f"Use the slug {self.new_slug!r}, or the project's id, which never changes."


class Redirected(SentryError):
    """A redirect to somewhere else. Not followed: the token goes to the configured host alone."""

    @property
    def advice(self) -> str:
        """The next step."""
        return "Check VEDETTE_SENTRY_URL: it must be Sentry's own address, with https where Sentry uses it."


class Conflict(SentryError):
    """409: something with this slug exists already."""

    @property
    def advice(self) -> str:
        """The next step."""
        return "Choose another slug, or use what exists."


class CallStoppedError(SentryError):
    """A call was stopped after all waiting, since its principal may not send it any more; Sentry never got it.

    Attributes:
        reason: The error of the check that stopped it.
    """

    def __init__(self, call: Call, reason: UserError) -> None:
        super().__init__(call)
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.operation} was not sent: {self.reason}"
