"""Operations on projects, their ownership rules and their service hooks."""

from typing import Final

from vedette.api.operations._operation import PROJECT, TEAM, Operation
from vedette.api.scopes import PROJECT_ADMIN, PROJECT_READ, PROJECT_WRITE

_HOOKS: Final = f"{PROJECT}hooks/"
_HOOK: Final = f"{PROJECT}hooks/{{hook_id}}/"
_HAND_WRITTEN: Final = "The schema's list is written by hand and names one level; higher levels hold it."
_READ_IS_ENOUGH: Final = "Sentry lets `project:read` through; a grant to read must not be one to write."

PROJECTS: Final = (
    Operation(
        "projects.create",
        "POST",
        f"{TEAM}projects/",
        PROJECT_WRITE,
        "Create a project owned by a team",
        repeatable=False,
        note="409 when the slug is taken. Where members may not create projects, org:write or team:admin is needed.",
    ),
    Operation("projects.get", "GET", PROJECT, PROJECT_READ, "Read one project"),
    Operation(
        "projects.update",
        "PUT",
        PROJECT,
        PROJECT_READ,
        "Change settings of a project",
        needs=PROJECT_WRITE,
        note="With `project:read` Sentry changes the caller's bookmark and little else.",
    ),
    Operation("projects.delete", "DELETE", PROJECT, PROJECT_ADMIN, "Delete a project", answers="nothing"),
    Operation(
        "projects.users",
        "GET",
        f"{PROJECT}users/",
        PROJECT_READ,
        "List the end users seen in a project's events",
        answers="list",
        paginated=True,
        note="The query must be prefixed: id:, email:, username: or ip:.",
    ),
    Operation(
        "projects.keys",
        "GET",
        f"{PROJECT}keys/",
        PROJECT_READ,
        "List the client keys (DSNs) of a project",
        answers="list",
        paginated=True,
        note="The answer holds secrets.",
    ),
    Operation(
        "projects.teams",
        "GET",
        f"{PROJECT}teams/",
        PROJECT_READ,
        "List the teams that have a project",
        answers="list",
        paginated=True,
    ),
    Operation(
        "projects.members", "GET", f"{PROJECT}members/", PROJECT_READ, "List the members of a project", answers="list"
    ),
    Operation(
        "projects.environments",
        "GET",
        f"{PROJECT}environments/",
        PROJECT_READ,
        "List the environments of a project",
        answers="list",
    ),
    Operation("projects.ownership", "GET", f"{PROJECT}ownership/", PROJECT_READ, "Read the ownership rules"),
    Operation(
        "projects.update_ownership",
        "PUT",
        f"{PROJECT}ownership/",
        PROJECT_READ,
        "Change the ownership rules",
        needs=PROJECT_WRITE,
        note=_READ_IS_ENOUGH,
    ),
    Operation(
        "projects.codeowners",
        "GET",
        f"{PROJECT}codeowners/",
        PROJECT_READ,
        "List the CODEOWNERS files of a project",
        answers="list",
        standing="private",
    ),
    Operation(
        "projects.add_codeowners",
        "POST",
        f"{PROJECT}codeowners/",
        PROJECT_WRITE,
        "Add a CODEOWNERS file",
        repeatable=False,
        standing="private",
    ),
    Operation(
        "projects.update_codeowners",
        "PUT",
        f"{PROJECT}codeowners/{{codeowners_id}}/",
        PROJECT_WRITE,
        "Change a CODEOWNERS file",
        standing="private",
    ),
    Operation(
        "projects.delete_codeowners",
        "DELETE",
        f"{PROJECT}codeowners/{{codeowners_id}}/",
        PROJECT_WRITE,
        "Remove a CODEOWNERS file",
        answers="nothing",
        standing="private",
    ),
    Operation(
        "projects.hooks",
        "GET",
        _HOOKS,
        PROJECT_READ,
        "List the service hooks of a project",
        answers="list",
        paginated=True,
        note="Behind a feature flag: 403 without it.",
        differs=_HAND_WRITTEN,
    ),
    Operation(
        "projects.create_hook",
        "POST",
        _HOOKS,
        PROJECT_WRITE,
        "Register a service hook",
        repeatable=False,
        differs=_HAND_WRITTEN,
    ),
    Operation("projects.hook", "GET", _HOOK, PROJECT_READ, "Read one service hook", differs=_HAND_WRITTEN),
    Operation("projects.update_hook", "PUT", _HOOK, PROJECT_WRITE, "Change a service hook", differs=_HAND_WRITTEN),
    Operation("projects.delete_hook", "DELETE", _HOOK, PROJECT_ADMIN, "Remove a service hook", answers="nothing"),
    Operation(
        "projects.send_feedback",
        "POST",
        f"{PROJECT}user-feedback/",
        PROJECT_WRITE,
        "Send what an end user says about an event",
        takes_dsn=True,
        repeatable=False,
        deprecated="Sentry's own feedback widget",
    ),
)
