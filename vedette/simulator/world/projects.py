"""Projects, their releases and deploys, and the repositories that commits come from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

    from vedette.simulator.world.people import Team


@dataclass(slots=True, eq=False)
class ClientKey:
    """A client key: an application's permission to send events. `public` is its id too."""

    public: str
    secret: str
    label: str
    created: datetime
    is_active: bool = True
    # Events per window of seconds; None: no limit.
    rate_limit: dict[str, int] | None = None
    browser_sdk_version: str = "10.x"
    loader_options: dict[str, bool] = field(default_factory=dict[str, bool])


@dataclass(slots=True, eq=False)
class Project:
    """A project; teams own it, short ids of its issues begin with its slug."""

    id: int
    slug: str
    name: str
    platform: str | None
    created: datetime
    public_key: str
    keys: list[ClientKey] = field(default_factory=list[ClientKey])
    teams: list[Team] = field(default_factory=list["Team"])
    environments: set[str] = field(default_factory=set[str])
    # Issues are numbered per project, as in SHOP-1, SHOP-2.
    issue_counter: int = 0
    first_event: datetime | None = None
    ownership: str = ""
    ownership_changed: datetime | None = None
    # What PUT has changed and nothing here reads, given back as it came.
    settings: dict[str, Any] = field(default_factory=dict[str, Any])
    hooks: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])


@dataclass(slots=True, eq=False)
class Deploy:
    """A release reached an environment."""

    id: int
    environment: str
    finished: datetime
    started: datetime | None = None
    name: str | None = None
    url: str | None = None


@dataclass(slots=True, eq=False)
class Commit:
    """A commit as Sentry stores it: sha, and the repository's name as Sentry knows it."""

    id: str
    repository: str
    message: str
    author_name: str
    author_email: str
    created: datetime


@dataclass(slots=True, eq=False)
class Release:
    """A version of one or more projects."""

    id: int
    version: str
    created: datetime
    projects: list[Project] = field(default_factory=list[Project])
    released: datetime | None = None
    ref: str | None = None
    url: str | None = None
    status: str = "open"
    commits: list[Commit] = field(default_factory=list[Commit])
    deploys: list[Deploy] = field(default_factory=list[Deploy])
    new_groups: int = 0
    last_event: datetime | None = None


@dataclass(slots=True, eq=False)
class Repository:
    """A repository connected to the organization."""

    id: int
    name: str
    created: datetime
    commits: list[Commit] = field(default_factory=list[Commit])
