"""Alerts in their present form."""

from typing import Any

from pydantic import Field

from vedette.api.models._base import Date, Id, SentryModel


class Workflow(SentryModel):
    """An alert with its triggers and actions."""

    id: Id
    name: str = ""
    enabled: bool = True
    environment: str | None = None
    owner: str | None = None
    detector_ids: list[str] | None = None
    triggers: dict[str, Any] | None = None
    action_filters: list[dict[str, Any]] | None = None
    config: dict[str, Any] = Field(default_factory=dict[str, Any])
    last_triggered: Date = None
    date_created: Date = None
    date_updated: Date = None


class AlertFiring(SentryModel):
    """The last firing of an alert on one issue, and the number of all."""

    group: dict[str, Any] = Field(default_factory=dict[str, Any])
    """The issue, as lists show it."""
    count: int = 0
    last_triggered: Date = None
    event_id: str | None = None
    """The event that the last firing was about."""


class AlertRule(SentryModel):
    """A metric alert rule, the older form of an alert."""

    id: Id
    name: str = ""
    status: str = ""
    query: str | None = None
    aggregate: str | None = None
    dataset: str | None = None
    time_window: float | None = None
    """Minutes."""
    environment: str | None = None
    owner: str | None = None
    """`user:1` or `team:2`."""
    projects: list[str] = Field(default_factory=list[str])
    """Slugs."""
    triggers: list[dict[str, Any]] = Field(default_factory=list[dict[str, Any]])
    date_created: Date = None


class Detector(SentryModel):
    """A monitor that feeds alerts."""

    id: Id
    name: str = ""
    type: str = ""
    """`error`, `metric_issue`, `issue_stream` and others."""
    project_id: str | None = None
    enabled: bool = True
    workflow_ids: list[str] | None = None
    owner: dict[str, Any] | None = None
    config: dict[str, Any] = Field(default_factory=dict[str, Any])
    date_created: Date = None
    date_updated: Date = None
