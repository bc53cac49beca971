"""A project in Sentry's JSON form: short for lists, long with all its settings; and its client keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vedette.simulator.serializers.dates import zulu
from vedette.simulator.serializers.people import avatar

if TYPE_CHECKING:
    from vedette.simulator.world.people import Team
    from vedette.simulator.world.projects import ClientKey, Project
    from vedette.simulator.world.world import World

# Products that the simulated organization does not use.
_HAS_NOT = [
    "Feedbacks",
    "Flags",
    "MinifiedStackTrace",
    "Monitors",
    "NewFeedbacks",
    "Profiles",
    "Replays",
    "Sessions",
    "InsightsHttp",
    "InsightsDb",
    "InsightsAssets",
    "InsightsAppStart",
    "InsightsScreenLoad",
    "InsightsVitals",
    "InsightsCaches",
    "InsightsQueues",
    "InsightsAgentMonitoring",
    "InsightsMCP",
    "Logs",
    "TraceMetrics",
]

# What a project starts with; PUT changes these, and nothing here reads them.
SETTINGS: dict[str, Any] = {
    "subjectPrefix": "[Sentry] ",
    "subjectTemplate": "$shortID - $title",
    "resolveAge": 0,
    "highlightContext": {},
    "highlightTags": [],
    "enableAutoReleaseCreation": False,
    "scmSourceContextEnabled": False,
    "isBookmarked": False,
    "autofixAutomationTuning": "off",
    "seerScannerAutomation": False,
}
_FIXED: dict[str, Any] = {
    "isInternal": False,
    "isPublic": False,
    "color": "#3fbf7f",
    "status": "active",
    "options": {},
    "digestsMinDelay": 300,
    "digestsMaxDelay": 1800,
    "allowedDomains": ["*"],
    "dataScrubber": True,
    "dataScrubberDefaults": True,
    "safeFields": [],
    "storeCrashReports": None,
    "sensitiveFields": [],
    "securityToken": "",
    "securityTokenHeader": None,
    "verifySSL": False,
    "scrubIPAddresses": False,
    "scrapeJavaScript": True,
    "highlightPreset": {"tags": [], "context": {}},
    "groupingConfig": "newstyle:2026-01-20",
    "derivedGroupingEnhancements": "",
    "groupingEnhancements": "",
    "secondaryGroupingExpiry": 0,
    "secondaryGroupingConfig": None,
    "fingerprintingRules": "",
    "processingIssues": 0,
    "defaultEnvironment": None,
    "relayPiiConfig": None,
    "builtinSymbolSources": [],
    "dynamicSamplingBiases": [],
    "symbolSources": "[]",
    "isDynamicallySampled": False,
    "tempestFetchScreenshots": False,
    "debugFilesRole": None,
    "seerNightshiftTweaks": None,
}


def _short_team(team: Team) -> dict[str, str]:
    return {"id": str(team.id), "name": team.name, "slug": team.slug}


def latest_release(world: World, project: Project) -> dict[str, str] | None:
    """Return the project's newest release, as `latestRelease` names it."""
    versions = [release for release in world.releases.values() if project in release.projects]
    return {"version": max(versions, key=lambda release: release.created).version} if versions else None


def project_json(world: World, project: Project) -> dict[str, Any]:
    """Return a project as lists show it."""
    teams = [_short_team(team) for team in project.teams]
    return {
        "id": str(project.id),
        "slug": project.slug,
        "name": project.name,
        "platform": project.platform,
        "dateCreated": zulu(project.created),
        "isBookmarked": project.settings.get("isBookmarked", False),
        "isMember": False,
        "features": ["releases", "alert-filters"],
        "firstEvent": zulu(project.first_event),
        "firstTransactionEvent": False,
        "access": ["event:read", "project:read"],
        "hasAccess": True,
        **{f"has{product}": False for product in _HAS_NOT},
        "team": teams[0] if teams else None,
        "teams": teams,
        "platforms": [project.platform] if project.platform else [],
        "hasUserReports": False,
        "environments": sorted(project.environments),
        "latestRelease": latest_release(world, project),
    }


def project_detail_json(world: World, project: Project, organization: dict[str, Any]) -> dict[str, Any]:
    """Return one project with its settings and its organization (in the short form)."""
    return {
        **project_json(world, project),
        **_FIXED,
        **SETTINGS,
        **project.settings,
        "avatar": avatar(),
        "organization": organization,
    }


def key_json(world: World, project: Project, key: ClientKey) -> dict[str, Any]:
    """Return a client key of the project, its secret included."""
    host = world.base_url.partition("://")[2]
    dsn = f"http://{key.public}@{host}/{project.id}"
    root = f"{world.base_url}/api/{project.id}"
    kinds = [
        "csp",
        "security",
        "minidump",
        "nel",
        "unreal",
        "crons",
        "cdn",
        "playstation",
        "integration",
        "otlp_traces",
        "otlp_logs",
    ]
    return {
        "id": key.public,
        "name": key.label,
        "label": key.label,
        "public": key.public,
        "secret": key.secret,
        "projectId": project.id,
        "isActive": key.is_active,
        "rateLimit": key.rate_limit,
        "dsn": {
            "secret": dsn.replace("@", f":{key.secret}@", 1),
            "public": dsn,
            **{kind: f"{root}/{kind.replace('_', '/')}/?sentry_key={key.public}" for kind in kinds},
        },
        "browserSdkVersion": key.browser_sdk_version,
        "browserSdk": {"choices": [["latest", "latest"], ["10.x", "10.x"]]},
        "dateCreated": zulu(key.created),
        "dynamicSdkLoaderOptions": {
            "hasReplay": False,
            "hasPerformance": False,
            "hasDebug": False,
            "hasFeedback": False,
            "hasLogsAndMetrics": False,
            **key.loader_options,
        },
    }
