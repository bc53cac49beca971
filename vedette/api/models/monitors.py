"""Monitors of scheduled jobs and of uptime, and what they observed."""

from typing import Any

from pydantic import Field

from vedette.api.models._base import Date, Id, SentryModel


class MonitorEnvironment(SentryModel):
    """The state of a scheduled job in one environment."""

    name: str = ""
    status: str = ""
    """`ok`, `error`, `active`, `missed_checkin`, `timeout` and others."""
    is_muted: bool = False
    last_check_in: Date = None
    next_check_in: Date = None


class Monitor(SentryModel):
    """The monitor of a scheduled job, which checks in at Sentry each time that it runs."""

    id: Id
    slug: str = ""
    name: str = ""
    status: str = ""
    """`active` or `disabled`."""
    is_muted: bool = False
    project: dict[str, Any] | None = None
    owner: dict[str, Any] | None = None
    config: dict[str, Any] = Field(default_factory=dict[str, Any])
    """Its schedule among others, in snake case."""
    environments: list[MonitorEnvironment] = Field(default_factory=list[MonitorEnvironment])
    date_created: Date = None


class MonitorCheckIn(SentryModel):
    """One run of a scheduled job, or the absence of one."""

    id: Id
    status: str = ""
    """`ok`, `error`, `missed`, `in_progress`, `timeout`."""
    environment: str | None = None
    duration: int | None = None
    """Milliseconds."""
    date_created: Date = None
    expected_time: Date = None


class MonitorStats(SentryModel):
    """The numbers of check-ins in one interval of time."""

    ts: int
    """Its beginning, in seconds since the epoch."""
    ok: int = 0
    error: int = 0
    missed: int = 0
    timeout: int = 0
    duration: float | None = None
    """The average, in milliseconds."""


class UptimeMonitor(SentryModel):
    """A URL that Sentry requests at intervals."""

    id: Id
    name: str = ""
    project_slug: str = ""
    environment: str | None = None
    status: str = ""
    """`active` or `disabled`."""
    uptime_status: int | None = None
    """1 is up, 2 is down."""
    url: str = ""
    method: str = "GET"
    interval_seconds: int | None = None
    timeout_ms: int | None = None
    owner: dict[str, Any] | None = None


class UptimeCheck(SentryModel):
    """One request to the URL of an uptime monitor."""

    uptime_check_id: Id
    timestamp: Date = None
    check_status: str = ""
    """`success`, `failure`, `failure_incident`, `missed_window`."""
    check_status_reason: str | None = None
    http_status_code: int | None = None
    duration_ms: int | None = None
    region_name: str | None = None
    trace_id: str | None = None
