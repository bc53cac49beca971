"""The endpoints of the simulated API, a module per subject; each gives a table of operation name -> function."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vedette.simulator.endpoints.auth import AUTH
from vedette.simulator.endpoints.comments import COMMENTS
from vedette.simulator.endpoints.issues import ISSUES
from vedette.simulator.endpoints.members import MEMBERS
from vedette.simulator.endpoints.organizations import ORGANIZATIONS
from vedette.simulator.endpoints.projects import PROJECTS
from vedette.simulator.endpoints.teams import TEAMS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vedette.simulator.api import Handler

ENDPOINTS: Mapping[str, Handler] = {**AUTH, **ISSUES, **COMMENTS, **ORGANIZATIONS, **PROJECTS, **TEAMS, **MEMBERS}
"""Operation name, as in `vedette.api.operations`, -> what answers it."""
