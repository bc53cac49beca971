"""Operations on projects, their ownership rules and their service hooks."""

from typing import Final

from vedette.api.operations._operation import PROJECT, TEAM, Operation
from vedette.api.scopes import PROJECT_ADMIN, PROJECT_READ, PROJECT_WRITE

_KEYS: Final = f"{PROJECT}keys/"
_KEY: Final = f"{PROJECT}keys/{{key_id}}/"
_TEAM: Final = f"{PROJECT}teams/{{team_id_or_slug}}/"
_HOOKS: Final = f"{PROJECT}hooks/"
_HOOK: Final = f"{PROJECT}hooks/{{hook_id}}/"
_HAND_WRITTEN: Final = "The schema's list is written by hand and names one level; higher levels hold it."
_HOLDS_SECRETS: Final = "The answer holds secrets."
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
        _KEYS,
        PROJECT_READ,
        "List the client keys (DSNs) of a project",
        answers="list",
        paginated=True,
        note=_HOLDS_SECRETS,
    ),
    Operation(
        "projects.create_key",
        "POST",
        _KEYS,
        PROJECT_WRITE,
        "Create a client key of a project",
        repeatable=False,
        note=_HOLDS_SECRETS,
    ),
    Operation("projects.key", "GET", _KEY, PROJECT_READ, "Read one client key", note=_HOLDS_SECRETS),
    Operation(
        "projects.update_key",
        "PUT",
        _KEY,
        PROJECT_WRITE,
        "Change a client key: its name, its rate limit, whether it is active",
        note=f"{_HOLDS_SECRETS} An inactive key makes Sentry drop the events that come with it.",
    ),
    Operation(
        "projects.delete_key",
        "DELETE",
        _KEY,
        PROJECT_ADMIN,
        "Delete a client key",
        answers="nothing",
        note="Applications that send events with it are not heard any more.",
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
    Operation("projects.add_team", "POST", _TEAM, PROJECT_WRITE, "Give a team access to a project"),
    Operation(
        "projects.remove_team",
        "DELETE",
        _TEAM,
        PROJECT_WRITE,
        "Remove the access of a team to a project",
        note="A team without the project is answered with 200 too.",
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
