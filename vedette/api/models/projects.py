"""Projects and the objects that belong to them."""

from typing import Any

from pydantic import Field, SecretStr

from vedette.api.models._base import Date, Id, SentryModel
from vedette.api.models.people import Team


class Project(SentryModel):
    """A project of the organization."""

    id: Id
    slug: str
    name: str = ""
    platform: str | None = None
    status: str | None = None
    date_created: Date = None
    is_bookmarked: bool = False
    is_member: bool | None = None
    teams: list[Team] = Field(default_factory=list[Team])
    features: list[str] = Field(default_factory=list[str])
    resolve_age: int | None = None
    """Hours without events after which Sentry resolves issues; 0 is never."""


class EndUser(SentryModel):
    """A person who uses the project's product and was seen in its events."""

    id: str | None = None
    tag_value: str = ""
    identifier: str | None = None
    username: str | None = None
    email: str | None = None
    name: str | None = None
    ip_address: str | None = None
    date_created: Date = None


class ProjectKey(SentryModel):
    """A client key. The DSNs are kept as secrets, so that no log or repr shows them."""

    id: Id
    name: str = ""
    label: str = ""
    is_active: bool = True
    dsn: dict[str, SecretStr] = Field(default_factory=dict[str, SecretStr], repr=False)
    """By kind: `public`, `secret` and others."""
    public: SecretStr | None = Field(default=None, repr=False)
    secret: SecretStr | None = Field(default=None, repr=False)
    date_created: Date = None


class Environment(SentryModel):
    """An environment that events came from."""

    id: Id
    name: str = ""
    is_hidden: bool = False


class Ownership(SentryModel):
    """The ownership rules of a project."""

    raw: str | None = None
    """The rules as people write them."""
    fallthrough: bool = False
    auto_assignment: str = ""
    """One of three sentences, as the form shows them."""
    codeowners_auto_sync: bool = False
    is_active: bool = True
    date_created: Date = None
    last_updated: Date = None


class CodeOwners(SentryModel):
    """A CODEOWNERS file that Sentry knows."""

    id: Id
    raw: str | None = None
    code_mapping_id: str | None = None
    provider: str | None = None
    errors: Any = None


class ServiceHook(SentryModel):
    """A webhook of a single project, the older kind. Its secret is kept as one."""

    id: Id
    url: str = ""
    events: list[str] = Field(default_factory=list[str])
    status: str = ""
    secret: SecretStr | None = Field(default=None, repr=False)
    date_created: Date = None
