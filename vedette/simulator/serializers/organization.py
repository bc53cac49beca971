"""The organization in Sentry's JSON form: short for lists, long with all its settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vedette.simulator.serializers.dates import zulu
from vedette.simulator.serializers.people import avatar, org_roles, team_json, team_roles
from vedette.simulator.serializers.project import project_json

if TYPE_CHECKING:
    from vedette.simulator.world.world import World

# What an organization starts with; PUT changes these, and nothing here reads them.
SETTINGS: dict[str, Any] = {
    "isEarlyAdopter": False,
    "require2FA": False,
    "defaultRole": "member",
    "openMembership": True,
    "allowSharedIssues": True,
    "enhancedPrivacy": False,
    "dataScrubber": True,
    "dataScrubberDefaults": True,
    "sensitiveFields": [],
    "safeFields": [],
    "storeCrashReports": 0,
    "attachmentsRole": "member",
    "debugFilesRole": "admin",
    "eventsMemberAdmin": True,
    "alertsMemberWrite": True,
    "scrubIPAddresses": False,
    "scrapeJavaScript": True,
    "allowJoinRequests": True,
    "relayPiiConfig": None,
    "relayDsnEndpoint": None,
    "trustedRelays": [],
    "hideAiFeatures": False,
    "hasGranularReplayPermissions": False,
    "replayAccessMembers": [],
    "issueAlertsThreadFlag": True,
    "metricAlertsThreadFlag": True,
}
_FIXED: dict[str, Any] = {
    "experiments": {},
    "isDefault": False,
    "pendingAccessRequests": 0,
    "aggregatedDataConsent": False,
    "isDynamicallySampled": False,
    "requiresSso": False,
    "defaultAutofixAutomationTuning": "off",
    "defaultSeerScannerAutomation": False,
    "enableSeerCoding": False,
    "defaultCodingAgent": "seer",
    "defaultCodingAgentIntegrationId": None,
    "defaultAutomatedRunStoppingPoint": "code_changes",
    "autoEnableCodeReview": False,
    "autoOpenPrs": False,
    "defaultCodeReviewTriggers": [],
}


def organization_json(world: World) -> dict[str, Any]:
    """Return the organization as lists show it; `links.regionUrl` is the base of its API."""
    settings = SETTINGS | world.organization_settings
    return {
        "id": str(world.organization_id),
        "slug": world.organization_slug,
        "status": {"id": "active", "name": "active"},
        "name": world.organization_name,
        "dateCreated": zulu(world.created),
        "isEarlyAdopter": settings["isEarlyAdopter"],
        "require2FA": settings["require2FA"],
        "avatar": avatar(),
        "links": {
            "organizationUrl": f"{world.base_url}/organizations/{world.organization_slug}",
            "regionUrl": world.base_url,
        },
        "hasAuthProvider": False,
        "allowMemberInvite": True,
        "allowMemberProjectCreation": True,
        "allowSuperuserAccess": False,
        "features": ["integrations-event-hooks", "discard-groups", "open-membership"],
        "access": ["event:read", "org:read", "project:read", "team:read"],
    }


def organization_detail_json(world: World, *, detailed: bool = True) -> dict[str, Any]:
    """Return the organization with its settings, and with teams and projects unless `detailed` is false."""
    found = {
        **organization_json(world),
        **_FIXED,
        **SETTINGS,
        **world.organization_settings,
        "orgRoleList": org_roles(),
        "teamRoleList": team_roles(),
    }
    if detailed:
        found["teams"] = [team_json(world, team) for team in world.teams.values()]
        found["projects"] = [project_json(world, project) for project in world.projects.values()]
    return found
