"""Errors for calls that Sentry understood and would not do."""
# ruff: noqa: N818  # named after what Sentry answered, as people speak of it

import re

from vedette.api import scopes as scope_rules
from vedette.api.errors._base import SentryError

_SENTENCE_OF_SCOPE = re.compile(r"missing the (?P<scope>[a-z]+:[a-z]+) scope")


class BadRequest(SentryError):
    """400: a value that Sentry does not accept; `detail.fields` says which."""

    @property
    def advice(self) -> str:
        """What to do next."""
        if self.detail.fields:
            return f"Correct {', '.join(self.detail.fields)} and call again."
        return "Correct the call; sending it again as it is will fail again."


class NotAuthorized(SentryError):
    """401: no token, a wrong one, or one that has expired."""

    @property
    def advice(self) -> str:
        """What to do next."""
        return (
            "Set VEDETTE_TOKEN to a token that is valid for this organization and host: "
            "Settings > Custom Integrations > your integration > Tokens."
        )


class Forbidden(SentryError):
    """403 (400 for removing a member): the token is valid but may not do this."""

    @property
    def scope_to_add(self) -> str | None:
        """The weakest scope that would do, or the one that Sentry named."""
        named = _SENTENCE_OF_SCOPE.search(self.detail.text)
        return named["scope"] if named else self.call.operation.scope_to_add

    @property
    def advice(self) -> str:
        """Which scope to add, and where."""
        scope = self.scope_to_add
        if scope is None:
            return "Check that the token's integration or user may see this organization and project."
        if self.call.operation.needs_person:
            return f"This needs the token of a person who holds {scope}; an integration's token cannot do it."
        return (
            f"Add the scope {scope} ({scope_rules.in_form(scope)}) to the integration: Settings > Custom Integrations "
            "> your integration > Permissions. If it is there, the token's user may not see this project."
        )


class WrongToken(Forbidden):
    """Known before the call: this kind of token, or the scopes it holds, cannot do it. Nothing was sent."""

    def __init__(self, *arguments: object, reason: str, **data: object) -> None:
        super().__init__(*arguments, **data)  # type: ignore[arg-type]
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
        """What to do next."""
        if not self.detail.text:
            return "Check the organization's slug and the host: Sentry's gateway knows no such organization."
        return "Check the id, and that the token's integration or user may see it."


class ProjectRenamed(SentryError):
    """302: the project has another slug now. Not followed, so that no write lands where nobody expected it."""

    @property
    def new_slug(self) -> str | None:
        """The slug that the project has now."""
        slug = self.detail.extra.get("slug")
        return slug if isinstance(slug, str) else None

    @property
    def happened(self) -> str:
        """What happened."""
        return f"The project was renamed to {self.new_slug!r}, Sentry answered {self.status}"

    @property
    def advice(self) -> str:
        """What to do next."""
        return f"Use the slug {self.new_slug!r}, or the project's id, which never changes."


class Redirected(SentryError):
    """A redirect to somewhere else. Not followed: the token goes to the configured host alone."""

    @property
    def advice(self) -> str:
        """What to do next."""
        return "Check VEDETTE_SENTRY_URL: it must be Sentry's own address, with https where Sentry uses it."


class Conflict(SentryError):
    """409: something with this slug exists already."""

    @property
    def advice(self) -> str:
        """What to do next."""
        return "Choose another slug, or use what exists."
