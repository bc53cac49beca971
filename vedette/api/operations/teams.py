"""Operations on teams."""

from typing import Final

from vedette.api.operations._operation import ORGANIZATION, TEAM, Operation
from vedette.api.scopes import ORG_READ, ORG_WRITE, PROJECT_READ, TEAM_ADMIN, TEAM_READ, TEAM_WRITE

TEAMS: Final = (
    Operation(
        "teams.list",
        "GET",
        f"{ORGANIZATION}teams/",
        ORG_READ,
        "List the teams of the organization",
        answers="list",
        paginated=True,
        page_size="per_page",
        note="`team:read` does not open it.",
    ),
    Operation(
        "teams.create",
        "POST",
        f"{ORGANIZATION}teams/",
        ORG_WRITE | {"team:write"},
        "Create a team",
        repeatable=False,
        note="A taken slug answers 404 or 409.",
    ),
    Operation("teams.get", "GET", TEAM, TEAM_READ, "Read one team"),
    Operation("teams.update", "PUT", TEAM, TEAM_WRITE, "Change the name or slug of a team"),
    Operation(
        "teams.delete",
        "DELETE",
        TEAM,
        TEAM_ADMIN,
        "Delete a team",
        answers="nothing",
        note="Its slug is free again at once.",
    ),
    Operation(
        "teams.projects",
        "GET",
        f"{TEAM}projects/",
        PROJECT_READ,
        "List the projects of a team",
        answers="list",
        paginated=True,
        note="No `team:` scope opens it.",
    ),
    Operation(
        "teams.members",
        "GET",
        f"{TEAM}members/",
        TEAM_READ,
        "List the members of a team",
        answers="list",
        paginated=True,
        note="The id for assigning is that of the row's user, not the row's.",
    ),
    Operation(
        "teams.mine",
        "GET",
        f"{ORGANIZATION}user-teams/",
        ORG_READ,
        "List the teams that the calling person is in",
        answers="list",
        needs_person=True,
    ),
)
