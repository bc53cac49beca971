"""Operations on releases, their commits and deploys."""

from typing import Final

from vedette.api.operations._operation import ORGANIZATION, PROJECT, RELEASE, Operation
from vedette.api.scopes import RELEASE_ADMIN, RELEASE_READ, RELEASE_WRITE

RELEASES: Final = (
    Operation(
        "releases.list",
        "GET",
        f"{ORGANIZATION}releases/",
        RELEASE_READ,
        "List the releases of the organization, newest first",
        answers="list",
        paginated=True,
        page_size="per_page",
    ),
    Operation(
        "releases.list_for_project",
        "GET",
        f"{PROJECT}releases/",
        RELEASE_READ,
        "List the releases of a project, newest first",
        answers="list",
        paginated=True,
        page_size="per_page",
        standing="private",
    ),
    Operation(
        "releases.create",
        "POST",
        f"{ORGANIZATION}releases/",
        RELEASE_WRITE,
        "Create a release",
        note="208 when the version exists: repeating it is safe.",
    ),
    Operation(
        "releases.get",
        "GET",
        RELEASE,
        RELEASE_READ,
        "Read one release",
        note="The version is percent-encoded in the path: it can hold `@`, `+` and `/`.",
    ),
    Operation(
        "releases.update",
        "PUT",
        RELEASE,
        RELEASE_WRITE,
        "Change ref, url, date or commits of a release",
        note="Setting commits can resolve issues that their messages name.",
    ),
    Operation("releases.delete", "DELETE", RELEASE, RELEASE_ADMIN, "Delete a release and its files", answers="nothing"),
    Operation(
        "releases.commits",
        "GET",
        f"{RELEASE}commits/",
        RELEASE_READ,
        "List the commits of a release",
        answers="list",
        paginated=True,
    ),
    Operation(
        "releases.deploys",
        "GET",
        f"{RELEASE}deploys/",
        RELEASE_READ,
        "List the deploys of a release",
        answers="list",
        paginated=True,
    ),
    Operation(
        "releases.create_deploy",
        "POST",
        f"{RELEASE}deploys/",
        RELEASE_WRITE,
        "Record a deploy of a release",
        repeatable=False,
        note="A repeat makes a second deploy.",
    ),
)
