"""Monitors, dashboards and the older alert rules in Sentry's JSON form."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from vedette.simulator.serializers.dates import zulu
from vedette.simulator.serializers.people import user_json
from vedette.simulator.serializers.project import project_json

if TYPE_CHECKING:
    from vedette.simulator.world.monitors import (
        JobCheckIn,
        JobMonitor,
        MetricRule,
        StoredDashboard,
        UrlCheck,
        UrlMonitor,
    )
    from vedette.simulator.world.world import World

_DAY = timedelta(days=1)
_STATES = {"ok": "ok", "missed": "missed_checkin", "error": "error", "timeout": "timeout"}


def monitor_json(world: World, monitor: JobMonitor) -> dict[str, Any]:
    """Return the monitor of a scheduled job with its environments."""
    return {
        "id": monitor.id,
        "slug": monitor.slug,
        "name": monitor.name,
        "status": monitor.status,
        "type": "cron_job",
        "isMuted": False,
        "isUpserting": False,
        "owner": None,
        "config": {
            "schedule_type": "crontab",
            "schedule": monitor.schedule,
            "checkin_margin": 5,
            "max_runtime": 30,
            "timezone": "UTC",
            "failure_issue_threshold": 1,
            "recovery_threshold": 1,
            "alert_rule_id": None,
        },
        "dateCreated": zulu(monitor.created),
        "project": project_json(world, monitor.project),
        "environments": _environments(monitor),
    }


def _environments(monitor: JobMonitor) -> list[dict[str, Any]]:
    latest = {run.environment: run for run in monitor.checkins}
    return [
        {
            "name": name,
            "status": _STATES.get(run.status, "active"),
            "isMuted": False,
            "dateCreated": zulu(monitor.created),
            "lastCheckIn": zulu(run.when),
            "nextCheckIn": zulu(run.when + _DAY),
            "nextCheckInLatest": zulu(run.when + _DAY),
            "activeIncident": None,
        }
        for name, run in latest.items()
    ]


def checkin_json(run: JobCheckIn) -> dict[str, Any]:
    """Return one check-in of a scheduled job."""
    return {
        "id": run.id,
        "environment": run.environment,
        "status": run.status,
        "duration": run.duration,
        "dateCreated": zulu(run.when),
        "dateAdded": zulu(run.when),
        "dateUpdated": zulu(run.when),
        "dateInProgress": None,
        "dateClock": zulu(run.when),
        "expectedTime": zulu(run.when),
        "monitorConfig": {},
    }


def url_monitor_json(monitor: UrlMonitor) -> dict[str, Any]:
    """Return an uptime monitor."""
    is_down = bool(monitor.checks) and monitor.checks[-1].status != "success"
    return {
        "id": str(monitor.id),
        "projectSlug": monitor.project.slug,
        "environment": monitor.environment,
        "name": monitor.name,
        "status": "active",
        "uptimeStatus": 2 if is_down else 1,
        "mode": 1,
        "url": monitor.url,
        "method": "GET",
        "headers": [],
        "body": None,
        "intervalSeconds": 60,
        "timeoutMs": 5000,
        "owner": None,
        "traceSampling": False,
        "recoveryThreshold": 1,
        "downtimeThreshold": 3,
    }


def url_check_json(monitor: UrlMonitor, check: UrlCheck) -> dict[str, Any]:
    """Return one check of a URL."""
    return {
        "uptimeCheckId": check.id,
        "uptimeSubscriptionId": monitor.id,
        "projectUptimeSubscriptionId": monitor.id,
        "timestamp": zulu(check.when),
        "scheduledCheckTime": zulu(check.when),
        "checkStatus": check.status,
        "checkStatusReason": None if check.status == "success" else "failure",
        "httpStatusCode": check.http_status,
        "durationMs": check.duration,
        "traceId": check.id,
        "traceSpansCount": 0,
        "incidentStatus": 0,
        "environment": monitor.environment,
        "region": "us-west",
        "regionName": "US West",
    }


def dashboard_json(world: World, dashboard: StoredDashboard) -> dict[str, Any]:
    """Return a dashboard as lists show it."""
    return {
        "id": str(dashboard.id),
        "title": dashboard.title,
        "dateCreated": zulu(dashboard.created),
        "createdBy": user_json(world, dashboard.author) if dashboard.author else None,
        "environment": [],
        "filters": {},
        "lastVisited": zulu(dashboard.created),
        "widgetDisplay": [widget["display"] for widget in dashboard.widgets],
        "widgetPreview": [{"displayType": widget["display"], "layout": None} for widget in dashboard.widgets],
        "permissions": None,
        "isFavorited": False,
        "projects": [project.id for project in dashboard.projects],
        "prebuiltId": None,
    }


def dashboard_detail_json(world: World, dashboard: StoredDashboard) -> dict[str, Any]:
    """Return one dashboard with its widgets."""
    shown = {name: value for name, value in dashboard_json(world, dashboard).items() if not name.startswith("widget")}
    return {**shown, "widgets": [_widget(dashboard, widget) for widget in dashboard.widgets]}


def _widget(dashboard: StoredDashboard, widget: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": str(widget["id"]),
        "title": widget["title"],
        "description": None,
        "displayType": widget["display"],
        "thresholds": None,
        "interval": "5m",
        "dateCreated": zulu(dashboard.created),
        "dashboardId": str(dashboard.id),
        "queries": [
            {
                "id": str(widget["id"]),
                "name": "",
                "fields": ["count()"],
                "aggregates": ["count()"],
                "columns": [],
                "fieldAliases": [],
                "conditions": "event.type:error",
                "orderby": "",
                "widgetId": str(widget["id"]),
                "onDemand": [],
                "isHidden": False,
                "selectedAggregate": None,
            }
        ],
        "limit": None,
        "widgetType": "error-events",
        "layout": None,
        "datasetSource": "user",
    }


def metric_rule_json(world: World, rule: MetricRule) -> dict[str, Any]:
    """Return a metric alert rule of the older form."""
    return {
        "id": str(rule.id),
        "name": rule.name,
        "organizationId": str(world.organization_id),
        "status": 0,
        "queryType": 0,
        "dataset": "events",
        "query": rule.query,
        "aggregate": rule.aggregate,
        "thresholdType": 0,
        "resolveThreshold": None,
        "timeWindow": float(rule.minutes),
        "environment": None,
        "resolution": 1.0,
        "thresholdPeriod": 1,
        "triggers": [
            {
                "id": str(rule.id),
                "alertRuleId": str(rule.id),
                "label": "critical",
                "thresholdType": 0,
                "alertThreshold": rule.critical,
                "resolveThreshold": None,
                "dateCreated": zulu(rule.created),
                "actions": [],
            }
        ],
        "projects": [rule.project.slug],
        "owner": f"team:{rule.owner.id}" if rule.owner else None,
        "originalAlertRuleId": None,
        "comparisonDelta": None,
        "dateModified": zulu(rule.created),
        "dateCreated": zulu(rule.created),
        "createdBy": None,
        "description": None,
        "detectionType": "static",
        "snooze": False,
        "eventTypes": ["error", "default"],
    }
