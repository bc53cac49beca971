"""The organization's custom integrations ("sentry apps") and the tokens that open the API."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from vedette.simulator.world.people import User

# What ticking one resource subscribes to.
EVENTS_OF_RESOURCE: dict[str, tuple[str, ...]] = {
    "issue": ("assigned", "created", "ignored", "resolved", "unresolved"),
    "error": ("created",),
    "comment": ("created", "updated", "deleted"),
    "seer": (
        "root_cause_started",
        "root_cause_completed",
        "solution_started",
        "solution_completed",
        "coding_started",
        "coding_completed",
        "pr_created",
    ),
    "preprod_artifact": ("size_analysis_completed", "build_distribution_completed"),
}
# These come without a subscription.
UNSUBSCRIBED = frozenset({"event_alert", "activity_alert", "metric_alert", "installation"})


def single_events(events: tuple[str, ...]) -> list[str]:
    """Return each event on its own, `issue.created`, where whole resources may be given."""
    found: list[str] = []
    for event in events:
        found += [f"{event}.{action}" for action in EVENTS_OF_RESOURCE.get(event, ())] or [event]
    return found


@dataclass(slots=True, eq=False)
class Integration:
    """One custom integration with its single installation in the organization."""

    id: int
    slug: str
    name: str
    uuid: str
    installation: str
    client_secret: str = field(repr=False)
    created: datetime
    scopes: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    webhook_url: str | None = None
    webhook_headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    alertable: bool = True
    status: str = "internal"
    disabled: bool = False
    overview: str | None = None
    author: str | None = None
    redirect_url: str | None = None
    verify_install: bool = False
    allowed_origins: tuple[str, ...] = ()

    def subscribes(self, resource: str, action: str) -> bool:
        """Return whether Sentry would send it this webhook: whole resources, single events, or alerts by the toggle."""
        if not self.webhook_url or self.disabled:
            return False
        if resource in UNSUBSCRIBED:
            return self.alertable
        return resource in self.events or f"{resource}.{action}" in self.events


@dataclass(slots=True, eq=False)
class Token:
    """A secret that opens the API. `kind` is internal, user, app, organization or api_key."""

    secret: str = field(repr=False)
    kind: str
    scopes: frozenset[str]
    user: User | None = None
    integration: Integration | None = None
    expires: datetime | None = None
    revoked: bool = False

    @property
    def limit_key(self) -> str:
        """The key of the rate limit: all integrations of an organization share one."""
        if self.kind in {"internal", "app"}:
            return "org"
        return f"user:{self.user.id}" if self.user else "ip"


def organization_token(slug: str, base_url: str, secret: str) -> str:
    """Return a `sntrys_` token: it carries its organization and region in clear, which clients may read offline."""
    claims = {"iat": 1791094329.0, "url": base_url, "region_url": base_url, "org": slug}
    body = base64.b64encode(json.dumps(claims, separators=(",", ":")).encode()).decode()
    return f"sntrys_{body}_{secret}"
