"""Monitors, dashboards and the older alert rules of an organization, and functions that add them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

    from vedette.simulator.world.people import Team, User
    from vedette.simulator.world.projects import Project
    from vedette.simulator.world.world import World


@dataclass(slots=True, eq=False)
class JobCheckIn:
    """One run of a scheduled job."""

    id: str
    status: str
    when: datetime
    environment: str
    duration: int | None = None


@dataclass(slots=True, eq=False)
class JobMonitor:
    """The monitor of a scheduled job; check-ins are kept oldest first."""

    id: str
    slug: str
    name: str
    project: Project
    created: datetime
    schedule: str = "0 3 * * *"
    status: str = "active"
    checkins: list[JobCheckIn] = field(default_factory=list[JobCheckIn])


@dataclass(slots=True, eq=False)
class UrlCheck:
    """One request to a URL."""

    id: str
    when: datetime
    status: str = "success"
    http_status: int | None = 200
    duration: int = 87


@dataclass(slots=True, eq=False)
class UrlMonitor:
    """A URL that is requested at intervals; checks are kept oldest first."""

    id: int
    project: Project
    url: str
    name: str
    environment: str = "production"
    checks: list[UrlCheck] = field(default_factory=list[UrlCheck])


@dataclass(slots=True, eq=False)
class StoredDashboard:
    """A dashboard; widgets are kept in the form of the API."""

    id: int
    title: str
    created: datetime
    author: User | None = None
    projects: list[Project] = field(default_factory=list["Project"])
    widgets: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])


@dataclass(slots=True, eq=False)
class MetricRule:
    """A metric alert rule, the older form of an alert."""

    id: int
    name: str
    project: Project
    created: datetime
    aggregate: str = "count()"
    query: str = ""
    minutes: int = 60
    critical: int = 100
    owner: Team | None = None


def add_monitor(world: World, project: Project, slug: str, name: str, *, schedule: str = "0 3 * * *") -> JobMonitor:
    """Add the monitor of a scheduled job."""
    identifier = str(uuid.UUID(int=world.next_id("monitor")))
    monitor = JobMonitor(identifier, slug, name, project, world.clock(), schedule)
    world.monitors[slug] = monitor
    return monitor


def check_in(world: World, monitor: JobMonitor, status: str, *, ago: timedelta = timedelta(0)) -> JobCheckIn:
    """Add a check-in of a job, in production."""
    identifier = str(uuid.UUID(int=world.next_id("check-in")))
    duration = 1840 if status == "ok" else None
    monitor.checkins.append(JobCheckIn(identifier, status, world.clock() - ago, "production", duration))
    return monitor.checkins[-1]


def add_url_monitor(world: World, project: Project, url: str, name: str) -> UrlMonitor:
    """Add an uptime monitor."""
    monitor = UrlMonitor(world.next_id("uptime"), project, url, name)
    world.url_monitors[monitor.id] = monitor
    return monitor


def check_url(world: World, monitor: UrlMonitor, http_status: int, *, ago: timedelta = timedelta(0)) -> UrlCheck:
    """Add a check of a URL; a status from 400 is a failure."""
    identifier = f"{world.next_id('check'):032x}"
    status = "success" if http_status < 400 else "failure"  # noqa: PLR2004 - the class of errors
    monitor.checks.append(UrlCheck(identifier, world.clock() - ago, status, http_status))
    return monitor.checks[-1]


def add_dashboard(world: World, title: str, *, author: User | None = None) -> StoredDashboard:
    """Add a dashboard of all projects, with a widget that counts errors."""
    dashboard = StoredDashboard(world.next_id("dashboard"), title, world.clock(), author)
    dashboard.widgets.append({"id": world.next_id("widget"), "title": "Errors", "display": "line"})
    world.dashboards[dashboard.id] = dashboard
    return dashboard


def add_metric_rule(world: World, project: Project, name: str, *, owner: Team | None = None) -> MetricRule:
    """Add a metric alert rule of the older form."""
    rule = MetricRule(world.next_id("rule"), name, project, world.clock(), owner=owner)
    world.metric_rules[rule.id] = rule
    return rule
