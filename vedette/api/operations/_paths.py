"""The beginnings that most paths share, so that a line of the table shows what is its own."""

from typing import Final

ROOT: Final = "/api/0/"
ORGANIZATION: Final = "/api/0/organizations/{organization_id_or_slug}/"
PROJECT: Final = "/api/0/projects/{organization_id_or_slug}/{project_id_or_slug}/"
TEAM: Final = "/api/0/teams/{organization_id_or_slug}/{team_id_or_slug}/"
ISSUE: Final = f"{ORGANIZATION}issues/{{issue_id}}/"
RELEASE: Final = f"{ORGANIZATION}releases/{{version}}/"
