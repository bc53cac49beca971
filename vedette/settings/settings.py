"""One typed settings object, read once at start from variables and `vedette.toml`.

A service that starts half-configured loses deliveries, so everything is validated before anything listens, and each
problem names the variable, the file it could be in, and what would be right (`vedette.settings.problems`).

A variable wins over the file. `VEDETTE_CLIENT_SECRET`, `VEDETTE_TOKEN`, `VEDETTE_ORGANIZATION` and
`VEDETTE_SENTRY_URL` describe the integration `default`; further integrations are tables of the file.
"""

import os
import re
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    IPvAnyNetwork,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from pydantic_settings.exceptions import SettingsError as UnreadableVariable

from vedette._core.printable import printable
from vedette._core.regular_files import UnreadableFileError
from vedette.settings.access import AccessSettings, GrantSettings
from vedette.settings.channels import ChannelSettings
from vedette.settings.environment import IntegrationVariables, Variables, misspelt_variables, with_secret_files
from vedette.settings.number_types import DAY, MEBIBYTE, Age, Bytes, MessageBytes, Port, Share, Timeout, Whole
from vedette.settings.problems import SettingsError, SettingsFileError, missing_setting, problems_of
from vedette.settings.secret_types import LongSecret, LongSecrets, Secret, SomeLongSecrets, separated
from vedette.settings.settings_file import read_settings_file, settings_file

Mode = Literal["observe", "propose", "act"]
_SLUG = re.compile(r"[a-z0-9_\-]+")


def _check_slug(value: str) -> str:
    if not _SLUG.fullmatch(value):
        raise ValueError("should be a slug of small letters, digits, - and _, as in https://SLUG.sentry.io")
    return value


def _check_base_url(value: str) -> str:
    try:
        parts = urlsplit(value)
        fits = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.path in {"", "/"}
        fits = fits and not parts.query and not parts.fragment and not re.search(r"\s", value) and parts.port != 0
    except ValueError:
        fits = False
    if not fits:
        raise ValueError("should be a server's address without a path, such as https://sentry.example.org")
    return value.rstrip("/")


def _check_host(value: str) -> str:
    if not re.fullmatch(r"[^\s/\x00-\x1f]+", value):
        raise ValueError("should be an address or a name of this machine, such as 127.0.0.1")
    return value


def _check_path(value: Path) -> Path:
    if printable(str(value)) != str(value):
        raise ValueError("holds a control or invisible character")
    return value


PlainPath = Annotated[Path, AfterValidator(_check_path)]
"""A path that a message can show and the system can take."""

DEFAULT_INTEGRATION = "default"


class IntegrationSettings(BaseModel):
    """One Sentry integration: its secrets, token, organization and server."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    client_secret: SomeLongSecrets
    """The client secrets that open the door, several while one rotates."""
    token: Secret | None = None
    """The integration's API token; without it handlers cannot call Sentry."""
    organization: Annotated[str, AfterValidator(_check_slug)] | None = None
    """The organization's slug, as in `https://SLUG.sentry.io`."""
    sentry_url: Annotated[str, AfterValidator(_check_base_url)] = "https://sentry.io"
    """Sentry's base URL; a self-hosted server's own."""
    service_hook_secret: LongSecrets = ()
    """The secrets of service hooks, each its own; without one the route for them does not exist."""
    legacy_path: LongSecret | None = None
    """The secret end of the URL for legacy, unsigned webhooks; without it the route for them does not exist."""

    @model_validator(mode="before")
    @classmethod
    def _read_files(cls, values: Any) -> Any:
        return with_secret_files(values, ("client_secret", "token", "service_hook_secret", "legacy_path"))


class ReceiverSettings(BaseModel):
    """Bounds of the HTTP edge."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    body_limit: MessageBytes = 8 * MEBIBYTE
    """The largest body taken, in bytes; above it the answer is 413."""
    upload_timeout: Timeout = 10.0
    """How long one request may take to send its head, and again its body, in seconds."""
    uploads_limit: Bytes = 128 * MEBIBYTE
    """How many bytes of unfinished bodies are held at once; above it the largest and oldest are answered 500."""
    head_limit: Annotated[MessageBytes, Field(le=MEBIBYTE)] = 16 * 1024
    """The largest request line and headers taken, in bytes; above it the answer is 431 and the connection ends."""
    heads_limit: Bytes = 32 * MEBIBYTE
    """How many bytes of memory unfinished heads hold at once; above it the largest end."""
    connections_limit: Annotated[Whole, Field(ge=8, le=1_000_000)] = 4096
    """How many connections are open at once, as far as the limit of open files allows; above it the oldest stranger's
    ends."""
    peer_share: Share = 0.25
    """The share of connections and of unfinished bodies that one address may have before its own oldest end."""
    trusted_proxies: tuple[IPvAnyNetwork, ...] = ()
    """Addresses and networks of proxies in front, whose connections have no share of their own; loopback is one."""
    metrics_port: Port | None = None
    """Where /metrics and /health/ready are served instead of the port that Sentry calls; 0 for nowhere."""
    metrics_host: Annotated[str, AfterValidator(_check_host)] = "127.0.0.1"
    """The address that `metrics_port` listens on."""
    linger: Timeout = 1.0
    """How long the rest of a refused body is read and thrown away, so that its sender sees the answer, in seconds."""
    compression_level: Annotated[Whole, Field(ge=-7, le=19)] = 1
    """Zstandard's level for stored bodies; lower is faster and larger."""
    redis_timeout: Timeout = 0.150
    """How long an answer waits for Redis before the delivery goes to the spool, in seconds."""
    redis_connect_timeout: Timeout = 1.0
    """How long connecting to Redis and logging in may take, in seconds."""
    spool_timeout: Timeout = 0.75
    """How long an answer waits for the spool's disk before it is 500, in seconds."""
    spool_segment: MessageBytes = 16 * MEBIBYTE
    """The size at which the spool begins a new file, in bytes."""
    spool_limit: Bytes = 1024 * MEBIBYTE
    """The largest the spool may grow on disk, in bytes."""
    deduplication_window: Age = DAY
    """How long a delivery is recognised by meaning or `Idempotency-Key`, in seconds; an equal body for longer."""
    component_timeout: Timeout = 5.0
    """How long a UI component's responder may take, in seconds; Sentry itself waits 30."""


class RetentionSettings(BaseModel):
    """How long what was received is kept; nothing unfinished is ever removed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    age: Age = 14 * DAY
    """The age at which a finished delivery goes, in seconds."""
    size: Bytes = 1024 * MEBIBYTE
    """How many bytes of stored bodies are kept, the oldest going first."""
    interval: Timeout = 60.0
    """How often what is past its age or size is looked for, in seconds."""


class WorkerSettings(BaseModel):
    """How much a worker does at once, and how often it tries."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    threads: Annotated[Whole, Field(ge=1, le=1024)] = 64
    """Runs in flight per worker process."""
    attempts: Annotated[Whole, Field(ge=1, le=100)] = 6
    """How often a failing run is tried before it is a dead letter."""
    retry_wait: Age = 2.0
    """The wait before the second attempt, in seconds; it doubles from there."""
    longest_wait: Age = 3600.0
    """The wait between two attempts at most, in seconds."""
    max_age: Age = DAY
    """How long after its decision a run is tried at all, in seconds; it bounds what waits for Sentry to recover."""
    hold: Age = 120.0
    """How long a failing run holds back later ones of its subject, in seconds; then they go first."""
    deaths: Annotated[Whole, Field(ge=1, le=100)] = 3
    """After how many deaths of its worker's process a run is quarantined."""
    time_limit: Timeout = 60.0
    """How long one attempt of a run may take, in seconds."""
    metrics_port: Port = 0
    """Where /metrics and /health are served, on 127.0.0.1; 0 for nowhere."""
    grace: Timeout = 2.0
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
    redis_url: Secret | None = None
    """The Redis or Valkey server to use; without it `vedette up` starts its own."""
    host: Annotated[str, AfterValidator(_check_host)] = "127.0.0.1"
    port: Port = 8650
    state_dir: PlainPath = Path(".vedette")
    """Where the spool and the embedded server's data live."""
    plugins: Annotated[tuple[PlainPath, ...], NoDecode] = ()
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
        return separated(value)

    @field_validator("redis_url")
    @classmethod
    def _usable_url(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            from vedette.store.server.url import read_redis_url  # noqa: PLC0415 - commands that need no Redis stay quick

            read_redis_url(value.get_secret_value())
        return value

    @property
    def is_demonstration(self) -> bool:
        """Whether no integration is configured, so that only the demonstration can run."""
        return not self.integrations

    def require_integration(self, name: str) -> IntegrationSettings:
        """Return an integration that can call Sentry.

        Raises:
            SettingsError: When it is not configured, or lacks its token or organization.
        """
        found = self.integrations.get(name)
        required = ("client_secret", "token", "organization")
        missing = [key for key in required if found is None or getattr(found, key) is None]
        if found is None or missing:
            raise SettingsError(tuple(missing_setting(f"integrations.{name}.{key}") for key in missing))
        return found

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
        del env_settings, dotenv_settings, file_secret_settings
        file = InitSettingsSource(settings_cls, read_settings_file(os.environ))
        return (init_settings, IntegrationVariables(settings_cls), Variables(settings_cls), file)


def load_settings() -> Settings:
    """Read and validate the settings from the process's variables and the settings file.

    Raises:
        SettingsError: With every problem found, not just the first.
    """
    misspelt = misspelt_variables(Settings, os.environ)
    if misspelt:
        raise SettingsError(misspelt)
    file = settings_file(os.environ)
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError(problems_of(error, Settings, file)) from None
    except UnreadableFileError as error:
        raise SettingsFileError(str(error.path), error.reason) from None
    except UnreadableVariable as error:
        raise SettingsFileError("a variable", f"cannot be read: {error}") from None
    except RecursionError:
        raise SettingsFileError(str(file), "cannot be read: its lists or tables are nested too deeply") from None
