"""`sentry.monitors` and `sentry.uptime`: monitors of scheduled jobs, and of URLs."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from vedette.api.call import Call
from vedette.api.models import Monitor, MonitorCheckIn, MonitorStats, UptimeCheck, UptimeMonitor
from vedette.api.paging import Pages
from vedette.api.resources._caller import ApiResource


class Monitors(ApiResource):
    """Monitors of scheduled jobs, named by slug or id. A grant that is limited to projects needs the project named."""

    def list(
        self, query: str | None = None, *, project: Collection[str | int] = (), environment: Collection[str] = ()
    ) -> Pages[Monitor]:
        """List the monitors; the query searches names and slugs."""
        query_ = {"query": query, "project": project, "environment": environment}
        return Pages(self._core, Monitor, self._core.call("monitors.list", query=query_))

    async def get(self, monitor: str, *, project: str | None = None) -> Monitor:
        """Read one monitor, of the project if one is named."""
        name = "monitors.get" if project is None else "monitors.get_for_project"
        return await self._core.read(Monitor, self._call(name, monitor, project))

    def checkins(
        self, monitor: str, *, project: str | None = None, environment: Collection[str] = (), stats_period: str = "24h"
    ) -> Pages[MonitorCheckIn]:
        """List the check-ins of a monitor within a time, newest first."""
        name = "monitors.checkins" if project is None else "monitors.checkins_for_project"
        query = {"environment": environment, "statsPeriod": stats_period}
        return Pages(self._core, MonitorCheckIn, self._call(name, monitor, project, query))

    async def stats(
        self, monitor: str, *, since: datetime, until: datetime, project: str | None = None, resolution: str = "1h"
    ) -> Sequence[MonitorStats]:
        """Count the check-ins of a monitor, in intervals of a length such as `1h`."""
        name = "monitors.stats" if project is None else "monitors.stats_for_project"
        query = {
            "since": str(int(since.timestamp())),
            "until": str(int(until.timestamp())),
            "resolution": resolution,
        }
        return await self._core.read_list(MonitorStats, self._call(name, monitor, project, query))

    def _call(
        self, name: str, monitor: str, project: str | None, query: Mapping[str, str | Collection[str]] | None = None
    ) -> Call:
        of_project = {} if project is None else {"project_id_or_slug": project}
        parameters = {"monitor_id_or_slug": monitor, **of_project}
        return self._core.call(name, parameters, query=query, project=project)


class Uptime(ApiResource):
    """Monitors of URLs, named by project and id."""

    def list(
        self, query: str | None = None, *, project: Collection[str | int] = (), environment: Collection[str] = ()
    ) -> Pages[UptimeMonitor]:
        """List the uptime monitors; the query searches names and URLs."""
        query_ = {"query": query, "project": project, "environment": environment}
        return Pages(self._core, UptimeMonitor, self._core.call("uptime.list", query=query_))

    async def get(self, project: str, monitor: str) -> UptimeMonitor:
        """Read one uptime monitor."""
        return await self._core.read(UptimeMonitor, self._call("uptime.get", project, monitor))

    def checks(self, project: str, monitor: str, *, stats_period: str = "24h") -> Pages[UptimeCheck]:
        """List its checks within a time, newest first."""
        call = self._call("uptime.checks", project, monitor, {"statsPeriod": stats_period})
        return Pages(self._core, UptimeCheck, call, seen_as=lambda data: data.get("uptimeCheckId"))

    def _call(self, name: str, project: str, monitor: str, query: dict[str, str] | None = None) -> Call:
        parameters = {"project_id_or_slug": project, "uptime_detector_id": monitor}
        return self._core.call(name, parameters, query=query, project=project)
