"""The endpoints of the simulated API, a module per subject; each gives a table of operation name -> function."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vedette.simulator.endpoints.alerts import ALERTS
from vedette.simulator.endpoints.apps import APPS
from vedette.simulator.endpoints.auth import AUTH
from vedette.simulator.endpoints.comments import COMMENTS
from vedette.simulator.endpoints.event_details import EVENT_DETAILS
from vedette.simulator.endpoints.events import EVENTS
from vedette.simulator.endpoints.issue_details import ISSUE_DETAILS
from vedette.simulator.endpoints.issue_links import ISSUE_LINKS
from vedette.simulator.endpoints.issue_lists import ISSUE_LISTS
from vedette.simulator.endpoints.issues import ISSUES
from vedette.simulator.endpoints.members import MEMBERS
from vedette.simulator.endpoints.organizations import ORGANIZATIONS
from vedette.simulator.endpoints.project_rules import PROJECT_RULES
from vedette.simulator.endpoints.projects import PROJECTS
from vedette.simulator.endpoints.releases import RELEASES
from vedette.simulator.endpoints.repositories import REPOSITORIES
from vedette.simulator.endpoints.service_hooks import SERVICE_HOOKS
from vedette.simulator.endpoints.teams import TEAMS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vedette.simulator.api import Handler

ENDPOINTS: Mapping[str, Handler] = {
    **AUTH,
    **ISSUES,
    **ISSUE_LISTS,
    **COMMENTS,
    **ISSUE_DETAILS,
    **ISSUE_LINKS,
    **EVENTS,
    **EVENT_DETAILS,
    **ORGANIZATIONS,
    **REPOSITORIES,
    **PROJECTS,
    **PROJECT_RULES,
    **SERVICE_HOOKS,
    **TEAMS,
    **MEMBERS,
    **RELEASES,
    **ALERTS,
    **APPS,
}
"""Operation name, as in `vedette.api.operations`, -> what answers it."""
