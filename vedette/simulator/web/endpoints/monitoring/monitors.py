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
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_DAY = 86_400
MOST_INTERVALS = 10_000


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
        and (not environments or environments & {run.environment for run in monitor.checkins})
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
        run
        for run in _monitor(call).checkins[::-1]
        if run.when >= since and (not environments or run.environment in environments)
    ]
    return paginate(call, found, checkin_json)


def count_checkins(call: ApiCall) -> EndpointResponse:
    """Count check-ins in intervals of `resolution` between `since` and `until`, by default the last day's hours."""
    now = call.world.clock().timestamp()
    since, until = _epoch(call, "since", now - _DAY), _epoch(call, "until", now)
    length = re.fullmatch(r"(\d{1,6})([smhd])", call.query.get("resolution", "1h"))
    seconds = int(length[1]) * _SECONDS[length[2]] if length else 0
    if seconds == 0 or (until - since) / seconds > MOST_INTERVALS:
        raise bad_request("Invalid resolution")
    monitor = _monitor(call)
    starts = range(since - since % seconds, until - until % seconds + 1, seconds)
    return EndpointResponse([_counted(monitor, start, start + seconds) for start in starts])


def _epoch(call: ApiCall, name: str, default: float) -> int:
    text = call.query.get(name)
    if text is None:
        return int(default)
    moment = re.fullmatch(r"(\d{1,12})(\.\d+)?", text)
    if moment is None:
        raise bad_request(f"{name} is not a valid timestamp")
    return int(moment[1])


def _counted(monitor: JobMonitor, start: int, end: int) -> dict[str, float]:
    within = [run for run in monitor.checkins if start <= run.when.timestamp() < end]
    durations = [run.duration for run in within if run.duration is not None]
    counts = {name: sum(run.status == name for run in within) for name in ("ok", "error", "missed", "timeout")}
    return {"ts": start, **counts, "duration": sum(durations) / len(durations) if durations else 0}


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
    "monitors.stats": count_checkins,
    "monitors.stats_for_project": count_checkins,
    "monitors.checkins": list_checkins,
    "monitors.checkins_for_project": list_checkins,
    "uptime.list": list_url_monitors,
    "uptime.get": get_url_monitor,
    "uptime.checks": list_url_checks,
}
