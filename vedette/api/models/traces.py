"""Traces: spans with what happened in them, as a tree."""

from typing import Any

from pydantic import Field

from vedette.api.models._base import SentryModel


class TraceItem(SentryModel):
    """A span of a trace, or an error outside of all spans; the names are Sentry's, in snake case."""

    event_id: str | None = Field(default=None, alias="event_id")
    parent_span_id: str | None = Field(default=None, alias="parent_span_id")
    project_slug: str = Field(default="", alias="project_slug")
    transaction: str | None = None
    op: str | None = None
    description: str | None = None
    duration: float | None = None
    """Milliseconds; None for an error."""
    title: str | None = None
    """Of an error; None for a span."""
    children: list["TraceItem"] = Field(default_factory=list["TraceItem"])
    errors: list[dict[str, Any]] = Field(default_factory=list[dict[str, Any]])
    occurrences: list[dict[str, Any]] = Field(default_factory=list[dict[str, Any]])


class TraceSummary(SentryModel):
    """The size of a trace."""

    errors: int = 0
    performance_issues: int = Field(default=0, alias="performance_issues")
    span_count: int = Field(default=0, alias="span_count")
    span_count_map: dict[str, int] = Field(default_factory=dict[str, int], alias="span_count_map")
    """The number of spans by their operation."""
    logs: int = 0


class TraceAttribute(SentryModel):
    """An attribute that queries can name."""

    key: str
    """The name in queries."""
    name: str = ""
    """The name for display."""
    attribute_type: str = ""
    """`string`, `number` or `boolean`."""
