"""Defines the settings, read once at start from variables and `vedette.toml`.

A service with incomplete settings loses deliveries, so all settings are validated before it listens, and each error
names the variable, the file and the correct form (`vedette.settings.problems`).

A variable has precedence over the file. `VEDETTE_CLIENT_SECRET`, `VEDETTE_TOKEN`, `VEDETTE_ORGANIZATION` and
`VEDETTE_SENTRY_URL` describe the integration `default`; further integrations are tables of the file.
"""

import os
from pathlib import Path
from typing import Annotated, Any, Literal, Self

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
from pydantic_core import InitErrorDetails, PydanticCustomError
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from pydantic_settings.exceptions import SettingsError as UnreadableVariable

from vedette._core.nearest_name import did_you_mean
from vedette._core.printable import printable
from vedette._core.regular_files import UnreadableFileError
from vedette.settings.access import AccessSettings, GrantSettings, Mode
from vedette.settings.address_types import BaseUrl, HostName, OrganizationSlug, WebhookUrl
from vedette.settings.agents import AgentSettings, GatewaySettings, check_agent_names
from vedette.settings.alarms import AlarmSettings, check_alarm_channel
from vedette.settings.channels import ChannelSettings
from vedette.settings.console import ConsoleSettings
from vedette.settings.environment import (
    FieldVariables,
    IntegrationVariables,
    find_misspelt_variables,
    read_secret_files,
)
from vedette.settings.number_types import DAY, MEBIBYTE, Age, Bytes, MessageBytes, Port, Share, Timeout, Whole
from vedette.settings.problems import SettingsError, SettingsFileError, convert_errors, report_missing
from vedette.settings.reconcile import ReconcileSettings
from vedette.settings.secret_types import RequiredStrongSecrets, Secret, StrongSecret, StrongSecrets, split_list
from vedette.settings.settings_file import read_settings_file, settings_file


def _check_path(value: Path) -> Path:
    if printable(str(value)) != str(value):
        raise ValueError("holds a control or invisible character")
    return value


PlainPath = Annotated[Path, AfterValidator(_check_path)]
"""A path without control and invisible characters."""

DEFAULT_INTEGRATION = "default"


class IntegrationSettings(BaseModel):
    """One Sentry integration: its secrets, token, organization and server."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    client_secret: RequiredStrongSecrets
    """The client secrets that verify webhooks; several while a secret is rotated."""
    token: Secret | None = None
    """The integration's API token; without it handlers cannot call Sentry."""
    organization: OrganizationSlug | None = None
    """The organization's slug, as in `https://SLUG.sentry.io`."""
    sentry_url: BaseUrl = "https://sentry.io"
    """The base URL of Sentry, or of a self-hosted server."""
    public_url: WebhookUrl | None = None
    """The Webhook URL that the integration has in Sentry; without it, `vedette doctor` cannot check that way."""
    app: OrganizationSlug | None = None
    """The integration's slug in Sentry; without it, the integration with `public_url` is taken, or the only one."""
    service_hook_secret: StrongSecrets = ()
    """The secrets of service hooks; without one, their route does not exist."""
    legacy_path: StrongSecret | None = None
    """The secret end of the URL for legacy, unsigned webhooks; without it, their route does not exist."""

    @model_validator(mode="before")
    @classmethod
    def _read_files(cls, values: Any) -> Any:
        return read_secret_files(values, ("client_secret", "token", "service_hook_secret", "legacy_path"))


class ReceiverSettings(BaseModel):
    """The limits of the receiver."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    body_limit: MessageBytes = 8 * MEBIBYTE
    """The largest accepted body, in bytes; a larger one is answered 413."""
    upload_timeout: Timeout = 10.0
    """Seconds that a request may take to send its head, and again its body."""
    uploads_limit: Bytes = 128 * MEBIBYTE
    """The memory of unfinished bodies, in bytes; above it the largest and oldest are answered 500."""
    head_limit: Annotated[MessageBytes, Field(le=MEBIBYTE)] = 16 * 1024
    """The largest accepted request line and headers, in bytes; larger ones are answered 431 and disconnected."""
    heads_limit: Bytes = 32 * MEBIBYTE
    """The memory of unfinished heads, in bytes; above it the connections with the largest heads are closed."""
    connections_limit: Annotated[Whole, Field(ge=8, le=1_000_000)] = 4096
    """The number of open connections, as far as the limit of open files allows; above it the oldest unproven one is
    closed."""
    peer_share: Share = 0.25
    """The share of connections and of unfinished bodies that one address may have; above it, its oldest are closed."""
    trusted_proxies: tuple[IPvAnyNetwork, ...] = ()
    """Addresses and networks of reverse proxies, to which `peer_share` does not apply; loopback is always one."""
    metrics_port: Port | None = None
    """The port of /metrics and /health/ready, if it is separate from that of webhooks; 0 turns both off."""
    metrics_host: HostName = "127.0.0.1"
    """The address that `metrics_port` listens on."""
    linger: Timeout = 1.0
    """Seconds for which the rest of a rejected body is discarded, so that its sender sees the response."""
    compression_level: Annotated[Whole, Field(ge=-7, le=19)] = 1
    """Zstandard's level for stored bodies; lower is faster and larger."""
    redis_timeout: Timeout = 0.150
    """Seconds to wait for Redis before a delivery is spooled."""
    redis_connect_timeout: Timeout = 1.0
    """Seconds that connecting to Redis and logging in may take."""
    spool_timeout: Timeout = 0.75
    """Seconds to wait for the spool's disk before the response is 500."""
    spool_segment: MessageBytes = 16 * MEBIBYTE
    """The size at which the spool begins a new file, in bytes."""
    spool_limit: Bytes = 1024 * MEBIBYTE
    """The largest size of the spool on disk, in bytes."""
    deduplication_window: Age = DAY
    """Seconds for which a repetition is recognised by deduplication key or `Idempotency-Key`; an equal body longer."""
    component_timeout: Timeout = 5.0
    """Seconds that the responder of a UI component may take; Sentry waits 30."""


class RetentionSettings(BaseModel):
    """The retention of finished deliveries; unfinished ones are never removed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    age: Age = 14 * DAY
    """Seconds after which a finished delivery is removed."""
    size: Bytes = 1024 * MEBIBYTE
    """The memory that deliveries may take in Redis, with their runs and indexes, in bytes; the oldest are removed."""
    interval: Timeout = 60.0
    """Seconds between two removals."""


class WorkerSettings(BaseModel):
    """The concurrency, retries and time limits of workers."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    threads: Annotated[Whole, Field(ge=1, le=1024)] = 64
    """Runs in flight per worker process."""
    attempts: Annotated[Whole, Field(ge=1, le=100)] = 6
    """The attempts of a failing run, after which it is a dead letter."""
    retry_wait: Age = 2.0
    """Seconds before the second attempt; the backoff doubles from there."""
    longest_wait: Age = 3600.0
    """The longest backoff between two attempts, in seconds."""
    max_age: Age = DAY
    """Seconds after dispatch in which a run is attempted; also for runs that wait for Sentry to recover."""
    hold: Age = 120.0
    """Seconds for which a failing run blocks later ones of its subject; then they run first."""
    deaths: Annotated[Whole, Field(ge=1, le=100)] = 3
    """The crashes of its worker process after which a run is quarantined."""
    time_limit: Timeout = 60.0
    """Seconds that one attempt of a run may take."""
    metrics_port: Port = 0
    """The port of /metrics and /health, on 127.0.0.1; 0 for none."""
    grace: Timeout = 2.0
    """Seconds that running handlers have after SIGTERM; unfinished runs are run again."""


class WatchdogSettings(BaseModel):
    """The watchdog of the workers, which notices when Sentry's webhooks fail to arrive."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool = True
    interval: Annotated[Timeout, Field(ge=1.0)] = 240.0
    """Seconds between two looks; each makes at most five calls to Sentry per integration."""


class HandlerSettings(BaseModel):
    """The operator's settings of one handler; further keys are the handler's own settings."""

    model_config = ConfigDict(extra="allow", frozen=True)

    enabled: bool = True
    projects: tuple[str, ...] = ()
    """The projects that it handles: slugs, in which `*` matches any letters, or ids. All unless given."""
    except_projects: tuple[str, ...] = ()
    """The projects that it does not handle."""
    mode: Mode | None = None
    """The mode of its writes; unless given, `act` for bundled handlers and `observe` for others."""
    modes: dict[str, Mode] = {}
    """Modes for some projects: a slug, in which `*` matches any letters -> a mode. The first match is used."""
    grant: GrantSettings | None = None
    """Its permissions in Sentry; unless given, the required ones for bundled handlers and none for others."""


class Settings(BaseSettings):
    """All settings, validated."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True, env_prefix="VEDETTE_", env_nested_delimiter="__")

    integrations: dict[str, IntegrationSettings] = Field(default_factory=dict[str, IntegrationSettings])
    redis_url: Secret | None = None
    """The URL of the Redis or Valkey server; without it, `vedette up` starts one."""
    host: HostName = "127.0.0.1"
    port: Port = 8650
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """The lowest level of log lines; `debug` adds a line for each decision, write and call to Sentry."""
    state_dir: PlainPath = Path(".vedette")
    """The folder of the spool and of the embedded server's data."""
    plugins: Annotated[tuple[PlainPath, ...], NoDecode] = ()
    """Python files with handlers, folders of such files, and packages' folders, besides installed plugins."""
    receiver: ReceiverSettings = ReceiverSettings()
    retention: RetentionSettings = RetentionSettings()
    worker: WorkerSettings = WorkerSettings()
    watchdog: WatchdogSettings = WatchdogSettings()
    reconcile: ReconcileSettings = ReconcileSettings()
    access: AccessSettings = AccessSettings()
    channels: dict[str, ChannelSettings] = Field(default_factory=dict[str, ChannelSettings])
    """The channels for messages to users, by the names that handlers and rules use."""
    alarms: AlarmSettings = AlarmSettings()
    handlers: dict[str, HandlerSettings] = Field(default_factory=dict[str, HandlerSettings])
    gateway: GatewaySettings = GatewaySettings()
    agents: dict[str, AgentSettings] = Field(default_factory=dict[str, AgentSettings])
    """The agents that may call Sentry through the gateway, by their names."""
    console: ConsoleSettings = ConsoleSettings()
    provide: dict[str, dict[str, Any]] = {}
    """The `settings` argument of `@provide` functions: a function's name -> its table."""

    @model_validator(mode="before")
    @classmethod
    def _read_files(cls, values: Any) -> Any:
        return read_secret_files(values, ("redis_url",))

    @field_validator("plugins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return split_list(value)

    @model_validator(mode="after")
    def _known_channel(self) -> Self:
        try:
            check_alarm_channel(self.alarms, self.channels)
        except ValueError as error:
            # Named after the setting, where a validator of all settings names nothing.
            problem = PydanticCustomError("unknown_channel", "{reason}", {"reason": str(error)})
            place = InitErrorDetails(type=problem, loc=("alarms", "channel"), input=self.alarms.channel)
            raise ValidationError.from_exception_data("Settings", [place]) from None
        return self

    @field_validator("redis_url")
    @classmethod
    def _usable_url(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            from vedette.store.server.url import read_redis_url  # noqa: PLC0415 - commands that need no Redis stay quick

            read_redis_url(value.get_secret_value())
        return value

    @field_validator("agents")
    @classmethod
    def _plain_agent_names(cls, value: dict[str, AgentSettings]) -> dict[str, AgentSettings]:
        return check_agent_names(value)

    @model_validator(mode="after")
    def _known_integrations(self) -> Self:
        # In a demonstration the integration is added later.
        for name, agent in self.agents.items() if self.integrations else ():
            if agent.integration not in self.integrations:
                hint = did_you_mean(agent.integration, self.integrations)
                raise ValueError(f"agents.{name}.integration: there is no integration {agent.integration!r}{hint}")
        return self

    @property
    def is_demonstration(self) -> bool:
        """Return whether no integration is configured, so that only the demonstration can run."""
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
            raise SettingsError(tuple(report_missing(f"integrations.{name}.{key}") for key in missing))
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
        """Give variables precedence over the file, and read no .env file."""
        del env_settings, dotenv_settings, file_secret_settings
        file = InitSettingsSource(settings_cls, read_settings_file(os.environ))
        return (init_settings, IntegrationVariables(settings_cls), FieldVariables(settings_cls), file)


def load_settings() -> Settings:
    """Read and validate the settings from the process's variables and the settings file.

    Raises:
        SettingsError: With all problems found.
    """
    misspelt = find_misspelt_variables(Settings, os.environ)
    if misspelt:
        raise SettingsError(misspelt)
    file = settings_file(os.environ)
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError(convert_errors(error, Settings, file)) from None
    except UnreadableFileError as error:
        raise SettingsFileError(str(error.path), error.reason) from None
    except UnreadableVariable as error:
        raise SettingsFileError("a variable", f"cannot be read: {error}") from None
    except RecursionError:
        raise SettingsFileError(str(file), "cannot be read: its lists or tables are nested too deeply") from None
