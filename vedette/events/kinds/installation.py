"""`installation` webhooks: an organization installed or removed the integration. Sent to public integrations."""

from dataclasses import dataclass

from pydantic import Field, SecretStr

from vedette.events.event import Event
from vedette.events.payload.fields import CamelPayload, Identifier, Maybe, Part, Payload


class App(CamelPayload):
    """The integration."""

    uuid: Maybe[Identifier]
    slug: Maybe[str]
    sentry_app_id: Maybe[Identifier]
    """Absent on older servers."""


class Organization(Payload):
    """The organization that installed it."""

    slug: Maybe[str]
    id: Maybe[Identifier]
    """Absent on older servers."""


class Installation(Payload):
    """The installation."""

    uuid: Maybe[Identifier]
    status: Maybe[str]
    """`pending` until verified, then `installed`."""
    app: Part[App]
    organization: Part[Organization]
    code: Maybe[SecretStr] = Field(default=None, repr=False)
    """Single-use grant to be exchanged for a token; a secret, there only while the grant exists."""


class InstallationData(Payload):
    """Content of an `installation` webhook."""

    installation: Installation


@dataclass(frozen=True, kw_only=True, repr=False)
class InstallationEvent(Event):
    """The integration was installed or removed; the actor is who did it.

    Beware: `installation` is the uuid, as on every event; what Sentry says about it is `data.installation`.
    """

    data: InstallationData

    @property
    def organization_slug(self) -> str | None:
        """Slug of the organization."""
        return self.data.installation.organization.slug

    @property
    def organization_id(self) -> str | None:
        """Id of the organization; None on older servers."""
        return self.data.installation.organization.id

    @property
    def status(self) -> str | None:
        """`pending` or `installed`."""
        return self.data.installation.status
