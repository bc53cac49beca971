"""Monitors of scheduled jobs and of URLs, with what they observed."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from vedette.simulator.serializers.monitors import checkin_json, monitor_json, url_check_json, url_monitor_json
from vedette.simulator.web.call import ApiCall, EndpointResponse, bad_request, not_found
from vedette.simulator.web.endpoints.monitoring.queries import asked_projects
from vedette.simulator.web.paging import paginate
from vedette.simulator.world.id_parsing import as_id

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from vedette.simulator.web.call import Handler
    from vedette.simulator.world.monitors import JobMonitor, UrlMonitor

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_DEFAULT_PERIOD = "90d"


def _since(call: ApiCall) -> datetime:
    """Return the beginning of the asked-for period."""
    match = re.fullmatch(r"(\d{1,4})([mhdw])", call.query.get("statsPeriod", _DEFAULT_PERIOD))
    if match is None:
        raise bad_request("Invalid statsPeriod.")
    return call.world.clock() - timedelta(**{_UNITS[match[2]]: int(match[1])})


def list_monitors(call: ApiCall) -> EndpointResponse:
    """List monitors of scheduled jobs; a query searches names and slugs."""
    projects, text = asked_projects(call), call.query.get("query", "").casefold()
    environments = set(call.query.getlist("environment"))
    found = [
        monitor
        for monitor in call.world.monitors.values()
        if monitor.project in projects
        and (text in monitor.name.casefold() or text in monitor.slug)
        and (not environments or environments & {checkin.environment for checkin in monitor.checkins})
    ]
    return paginate(call, found, lambda monitor: monitor_json(call.world, monitor))


def _monitor(call: ApiCall) -> JobMonitor:
    """Return the monitor of the path, by slug or id; where a project is named, it must be that one's."""
    named = call.path["monitor_id_or_slug"]
    is_foreign = "project_id_or_slug" in call.path
    for monitor in call.world.monitors.values():
        if named in {monitor.slug, monitor.id} and not (is_foreign and monitor.project is not call.project):
            return monitor
    raise not_found()


def get_monitor(call: ApiCall) -> EndpointResponse:
    """Answer with one monitor."""
    return EndpointResponse(monitor_json(call.world, _monitor(call)))


def list_checkins(call: ApiCall) -> EndpointResponse:
    """List check-ins within a period, newest first."""
    since, environments = _since(call), set(call.query.getlist("environment"))
    found = [
        checkin
        for checkin in _monitor(call).checkins[::-1]
        if checkin.when >= since and (not environments or checkin.environment in environments)
    ]
    return paginate(call, found, checkin_json)


def list_url_monitors(call: ApiCall) -> EndpointResponse:
    """List uptime monitors; a query searches names and URLs."""
    projects, text = asked_projects(call), call.query.get("query", "").casefold()
    environments = set(call.query.getlist("environment"))
    found = [
        monitor
        for monitor in call.world.url_monitors.values()
        if monitor.project in projects
        and (text in monitor.name.casefold() or text in monitor.url)
        and (not environments or monitor.environment in environments)
    ]
    return paginate(call, found, url_monitor_json)


def _url_monitor(call: ApiCall) -> UrlMonitor:
    found = call.world.url_monitors.get(as_id(call.path["uptime_detector_id"]) or 0)
    if found is None or found.project is not call.project:
        raise not_found()
    return found


def get_url_monitor(call: ApiCall) -> EndpointResponse:
    """Answer with one uptime monitor."""
    return EndpointResponse(url_monitor_json(_url_monitor(call)))


def list_url_checks(call: ApiCall) -> EndpointResponse:
    """List checks within a period, newest first."""
    monitor, since = _url_monitor(call), _since(call)
    found = [check for check in monitor.checks[::-1] if check.when >= since]
    return paginate(call, found, lambda check: url_check_json(monitor, check))


MONITORS: Mapping[str, Handler] = {
    "monitors.list": list_monitors,
    "monitors.get": get_monitor,
    "monitors.get_for_project": get_monitor,
    "monitors.checkins": list_checkins,
    "monitors.checkins_for_project": list_checkins,
    "uptime.list": list_url_monitors,
    "uptime.get": get_url_monitor,
    "uptime.checks": list_url_checks,
}
