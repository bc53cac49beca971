"""Custom integrations, their installations and what Sentry delivered to them."""

from datetime import UTC, datetime
from typing import Any

from pydantic import AliasChoices, Field, SecretStr

from vedette.api.models._base import Date, Id, SentryModel


class App(SentryModel):
    """A custom integration. Its client secret, where Sentry shows it, is kept as one."""

    uuid: str = ""
    slug: str
    name: str = ""
    status: str = ""
    """`internal`, `unpublished` or `published`."""
    webhook_url: str | None = None
    events: list[str] = Field(default_factory=list[str])
    webhook_events: list[str] = Field(default_factory=list[str])
    scopes: list[str] = Field(default_factory=list[str])
    is_alertable: bool = False
    is_disabled: bool = False
    """A switch of Sentry's own staff. That Sentry has stopped sending for a while, after failures, shows nowhere."""
    client_id: str | None = None
    client_secret: SecretStr | None = Field(default=None, repr=False)


class Installation(SentryModel):
    """A custom integration in an organization; its uuid is in every webhook."""

    uuid: Id
    status: str = ""
    app: dict[str, Any] = Field(default_factory=dict[str, Any])
    organization: dict[str, Any] = Field(default_factory=dict[str, Any])


class WebhookRequest(SentryModel):
    """A webhook that Sentry sent, as its log has it."""

    sentry_app_slug: str = ""
    event_type: str = ""
    """`issue.created` and so on."""
    response_code: int | None = None
    """0 where no answer came in time, -1 where no connection was made."""
    date: Date = None
    webhook_url: str | None = None
    subject_id: str | None = None
    """The id of the issue, event or comment; only of newer servers."""
    subject_type: str | None = None
    """`issue`, `event`, `comment` and others; only of newer servers."""
    request_id: str | None = None
    idempotency_key: str | None = None
    duration_ms: int | None = None
    """Milliseconds until the answer; 1000 where none came in time, None where no connection was made."""
    error_id: str | None = Field(default=None, validation_alias=AliasChoices("error_id", "errorId"))
    """The id of the receiver's own error, if the receiver named one."""
    project_id: str | None = Field(default=None, validation_alias=AliasChoices("project_id", "projectId"))
    organization: dict[str, Any] | None = None
    """None for an internal integration."""

    def is_between(self, start: datetime | None, end: datetime | None) -> bool:
        """Return whether it was sent in this time (UTC if no zone is given); True for a row without a date."""
        if self.date is None:
            return True
        return (start is None or self.date >= _utc(start)) and (end is None or self.date <= _utc(end))


def _utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


class RotatedSecret(SentryModel):
    """The new client secret."""

    client_secret: SecretStr = Field(repr=False)
