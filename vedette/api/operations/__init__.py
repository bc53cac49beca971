"""The one table of Sentry's operations.

The client builds its requests from it, access control checks grants against it, the simulated Sentry routes by it, and
the documentation is written from it, so that none of them can disagree about a path or a scope.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from vedette.api.operations._operation import Answers, Host, Limit, Method, Operation, PageSize, Standing, TokenKind
from vedette.api.operations.alerts import ALERTS
from vedette.api.operations.apps import APPS
from vedette.api.operations.auth import AUTH
from vedette.api.operations.dashboards import DASHBOARDS
from vedette.api.operations.events import EVENTS
from vedette.api.operations.issue_related import ISSUE_DETAILS
from vedette.api.operations.issues import ISSUES
from vedette.api.operations.members import MEMBERS
from vedette.api.operations.monitors import MONITORS
from vedette.api.operations.organizations import ORGANIZATIONS
from vedette.api.operations.projects import PROJECTS
from vedette.api.operations.releases import RELEASES
from vedette.api.operations.teams import TEAMS
from vedette.api.operations.traces import TRACES

OPERATIONS: Final[Mapping[str, Operation]] = MappingProxyType(
    {
        operation.name: operation
        for table in (
            ISSUES,
            ISSUE_DETAILS,
            EVENTS,
            PROJECTS,
            ORGANIZATIONS,
            TEAMS,
            RELEASES,
            MEMBERS,
            ALERTS,
            APPS,
            MONITORS,
            DASHBOARDS,
            TRACES,
            AUTH,
        )
        for operation in table
    }
)
"""Every operation by its name, for example `OPERATIONS["issues.update"]`."""

__all__ = [
    "OPERATIONS",
    "Answers",
    "Host",
    "Limit",
    "Method",
    "Operation",
    "PageSize",
    "Standing",
    "TokenKind",
]
