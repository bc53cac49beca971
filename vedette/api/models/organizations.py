"""The organization and the objects that it owns as a whole."""

from typing import Any

from pydantic import Field

from vedette.api.models._base import Date, Id, SentryModel
from vedette.api.scopes import read_scopes


class Links(SentryModel):
    """The addresses of an organization."""

    organization_url: str | None = None
    region_url: str | None = None


class Organization(SentryModel):
    """An organization."""

    id: Id
    slug: str
    name: str = ""
    status: Any = None
    date_created: Date = None
    features: list[str] = Field(default_factory=list[str])
    links: Links | None = None


class Region(SentryModel):
    """A region that stores the data of organizations, and its address."""

    name: str = ""
    url: str = ""


class Regions(SentryModel):
    """All regions of a person."""

    regions: list[Region] = Field(default_factory=list[Region])


class Repository(SentryModel):
    """A repository; its name is what resolving in a commit wants."""

    id: Id
    name: str
    url: str | None = None
    provider: dict[str, Any] | None = None
    status: str = "active"
    integration_id: str | None = None
    external_slug: str | None = None
    date_created: Date = None


class Commit(SentryModel):
    """A commit that Sentry knows."""

    id: Id
    message: str | None = None
    author: dict[str, Any] | None = None
    repository: Repository | None = None
    date_created: Date = None


class Integration(SentryModel):
    """An installed integration: GitHub, Jira, Slack and others."""

    id: Id
    name: str = ""
    provider: dict[str, Any] | None = None
    domain_name: str | None = None
    status: str = ""
    organization_integration_status: str = ""


class Identity(SentryModel):
    """The token and its owner, as Sentry describes them."""

    version: str = "0"
    auth: dict[str, Any] | None = None
    user: dict[str, Any] | None = None

    @property
    def scopes(self) -> frozenset[str]:
        """The scopes that the token holds, those that others hold included."""
        return read_scopes(self.auth)
