"""`sentry.dashboards`: dashboards and the queries of their widgets."""

from typing import Literal

from vedette.api.models import Dashboard
from vedette.api.paging import Pages
from vedette.api.resources._caller import ApiResource

DashboardOrder = Literal["title", "-title", "dateCreated", "-dateCreated", "mostPopular", "recentlyViewed"]


class Dashboards(ApiResource):
    """Dashboards, named by their ids."""

    def list(self, query: str | None = None, *, sort: DashboardOrder | None = None) -> Pages[Dashboard]:
        """List the dashboards, without their widgets.

        Args:
            query: A part of the title.
            sort: By default the newest come first.
        """
        return Pages(self._core, Dashboard, self._core.call("dashboards.list", query={"query": query, "sort": sort}))

    async def get(self, dashboard: str) -> Dashboard:
        """Read one dashboard with its widgets."""
        return await self._core.read(Dashboard, self._core.call("dashboards.get", {"dashboard_id": dashboard}))
