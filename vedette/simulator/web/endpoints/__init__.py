"""The endpoints of the simulated API, a module per subject; each gives a table of operation name -> function."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vedette.simulator.web.endpoints.apps import APPS
from vedette.simulator.web.endpoints.auth import AUTH
from vedette.simulator.web.endpoints.client_keys import CLIENT_KEYS
from vedette.simulator.web.endpoints.comments import COMMENTS
from vedette.simulator.web.endpoints.event_details import EVENT_DETAILS
from vedette.simulator.web.endpoints.events import EVENTS
from vedette.simulator.web.endpoints.issue_links import ISSUE_LINKS
from vedette.simulator.web.endpoints.issue_lists import ISSUE_LISTS
from vedette.simulator.web.endpoints.issue_related import ISSUE_DETAILS
from vedette.simulator.web.endpoints.issues import ISSUES
from vedette.simulator.web.endpoints.members import MEMBERS
from vedette.simulator.web.endpoints.monitoring.alerts import ALERTS
from vedette.simulator.web.endpoints.monitoring.dashboards import DASHBOARDS
from vedette.simulator.web.endpoints.monitoring.monitors import MONITORS
from vedette.simulator.web.endpoints.monitoring.queries import QUERIES
from vedette.simulator.web.endpoints.monitoring.traces import TRACES
from vedette.simulator.web.endpoints.organizations import ORGANIZATIONS
from vedette.simulator.web.endpoints.project_rules import PROJECT_RULES
from vedette.simulator.web.endpoints.projects import PROJECTS
from vedette.simulator.web.endpoints.releases import RELEASES
from vedette.simulator.web.endpoints.repositories import REPOSITORIES
from vedette.simulator.web.endpoints.service_hooks import SERVICE_HOOKS
from vedette.simulator.web.endpoints.teams import TEAMS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vedette.simulator.web.call import Handler

ENDPOINTS: Mapping[str, Handler] = {
    **AUTH,
    **ISSUES,
    **ISSUE_LISTS,
    **COMMENTS,
    **ISSUE_DETAILS,
    **ISSUE_LINKS,
    **EVENTS,
    **EVENT_DETAILS,
    **QUERIES,
    **TRACES,
    **MONITORS,
    **DASHBOARDS,
    **ORGANIZATIONS,
    **REPOSITORIES,
    **PROJECTS,
    **CLIENT_KEYS,
    **PROJECT_RULES,
    **SERVICE_HOOKS,
    **TEAMS,
    **MEMBERS,
    **RELEASES,
    **ALERTS,
    **APPS,
}
"""Operation name, as in `vedette.api.operations`, -> what answers it."""
