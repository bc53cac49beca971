"""`sentry.traces`: the spans and errors of a trace."""

from collections.abc import Collection
from typing import Literal

from vedette.api.models import TraceAttribute, TraceItem, TraceSummary
from vedette.api.paging import Pages
from vedette.api.resources._caller import ApiResource


class Traces(ApiResource):
    """A trace is named by its id: 32 hexadecimal digits, `contexts.trace.trace_id` of an event."""

    async def get(self, trace: str, *, stats_period: str | None = None, error: str | None = None) -> list[TraceItem]:
        """Read the spans and errors of a trace, as a list of trees; empty if it does not exist.

        Args:
            trace: Its id.
            stats_period: `24h`, `14d`.
            error: The id of an event that is to be among the errors.
        """
        query = {"statsPeriod": stats_period, "errorId": error}
        return await self._core.read_list(TraceItem, self._core.call("traces.get", {"trace_id": trace}, query=query))

    async def summary(self, trace: str, *, stats_period: str | None = None) -> TraceSummary:
        """Read how many spans and errors it has."""
        query = {"statsPeriod": stats_period}
        return await self._core.read(TraceSummary, self._core.call("traces.summary", {"trace_id": trace}, query=query))

    def attributes(
        self,
        kind: Literal["spans", "logs", "tracemetrics"] = "spans",
        *,
        text: str | None = None,
        project: Collection[str | int] = (),
    ) -> Pages[TraceAttribute]:
        """List the attributes that queries can name; `text` is a part of the name."""
        query = {"itemType": kind, "substringMatch": text, "project": project}
        call = self._core.call("traces.attributes", query=query)
        return Pages(self._core, TraceAttribute, call, seen_as=lambda data: data.get("key"))
