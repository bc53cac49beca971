"""Releases and their deploys."""

from typing import Any

from pydantic import Field

from vedette.api.models._base import Date, Id, SentryModel


class Release(SentryModel):
    """A release of one or several projects."""

    id: str = ""
    version: str
    short_version: str = ""
    status: str = "open"
    ref: str | None = None
    url: str | None = None
    date_created: Date = None
    date_released: Date = None
    new_groups: int | None = None
    """Issues first seen in it."""
    commit_count: int | None = None
    deploy_count: int | None = None
    projects: list[dict[str, Any]] = Field(default_factory=list[dict[str, Any]])


class Deploy(SentryModel):
    """A release put into an environment."""

    id: Id
    environment: str = ""
    name: str | None = None
    url: str | None = None
    date_started: Date = None
    date_finished: Date = None
