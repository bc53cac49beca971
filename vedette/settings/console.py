"""Defines the settings of the web console, the table `[console]`."""

import re
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from vedette.settings.address_types import HostName
from vedette.settings.environment import read_secret_files
from vedette.settings.number_types import Port
from vedette.settings.secret_types import Secret


def _check_console_url(value: str) -> str:
    try:
        parts = urlsplit(value)
        fits = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.username is None
        fits = fits and not parts.query and not parts.fragment and parts.port != 0
        fits = fits and re.fullmatch(r"(/[A-Za-z0-9._~\-]+)*/?", parts.path) is not None and "/." not in parts.path
    except ValueError:
        fits = False
    if not fits:
        raise ValueError("should be the console's address, such as https://ops.example.org/vedette")
    return value.rstrip("/")


def _check_jwks_url(value: str) -> str:
    try:
        parts = urlsplit(value)
        fits = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.username is None
    except ValueError:
        fits = False
    if not fits:
        raise ValueError("should be an address such as https://team.cloudflareaccess.com/cdn-cgi/access/certs")
    return value


ConsoleUrl = Annotated[str, AfterValidator(_check_console_url)]
"""The address of the console, with a path where it is below one, and without a trailing slash."""


class RoleSettings(BaseModel):
    """The people of each role, by groups and e-mail addresses; `*` in them matches any letters, and alone everybody."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    claim: str = "groups"
    """The claim that holds a person's groups."""
    viewers: tuple[str, ...] = ()
    """Who may look."""
    approvers: tuple[str, ...] = ()
    """Who may also approve and reject."""
    operators: tuple[str, ...] = ()
    """Who may do everything."""


class OidcSettings(RoleSettings):
    """Sign-in with an OpenID Connect provider."""

    issuer: Annotated[str, AfterValidator(_check_console_url)] | None = None
    """The provider's issuer, such as `https://id.example.org`; without it, this way is off."""
    client_id: str | None = None
    """The console's id at the provider."""
    client_secret: Secret | None = None
    """Its secret, unless it is a public client."""

    @model_validator(mode="before")
    @classmethod
    def _read_files(cls, values: Any) -> Any:
        return read_secret_files(values, ("client_secret",))

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.issuer and not self.client_id:
            raise ValueError("client_id is missing: it is the console's id at the provider")
        return self


class ProxySettings(RoleSettings):
    """Sign-in by a signed assertion of the reverse proxy in front of the console."""

    header: Annotated[str, Field(pattern=r"^[A-Za-z0-9\-]+$")] | None = None
    """The header that holds the assertion, such as `Cf-Access-Jwt-Assertion`; without it, this way is off."""
    jwks_url: Annotated[str, AfterValidator(_check_jwks_url)] | None = None
    """The address of the keys that it is signed with."""
    issuer: str | None = None
    """Its issuer, the claim `iss`."""
    audience: str | None = None
    """Its audience, the claim `aud`."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.header and not (self.jwks_url and self.issuer and self.audience):
            raise ValueError("jwks_url, issuer and audience are needed too: without them nothing proves the assertion")
        return self


class ConsoleSettings(BaseModel):
    """The address of the web console, and what its roles may see."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: HostName = "127.0.0.1"
    """The address that it listens on."""
    port: Port = 8651
    """The port that it listens on; 0 for a free one."""
    url: ConsoleUrl | None = None
    """The address by which people reach it through a reverse proxy; with a path where it is below one."""
    bodies: bool = False
    """Return whether viewers see headers and bodies of deliveries, which hold personal data of end users."""
    oidc: OidcSettings = OidcSettings()
    proxy: ProxySettings = ProxySettings()

    @property
    def local_url(self) -> str:
        """The address by which it is reached from this machine, without a trailing slash."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 - read, not listened on
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"
