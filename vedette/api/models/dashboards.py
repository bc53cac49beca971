"""Dashboards and their widgets."""

from typing import Any

from pydantic import Field

from vedette.api.models._base import Date, Id, SentryModel


class DashboardWidget(SentryModel):
    """A chart, table or number of a dashboard."""

    id: Id
    title: str = ""
    display_type: str = ""
    widget_type: str | None = None
    queries: list[dict[str, Any]] = Field(default_factory=list[dict[str, Any]])
    """Each with `fields`, `aggregates`, `conditions` and others."""


class Dashboard(SentryModel):
    """A dashboard; lists show it without its widgets."""

    id: Id
    title: str = ""
    projects: list[int] = Field(default_factory=list[int])
    """Ids; empty: all."""
    environment: list[str] = Field(default_factory=list[str])
    widgets: list[DashboardWidget] = Field(default_factory=list[DashboardWidget])
    created_by: dict[str, Any] | None = None
    date_created: Date = None
