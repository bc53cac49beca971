"""Operations on monitors of scheduled jobs and of uptime; they only read."""

from typing import Final

from vedette.api.operations._operation import ORGANIZATION, PROJECT, Operation
from vedette.api.scopes import ALERTS_READ, ORG_READ, PROJECT_READ

_MONITORS: Final = f"{ORGANIZATION}monitors/"
_MONITOR: Final = f"{_MONITORS}{{monitor_id_or_slug}}/"
_MONITOR_OF_PROJECT: Final = f"{PROJECT}monitors/{{monitor_id_or_slug}}/"
_UPTIME: Final = f"{PROJECT}uptime/{{uptime_detector_id}}/"
_UPTIME_READ: Final = PROJECT_READ | {"alerts:read"}

MONITORS: Final = (
    Operation(
        "monitors.list",
        "GET",
        _MONITORS,
        ALERTS_READ,
        "List the monitors of scheduled jobs",
        answers="list",
        paginated=True,
        page_size="per_page",
    ),
    Operation("monitors.get", "GET", _MONITOR, PROJECT_READ, "Read the monitor of a scheduled job"),
    Operation(
        "monitors.checkins",
        "GET",
        f"{_MONITOR}checkins/",
        PROJECT_READ,
        "List the check-ins of a scheduled job, newest first",
        answers="list",
        paginated=True,
        page_size="per_page",
    ),
    Operation(
        "monitors.stats",
        "GET",
        f"{_MONITOR}stats/",
        PROJECT_READ,
        "Count the check-ins of a scheduled job by time and status",
        answers="list",
        standing="private",
    ),
    Operation(
        "monitors.get_for_project",
        "GET",
        _MONITOR_OF_PROJECT,
        PROJECT_READ,
        "Read the monitor of a scheduled job of a project",
    ),
    Operation(
        "monitors.checkins_for_project",
        "GET",
        f"{_MONITOR_OF_PROJECT}checkins/",
        PROJECT_READ,
        "List the check-ins of a scheduled job of a project, newest first",
        answers="list",
        paginated=True,
        page_size="per_page",
    ),
    Operation(
        "monitors.stats_for_project",
        "GET",
        f"{_MONITOR_OF_PROJECT}stats/",
        PROJECT_READ,
        "Count the check-ins of a scheduled job of a project by time and status",
        answers="list",
        standing="private",
    ),
    Operation(
        "uptime.list",
        "GET",
        f"{ORGANIZATION}uptime/",
        ORG_READ,
        "List the uptime monitors of the organization",
        answers="list",
        paginated=True,
        page_size="per_page",
        standing="experimental",
    ),
    Operation("uptime.get", "GET", _UPTIME, _UPTIME_READ, "Read one uptime monitor", standing="experimental"),
    Operation(
        "uptime.checks",
        "GET",
        f"{_UPTIME}checks/",
        _UPTIME_READ,
        "List the checks of an uptime monitor, newest first",
        answers="list",
        paginated=True,
        page_size="per_page",
        standing="experimental",
    ),
)
