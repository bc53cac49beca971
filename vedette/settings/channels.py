"""Defines the settings of channels for messages to users: `[channels.NAME]`.

A handler or rule names a channel and never an address, so it cannot send messages to other addresses. The URL of a
Slack or Teams webhook authorizes its holder to post there, so it is a secret like a token.
"""

from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from vedette.settings.environment import read_secret_files
from vedette.settings.number_types import Timeout
from vedette.settings.secret_types import Secret, StrongSecret

ChannelKind = Literal["slack", "teams", "webhook"]
SECRETS = ("url", "token", "secret")
_OF_THIS_MACHINE = frozenset({"127.0.0.1", "localhost", "::1"})


class ChannelSettings(BaseModel):
    """A channel: a service and its credentials."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: ChannelKind
    """The service: Slack, a Microsoft Teams workflow, or any address that accepts JSON."""
    url: Secret | None = None
    """The webhook's address."""
    token: Secret | None = None
    """A Slack app's bot token (`xoxb-`), in place of a webhook; with it, related messages share a thread."""
    post_to: str | None = Field(default=None, min_length=1)
    """With a token: the conversation's id or name."""
    api_url: str = Field(default="https://slack.com/api", pattern=r"^https?://[^\s?#]+$")
    """With a token: the base URL of Slack's API."""
    secret: StrongSecret | None = None
    """Of a `webhook`: the key that signs its messages."""
    timeout: Timeout = 10.0
    """Seconds that posting may take."""

    @model_validator(mode="before")
    @classmethod
    def _read_files(cls, values: Any) -> Any:
        return read_secret_files(values, SECRETS)

    @field_validator("url")
    @classmethod
    def _is_address(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            _check_address(value.get_secret_value())
        return value

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.kind == "slack" and self.token is not None:
            if self.url is not None:
                raise ValueError("give `url` or `token`, not both")
            if self.post_to is None:
                raise ValueError("`post_to` is missing: a token needs to know the conversation, such as C0123456789")
            return self
        if self.url is None:
            raise ValueError("`url` is missing: the address that the service gave you")
        for name in ("token", "post_to"):
            if getattr(self, name) is not None:
                raise ValueError(f"`{name}` is for kind slack with a token: take it away")
        if self.secret is not None and self.kind != "webhook":
            raise ValueError("`secret` is for kind webhook: take it away")
        if self.kind != "webhook" and not self.url.get_secret_value().startswith("https:") and not _is_here(self.url):
            raise ValueError("`url` should begin with https://")
        return self


def _check_address(url: str) -> None:
    try:
        parts = urlsplit(url)
        host, scheme = parts.hostname, parts.scheme
    except ValueError:
        host, scheme = None, ""
    if not host or scheme not in {"http", "https"}:
        raise ValueError("should be an address that begins with https:// (or http://)")


def _is_here(url: SecretStr) -> bool:
    return urlsplit(url.get_secret_value()).hostname in _OF_THIS_MACHINE
