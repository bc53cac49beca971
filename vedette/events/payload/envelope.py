"""Defines the envelope of webhooks, and the project that every kind has."""

from typing import Any

from pydantic import Field

from vedette.events.payload.fields import Identifier, Maybe, Part, Payload


class Actor(Payload):
    """The actor that caused the webhook, as far as Sentry sends it.

    Beware of `application`: when any integration acted, Sentry writes the uuid and name of the integration that
    *receives* the webhook. What another bot did looks as if we had done it, so never use the actor alone to recognise
    our own writes.
    """

    type: Maybe[str] = None
    """`user` or `application`; None if the payload names no actor (service hooks, legacy webhooks)."""
    id: Maybe[Identifier] = None
    """A user's numeric id, `sentry`, or an integration's uuid."""
    name: Maybe[str] = None
    """May be empty for a user."""

    @property
    def is_user(self) -> bool:
        """A person acted."""
        return self.type == "user"

    @property
    def is_sentry(self) -> bool:
        """Sentry itself acted: new issues, errors, alerts, automatic resolution."""
        return self.type == "application" and self.id == "sentry"

    @property
    def is_integration(self) -> bool:
        """Some integration acted, ours or another: the payload does not say which."""
        return self.type == "application" and self.id != "sentry"


class ProjectRef(Payload):
    """A reference to a project. Kinds differ: an id alone, a slug alone, or all of it."""

    id: Maybe[Identifier] = None
    slug: Maybe[str] = None
    name: Maybe[str] = None
    platform: Maybe[str] = None


class Envelope(Payload):
    """The envelope around the content of every webhook of an integration."""

    class _Installation(Payload):
        uuid: Maybe[Identifier]

    action: Maybe[str]
    installation: Part[_Installation]
    actor: Part[Actor]
    data: Any = Field(default=None, repr=False)
