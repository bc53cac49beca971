"""Differences between the servers that can be simulated: sentry.io and an old self-hosted one.

The differences of `self-hosted-23` were seen on a running Sentry 23.7.1 in November 2026.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from vedette.simulator.web.call import ApiError, forbidden

if TYPE_CHECKING:
    from vedette.api.operations import Operation

ServerName = Literal["saas", "self-hosted-23"]


@dataclass(frozen=True, slots=True)
class ServerProfile:
    """One kind of server.

    Attributes:
        name: its name in options.
        version: the sender's version in webhooks.
        missing: operations without a route: 404 and no body at all, for any token.
        restricted: operations that it refuses to every token, with 403.
        webhook_requests: the last part of the delivery log's path.
        numeric_projects: whether `project=` takes numbers only, in bulk calls.
        priorities: whether issues have a priority; without, a priority that is sent is dropped, and answered with 200.
        idempotency_keys: whether webhooks carry an `Idempotency-Key`.
        recommended_event: whether an issue has one.
        webhook_urls: whether the issue of a webhook names its addresses.
        features_on_request: whether an organization's details name its features only with `include_feature_flags=1`.
        brief_log: whether the delivery log has only kind, time and answer of a request that went well.
        rate_limits: whether calls are limited and the headers of the limits sent.
        pending_user: the user of a pending invitation, in the answer to a change.
    """

    name: ServerName
    version: str
    missing: frozenset[str] = frozenset()
    restricted: frozenset[str] = frozenset()
    webhook_requests: str = "webhook-requests"
    numeric_projects: bool = False
    priorities: bool = True
    idempotency_keys: bool = True
    recommended_event: bool = True
    webhook_urls: bool = True
    features_on_request: bool = True
    brief_log: bool = False
    rate_limits: bool = True
    pending_user: dict[str, str] | None = None

    def check_route(self, operation: Operation, path: str) -> None:
        """Refuse what this server has no route for.

        Raises:
            ApiError: 404 with no body at all, as Sentry answers unknown routes.
        """
        last = path.rstrip("/").rpartition("/")[2]
        is_missing = operation.name in self.missing or (last == "recommended" and not self.recommended_event)
        if is_missing or (operation.name == "apps.webhook_requests" and last != self.webhook_requests):
            raise ApiError(404, None)

    def check_permission(self, operation: Operation) -> None:
        """Refuse operations that no token may do here.

        Raises:
            ApiError: 403 with Sentry's message.
        """
        if operation.name in self.restricted:
            raise forbidden()


SAAS = ServerProfile("saas", "26.10.0")
SELF_HOSTED_23 = ServerProfile(
    "self-hosted-23",
    "23.7.1",
    missing=frozenset(
        {
            "alerts.create_workflow",
            "alerts.delete_workflow",
            "alerts.detector",
            "alerts.detectors",
            "alerts.update_workflow",
            "alerts.workflow",
            "alerts.workflows",
            "apps.rotate_secret",
            "auth.regions",
            "events.validate",
            "issues.autofix",
            "issues.start_autofix",
            "monitors.checkins_for_project",
            "monitors.get_for_project",
            "monitors.stats_for_project",
            "organizations.region",
            "traces.attributes",
            "traces.get",
            "traces.summary",
            "uptime.checks",
            "uptime.get",
            "uptime.list",
        }
    ),
    restricted=frozenset(
        {
            "apps.delete",
            "projects.add_codeowners",
            "projects.codeowners",
            "projects.delete_codeowners",
            "projects.update_codeowners",
        }
    ),
    webhook_requests="requests",
    numeric_projects=True,
    priorities=False,
    idempotency_keys=False,
    recommended_event=False,
    webhook_urls=False,
    features_on_request=False,
    brief_log=True,
    rate_limits=False,
    pending_user={},
)
PROFILES: dict[ServerName, ServerProfile] = {profile.name: profile for profile in (SAAS, SELF_HOSTED_23)}
