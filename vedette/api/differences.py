"""The table of differences between versions of Sentry: sentry.io as of 2026, and older servers as observed.

Sentry's API does not report its version, so a row is recognised by the answers of a server. Errors take their advice
from here, `sentry.server` shows the rows that apply, and docs/api.md has them as a table.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference between sentry.io and older servers."""

    name: str
    """A short name, for people."""
    newer: str
    """The behaviour of sentry.io."""
    older: str
    """The behaviour of older servers."""
    seen_in: tuple[str, ...]
    """Versions that were seen to do so, or have no such route in their source."""
    routes: frozenset[str] = frozenset()
    """Operations without a route on an older server; one of a fixed id is written `operation/id`."""
    refused: frozenset[str] = frozenset()
    """Operations that an older server refuses to every token."""


_SEEN: Final = ("23.7.1",)

DIFFERENCES: Final = (
    Difference(
        "Seer",
        "starts and shows autofix runs",
        "no such route",
        _SEEN,
        routes=frozenset({"issues.autofix", "issues.start_autofix"}),
    ),
    Difference(
        "the recommended event",
        "an issue has one",
        "no such route: use `latest`",
        _SEEN,
        routes=frozenset({"events.get_for_issue/recommended"}),
    ),
    Difference(
        "workflows and detectors",
        "alerts are made of them",
        "no such routes: alerts have their older form",
        _SEEN,
        routes=frozenset(
            {
                "alerts.workflows",
                "alerts.create_workflow",
                "alerts.workflow",
                "alerts.update_workflow",
                "alerts.delete_workflow",
                "alerts.detectors",
                "alerts.detector",
            }
        ),
    ),
    Difference(
        "traces and checks of queries",
        "read and checked by the API",
        "no such routes",
        _SEEN,
        routes=frozenset({"events.validate", "traces.get", "traces.summary", "traces.attributes"}),
    ),
    Difference(
        "uptime",
        "URLs are monitored",
        "no such routes",
        _SEEN,
        routes=frozenset({"uptime.list", "uptime.get", "uptime.checks"}),
    ),
    Difference(
        "monitors by project",
        "found under their project too",
        "no such routes: leave the project out",
        _SEEN,
        routes=frozenset({"monitors.get_for_project", "monitors.checkins_for_project", "monitors.stats_for_project"}),
    ),
    Difference(
        "regions",
        "an organization lives in one",
        "no such routes: there is one host",
        _SEEN,
        routes=frozenset({"organizations.region", "auth.regions"}),
    ),
    Difference(
        "the log of webhooks",
        "at `/webhook-requests/`",
        "at `/requests/`, without `start` and `end`; the client asks there automatically",
        _SEEN,
        routes=frozenset({"apps.webhook_requests"}),
    ),
    Difference(
        "rotating a client secret",
        "by the API",
        "no such route: make a new integration",
        _SEEN,
        routes=frozenset({"apps.rotate_secret"}),
    ),
    Difference(
        "deleting an integration",
        "a person's token with `org:admin`",
        "403 for every token: delete it in Sentry's settings",
        _SEEN,
        refused=frozenset({"apps.delete"}),
    ),
    Difference(
        "CODEOWNERS",
        "read and changed with the project's scopes, where the plan has them",
        "403 for every token",
        _SEEN,
        refused=frozenset(
            {
                "projects.codeowners",
                "projects.add_codeowners",
                "projects.update_codeowners",
                "projects.delete_codeowners",
            }
        ),
    ),
    Difference(
        "projects in queries",
        "ids or slugs",
        "ids alone: a slug is a 400; the client's bulk calls send ids",
        _SEEN,
    ),
    Difference(
        "priority",
        "issues have one",
        "accepted and dropped: the change says `unconfirmed`",
        _SEEN,
    ),
    Difference(
        "an invitation's user",
        "null",
        "an empty object after an update; read as no assignee",
        _SEEN,
    ),
)

BY_ROUTE: Final[Mapping[str, Difference]] = MappingProxyType(
    {route: row for row in DIFFERENCES for route in row.routes}
)
"""The row of a route that older servers do not have."""

BY_REFUSAL: Final[Mapping[str, Difference]] = MappingProxyType(
    {name: row for row in DIFFERENCES for name in row.refused}
)
"""The row of an operation that older servers refuse to everybody."""


def route_of(operation: str, parameters: Mapping[str, str]) -> str:
    """Return the name by which the table knows a call's route."""
    event = parameters.get("event_id", "")
    return f"{operation}/{event}" if event and f"{operation}/{event}" in BY_ROUTE else operation
