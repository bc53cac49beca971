"""Operations on the organization and on the objects that it owns as a whole."""

from typing import Final

from vedette.api.operations._operation import ORGANIZATION, ROOT, Operation
from vedette.api.scopes import ORG_READ, ORG_WRITE

ORGANIZATIONS: Final = (
    Operation(
        "organizations.list",
        "GET",
        f"{ROOT}organizations/",
        ORG_READ,
        "List the organizations that the token reaches",
        answers="list",
        paginated=True,
        page_size="per_page",
        note="Of the asked region alone.",
    ),
    Operation("organizations.get", "GET", ORGANIZATION, ORG_READ, "Read the organization"),
    Operation(
        "organizations.update",
        "PUT",
        ORGANIZATION,
        ORG_WRITE,
        "Change settings of the organization",
        note="A new slug moves every path.",
    ),
    Operation(
        "organizations.projects",
        "GET",
        f"{ORGANIZATION}projects/",
        ORG_READ,
        "List the projects of the organization",
        answers="list",
        paginated=True,
        page_size="per_page",
        note="`project:read` alone does not open it.",
    ),
    Operation(
        "organizations.repositories",
        "GET",
        f"{ORGANIZATION}repos/",
        ORG_READ | {"org:ci", "org:integrations"},
        "List the repositories of the organization",
        answers="list",
        paginated=True,
        note="Their names are what resolving in a commit wants.",
    ),
    Operation(
        "organizations.repository_commits",
        "GET",
        f"{ORGANIZATION}repos/{{repo_id}}/commits/",
        ORG_READ,
        "List the commits of a repository",
        answers="list",
        paginated=True,
    ),
    Operation(
        "organizations.integrations",
        "GET",
        f"{ORGANIZATION}integrations/",
        ORG_READ | {"org:integrations"},
        "List the installed integrations (GitHub, Jira, Slack and others)",
        answers="list",
        paginated=True,
    ),
    Operation(
        "organizations.environments",
        "GET",
        f"{ORGANIZATION}environments/",
        ORG_READ,
        "List the environments of the organization",
        answers="list",
    ),
    Operation(
        "organizations.tags", "GET", f"{ORGANIZATION}tags/", ORG_READ, "List the tag keys in use", answers="list"
    ),
    Operation(
        "organizations.region",
        "GET",
        f"{ORGANIZATION}region/",
        frozenset({"project:read", "org:ci", "org:read"}),
        "Read in which region the organization lives",
        host="control",
        standing="private",
        note="`project:read` for an integration, `org:ci` for an organization token, `org:read` for a person.",
    ),
)
