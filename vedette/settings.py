"""One typed settings object, read once at start from variables and `vedette.toml`.

A service that starts half-configured loses deliveries, so everything is validated before anything listens, and each
problem names the variable, the file it could be in, and what would be right (`vedette.settings_errors`).

A variable wins over the file. `VEDETTE_CLIENT_SECRET`, `VEDETTE_TOKEN`, `VEDETTE_ORGANIZATION` and
`VEDETTE_SENTRY_URL` describe the integration `default`; further integrations are tables of the file.
"""

import os
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from pydantic_settings.exceptions import SettingsError as UnreadableVariable

from vedette.settings_access import AccessSettings, GrantSettings
from vedette.settings_channels import ChannelSettings
from vedette.settings_errors import SettingsError, SettingsFileError, problems_of
from vedette.settings_variables import IntegrationVariables, misspelt_variables, settings_file, with_secret_files

Mode = Literal["observe", "propose", "act"]
Seconds = Annotated[float, Field(gt=0)]
Bytes = Annotated[int, Field(gt=0)]

DEFAULT_INTEGRATION = "default"


class IntegrationSettings(BaseModel):
    """One Sentry integration: its secrets, token, organization and server."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    client_secret: tuple[SecretStr, ...] = Field(min_length=1)
    """The client secrets that open the door, several while one rotates."""
    token: SecretStr | None = None
    """The integration's API token; without it handlers cannot call Sentry."""
    organization: str | None = Field(default=None, pattern=r"^[a-z0-9_\-]+$")
    """The organization's slug, as in `https://SLUG.sentry.io`."""
    sentry_url: str = Field(default="https://sentry.io", pattern=r"^https?://[^/\s]+/?$")
    """Sentry's base URL; a self-hosted server's own."""
    service_hook_secret: tuple[SecretStr, ...] = ()
    """The secrets of service hooks, each its own; without one the route for them does not exist."""
    legacy_path: SecretStr | None = Field(default=None, min_length=16)
    """The secret end of the URL for legacy, unsigned webhooks; without it the route for them does not exist."""

    @model_validator(mode="before")
    @classmethod
    def _read_files(cls, values: Any) -> Any:
        return with_secret_files(values, ("client_secret", "token", "service_hook_secret", "legacy_path"))

    @field_validator("client_secret", "service_hook_secret", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("sentry_url")
    @classmethod
    def _without_slash(cls, value: str) -> str:
        return value.rstrip("/")


class ReceiverSettings(BaseModel):
    """Bounds of the HTTP edge."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    body_limit: Bytes = 8 * 1024 * 1024
    """The largest body taken, in bytes; above it the answer is 413."""
    upload_timeout: Seconds = 10.0
    """How long one request may take to send its head, and again its body, in seconds."""
    uploads_limit: Bytes = 256 * 1024 * 1024
    """How many bytes of unfinished bodies are held at once over all requests; above it the answer is 500."""
    head_limit: Bytes = 64 * 1024
    """The largest request line and headers taken, in bytes; above it the connection ends."""
    linger: Seconds = 1.0
    """How long the rest of a refused body is read and thrown away, so that its sender sees the answer, in seconds."""
    compression_level: Annotated[int, Field(ge=-7, le=19)] = 1
    """Zstandard's level for stored bodies; lower is faster and larger."""
    redis_timeout: Seconds = 0.150
    """How long an answer waits for Redis before the delivery goes to the spool, in seconds."""
    redis_connect_timeout: Seconds = 1.0
    """How long connecting to Redis and logging in may take, in seconds."""
    spool_timeout: Seconds = 0.75
    """How long an answer waits for the spool's disk before it is 500, in seconds."""
    spool_segment: Bytes = 16 * 1024 * 1024
    """The size at which the spool begins a new file, in bytes."""
    spool_limit: Bytes = 1024 * 1024 * 1024
    """The largest the spool may grow on disk, in bytes."""
    deduplication_window: Seconds = 86_400.0
    """How long a repeated delivery is recognised, in seconds."""
    component_timeout: Seconds = 5.0
    """How long a UI component's responder may take, in seconds; Sentry itself waits 30."""


class RetentionSettings(BaseModel):
    """How long what was received is kept; nothing unfinished is ever removed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    age: Seconds = 14 * 86_400.0
    """The age at which a finished delivery goes, in seconds."""
    size: Bytes = 1024 * 1024 * 1024
    """How many bytes of stored bodies are kept, the oldest going first."""
    interval: Seconds = 60.0
    """How often what is past its age or size is looked for, in seconds."""


class WorkerSettings(BaseModel):
    """How much a worker does at once, and how often it tries."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    threads: Annotated[int, Field(ge=1, le=1024)] = 64
    """Runs in flight per worker process."""
    attempts: Annotated[int, Field(ge=1, le=100)] = 6
    """How often a failing run is tried before it is a dead letter."""
    retry_wait: Seconds = 2.0
    """The wait before the second attempt, in seconds; it doubles from there."""
    longest_wait: Seconds = 3600.0
    """The wait between two attempts at most, in seconds."""
    max_age: Seconds = 86_400.0
    """How long after its decision a run is tried at all, in seconds; it bounds what waits for Sentry to recover."""
    hold: Seconds = 120.0
    """How long a failing run holds back later ones of its subject, in seconds; then they go first."""
    deaths: Annotated[int, Field(ge=1, le=100)] = 3
    """After how many deaths of its worker's process a run is quarantined."""
    time_limit: Seconds = 60.0
    """How long one attempt of a run may take, in seconds."""
    metrics_port: int = Field(default=0, ge=0, le=65535)
    """Where /metrics and /health are served, on 127.0.0.1; 0 for nowhere."""
    grace: Seconds = 2.0
    """How long running handlers have when the worker is told to end, in seconds; the rest is run again."""


class HandlerSettings(BaseModel):
    """What an operator says of one handler; keys beyond these are the handler's own settings."""

    model_config = ConfigDict(extra="allow", frozen=True)

    enabled: bool = True
    projects: tuple[str, ...] = ()
    """The projects whose events it runs on: slugs, where `*` stands for any letters, or ids. All unless given."""
    except_projects: tuple[str, ...] = ()
    """The projects on whose events it does not run."""
    mode: Mode | None = None
    """What its writes become; `act` for handlers that ship with Vedette, else `observe`, unless said here."""
    modes: dict[str, Mode] = {}
    """Other modes for some projects: a slug, where `*` stands for any letters -> a mode. The first that fits."""
    grant: GrantSettings | None = None
    """What it may do in Sentry; for handlers that ship with Vedette just what they need, unless said here."""


class Settings(BaseSettings):
    """Everything that can be set, validated."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True, env_prefix="VEDETTE_", env_nested_delimiter="__")

    integrations: dict[str, IntegrationSettings] = Field(default_factory=dict[str, IntegrationSettings])
    redis_url: SecretStr | None = None
    """The Redis or Valkey server to use; without it `vedette up` starts its own."""
    host: str = "127.0.0.1"
    port: int = Field(default=8650, ge=0, le=65535)
    state_dir: Path = Path(".vedette")
    """Where the spool and the embedded server's data live."""
    plugins: Annotated[tuple[Path, ...], NoDecode] = ()
    """Python files with handlers, folders of such files, and packages' folders, besides what is installed."""
    receiver: ReceiverSettings = ReceiverSettings()
    retention: RetentionSettings = RetentionSettings()
    worker: WorkerSettings = WorkerSettings()
    access: AccessSettings = AccessSettings()
    channels: dict[str, ChannelSettings] = Field(default_factory=dict[str, ChannelSettings])
    """Where messages for people go, by the names that handlers and rules use."""
    handlers: dict[str, HandlerSettings] = Field(default_factory=dict[str, HandlerSettings])
    provide: dict[str, dict[str, Any]] = {}
    """What `@provide` functions take as their `settings`: a function's name -> its table."""

    @model_validator(mode="before")
    @classmethod
    def _read_files(cls, values: Any) -> Any:
        return with_secret_files(values, ("redis_url",))

    @field_validator("plugins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("redis_url")
    @classmethod
    def _usable_url(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            from vedette.store.redis_url import read_redis_url  # noqa: PLC0415 - commands that need no Redis stay quick

            read_redis_url(value.get_secret_value())
        return value

    @property
    def is_demonstration(self) -> bool:
        """Whether no integration is configured, so that only the demonstration can run."""
        return not self.integrations

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let a variable win over the file; no .env file is read unasked."""
        del dotenv_settings, file_secret_settings
        file = TomlConfigSettingsSource(settings_cls, toml_file=settings_file(os.environ))
        return (init_settings, IntegrationVariables(settings_cls), env_settings, file)


def load_settings() -> Settings:
    """Read and validate the settings from the process's variables and the settings file.

    Raises:
        SettingsError: With every problem found, not just the first.
    """
    misspelt = misspelt_variables(Settings, os.environ)
    if misspelt:
        raise SettingsError(misspelt)
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError(problems_of(error, settings_file(os.environ))) from None
    except UnreadableVariable as error:
        raise SettingsFileError("a variable", str(error)) from None
    except (OSError, ValueError) as error:
        raise SettingsFileError(str(settings_file(os.environ)), str(error)) from None
