"""Repositories with their commits, and installed integrations of other makers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vedette.simulator.serializers.releases import commit_json, repository_json
from vedette.simulator.web.call import ApiCall, EndpointResponse, not_found
from vedette.simulator.web.endpoints.issue_links import TRACKER
from vedette.simulator.web.paging import paginate
from vedette.simulator.world.id_parsing import as_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vedette.simulator.web.call import Handler


def repositories(call: ApiCall) -> EndpointResponse:
    """List repositories."""
    return paginate(call, list(call.world.repositories.values()), repository_json)


def commits(call: ApiCall) -> EndpointResponse:
    """List a repository's commits, newest first."""
    repository = call.world.repositories.get(as_id(call.path["repo_id"]) or 0)
    if repository is None:
        raise not_found()
    return paginate(call, repository.commits[::-1], lambda commit: commit_json(call.world, commit))


def integrations(call: ApiCall) -> EndpointResponse:
    """List installed integrations: the one tracker."""

    def as_json(integration: dict[str, Any]) -> dict[str, Any]:
        return integration | {
            "configOrganization": [],
            "configData": {},
            "externalId": "1",
            "organizationId": call.world.organization_id,
            "organizationIntegrationStatus": "active",
            "gracePeriodEnd": None,
        }

    return paginate(call, [TRACKER], as_json)


REPOSITORIES: Mapping[str, Handler] = {
    "organizations.repositories": repositories,
    "organizations.repository_commits": commits,
    "organizations.integrations": integrations,
}
