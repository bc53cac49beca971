"""Defines the settings of agents, the tables `[agents.NAME]`, and of the gateway that they call Sentry through."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Annotated, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from vedette.settings.access import GrantSettings, Mode, check_known
from vedette.settings.address_types import BaseUrl, HostName
from vedette.settings.number_types import Count, Port, PositiveCount

Level = Literal["off", "read", "write", "full"]
"""The access to an area: none, reading, reading and creating and updating, or deleting too."""

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._\-]{0,39}")
_FINGERPRINT: Final = re.compile(r"sha256:[0-9a-f]{64}")


def _read_moment(value: object) -> datetime:
    try:
        if isinstance(value, str):
            value = datetime.fromisoformat(value)
        elif isinstance(value, date) and not isinstance(value, datetime):
            value = datetime.combine(value, time.min)
    except ValueError:
        value = None
    if not isinstance(value, datetime):
        raise ValueError("should be a date, such as 2027-03-01")  # noqa: TRY004 - pydantic adds the setting's name
    return value if value.tzinfo else value.replace(tzinfo=UTC)


Moment = Annotated[datetime, BeforeValidator(_read_moment)]
"""A time with a zone; a date without a time is its beginning in UTC."""


class AreaSettings(BaseModel):
    """The access of an agent by areas, the table `[agents.NAME.may]`; all others are off.

    `vedette agents areas` prints the operations and scopes of each.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    issues: Level = "off"
    """Reading issues, their events and comments."""
    triage: Level = "off"
    """Resolving, archiving, assigning, prioritising and commenting on issues."""
    destroy_issues: Level = Field(default="off", alias="destroy-issues")
    """Deleting, merging and discarding issues."""
    projects: Level = "off"
    """Projects, their keys, hooks and ownership rules."""
    teams: Level = "off"
    releases: Level = "off"
    """Releases and deploys."""
    members: Level = "off"
    """Members of the organization."""
    alerts: Level = "off"
    """Alerts and monitors."""
    organization: Level = "off"
    """The organization's own settings."""

    def levels(self) -> Mapping[str, Level]:
        """Return the name of each area, as the settings file has it, with its level."""
        return self.model_dump(by_alias=True)


class AgentGrantSettings(GrantSettings):
    """The exact permissions of one agent, the table `[agents.NAME.grant]`; they are added to those of its areas."""

    operations: tuple[str, ...] = ()
    """Operations of the table in docs/api.md; all that the scopes of this table allow unless some are named. Those that
    delete, and those of apps, have to be named without `*`."""
    reads_per_hour: Count | None = None
    """Reads in an hour."""
    bulk: PositiveCount = 25
    """The number of issues that one call may change."""
    hide: tuple[str, ...] = ()
    """Classes of event data that are left out of answers, such as `user`."""

    @field_validator("hide")
    @classmethod
    def _known_classes(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        from vedette.api.redaction import HIDDEN_DATA  # noqa: PLC0415 - the receiver reads settings and needs no API

        return check_known(value, HIDDEN_DATA, "class of event data")


class AgentSettings(BaseModel):
    """One agent: a program, such as a coding assistant, with tokens and permissions of its own."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    integration: str = "default"
    """The integration that provides the token for its calls."""
    mode: Mode = "propose"
    """The treatment of its writes."""
    modes: dict[str, Mode] = {}
    """Modes for some projects: a slug, in which `*` matches any letters -> a mode. The first match is used."""
    expires: Moment | None = None
    """The time at which all its tokens end."""
    untrusted: Mode = "act"
    """The boldest mode for its writes in the ten minutes after it has read text from events, which anyone may write."""
    tokens: tuple[str, ...] = ()
    """Fingerprints of tokens, `sha256:` and 64 hexadecimal digits, for installations that keep all in the file."""
    may: AreaSettings = AreaSettings()
    """Its permissions by area."""
    grant: AgentGrantSettings = AgentGrantSettings()
    """Its exact permissions."""

    @field_validator("tokens")
    @classmethod
    def _fingerprints(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for text in value:
            if not _FINGERPRINT.fullmatch(text):
                raise ValueError(
                    "should be fingerprints such as sha256:1f0c..., as `vedette agents token NAME` prints them"
                )
        return value


class GatewaySettings(BaseModel):
    """The address of the gateway, through which agents call Sentry."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: HostName = "127.0.0.1"
    """The address that it listens on."""
    port: Port = 8652
    """The port that it listens on; 0 for a free one."""
    url: BaseUrl | None = None
    """The address by which agents reach it; links in its answers begin with it. Unless given, host and port."""

    @property
    def public_url(self) -> str:
        """The address by which agents reach it, without a trailing slash."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.url or f"http://{host}:{self.port}"

    @property
    def local_url(self) -> str:
        """The address by which it is reached from this machine, without a trailing slash."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 - read, not listened on
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"


def check_agent_names(agents: dict[str, AgentSettings]) -> dict[str, AgentSettings]:
    """Return the tables of agents if their names can be part of a token and of a URL.

    Raises:
        ValueError: One cannot.
    """
    for name in agents:
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name for an agent: use up to 40 letters, digits, -, _ and .")
    return agents
