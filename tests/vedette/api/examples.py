"""One use of each operation: how it is called, and what an answer looks like."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tests.vedette.api.stub import issue
from vedette.api import Sentry
from vedette.api.models import Issue
from vedette.api.paging import Pages

EVENT = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
DAY = datetime(2026, 11, 28, tzinfo=UTC)
SENT_UPDATE = Issue.model_validate(issue(status="resolved"))


@dataclass(frozen=True)
class Example:
    use: Callable[[Sentry], Awaitable[Any] | Pages[Any]]
    body: Any = None
    """Of a successful answer; None: nothing, or for a list one object with an id."""


def named(**fields: Any) -> dict[str, Any]:
    return {"id": "1", "slug": "shop", "name": "Shop", **fields}


COMMENT = {"id": "1", "data": {"text": "Looking."}}
RELEASE = {"id": 1, "version": "shop@2.1.0+7"}
KEY = {"id": "f00", "dsn": {"public": "https://s3cr3t@sentry.example.com/1"}}
HOOK = {"id": "1", "url": "https://shop.example.com/hook", "secret": "s3cr3t-of-the-hook"}

EXAMPLES: dict[str, Example] = {
    "issues.search": Example(
        lambda s: s.issues.search("level:fatal", project=[7], sort="new", page_size=50), [issue()]
    ),
    "issues.list_for_project": Example(lambda s: s.issues.list_for_project("shop"), [issue()]),
    "issues.get": Example(lambda s: s.issues.get("42", expand=["owners"], collapse=["stats"]), issue()),
    "issues.update": Example(lambda s: s.issues.unresolve(SENT_UPDATE), issue()),
    "issues.delete": Example(lambda s: s.issues.delete("42")),
    "issues.by_short_id": Example(lambda s: s.issues.by_short_id("SHOP-4K"), {"groupId": 42, "group": issue()}),
    "issues.by_event_id": Example(lambda s: s.issues.by_event_id(EVENT), {"groupId": "42"}),
    "issues.comments": Example(lambda s: s.issues.comments("42"), [COMMENT]),
    "issues.comment": Example(lambda s: s.issues.comment("42", "Looking."), COMMENT),
    "issues.edit_comment": Example(lambda s: s.issues.edit_comment("42", "1", "Found."), COMMENT),
    "issues.delete_comment": Example(lambda s: s.issues.delete_comment("42", "1")),
    "issues.activities": Example(lambda s: s.issues.activities("42"), {"activity": [{"id": "1", "type": "note"}]}),
    "issues.tags": Example(lambda s: s.issues.tags("42"), [{"key": "browser"}]),
    "issues.tag": Example(lambda s: s.issues.tag("42", "browser", environment=["live"]), {"key": "browser"}),
    "issues.tag_values": Example(lambda s: s.issues.tag_values("42", "browser", sort="count"), [{"value": "Firefox"}]),
    "issues.hashes": Example(lambda s: s.issues.hashes("42"), [{"id": "abc"}]),
    "issues.user_reports": Example(lambda s: s.issues.user_reports("42"), [{"id": "1", "eventID": EVENT}]),
    "issues.replay_count": Example(lambda s: s.issues.replay_count("42", "43"), {"42": 3}),
    "issues.external_issues": Example(lambda s: s.issues.external_issues("42"), [{"id": "1", "issueId": 42}]),
    "issues.tracker_form": Example(lambda s: s.issues.tracker_form("42", "9", "link"), {"id": "9"}),
    "issues.create_in_tracker": Example(lambda s: s.issues.create_in_tracker("42", "9", title="Cart"), {"key": "S-1"}),
    "issues.link_tracker": Example(lambda s: s.issues.link_tracker("42", "9", "S-1"), {"key": "S-1"}),
    "issues.unlink_tracker": Example(lambda s: s.issues.unlink_tracker("42", "9", "5")),
    "issues.autofix": Example(lambda s: s.issues.autofix("42", form="markdown"), {"autofix": None}),
    "issues.start_autofix": Example(lambda s: s.issues.start_autofix("42", context="Be brief."), {"run_id": 3}),
    "events.list_for_issue": Example(lambda s: s.events.list_for_issue("42", full=True), [{"id": EVENT}]),
    "events.get_for_issue": Example(lambda s: s.events.get_for_issue("42"), {"id": EVENT, "groupID": 42}),
    "events.list_for_project": Example(
        lambda s: s.events.list_for_project("shop", stats_period="24h"), [{"id": EVENT}]
    ),
    "events.get": Example(lambda s: s.events.get("shop", EVENT), {"id": EVENT}),
    "events.stored": Example(lambda s: s.events.stored("shop", EVENT), b'{"event_id":"0"}'),
    "events.search": Example(lambda s: s.events.search(["title", "count()"]), {"data": [{"title": "x"}], "meta": {}}),
    "events.validate": Example(lambda s: s.events.validate(["span.op"], query="span.op:db"), {"valid": True}),
    "events.attachment": Example(lambda s: s.events.attachment("shop", EVENT, "7"), b"\x89PNG\r\n"),
    "events.attachments": Example(lambda s: s.events.attachments("shop", EVENT), [{"id": "1"}]),
    "events.source_maps": Example(lambda s: s.events.source_maps("shop", EVENT), {"dist": None}),
    "events.committers": Example(lambda s: s.events.committers("shop", EVENT), {"committers": [{"commits": []}]}),
    "events.owners": Example(lambda s: s.events.owners("shop", EVENT), {"owners": [], "rule": None, "rules": []}),
    "projects.create": Example(lambda s: s.projects.create("payments", "Shop", slug="shop"), named()),
    "projects.get": Example(lambda s: s.projects.get("shop"), named()),
    "projects.update": Example(lambda s: s.projects.update("shop", resolveAge=720), named()),
    "projects.delete": Example(lambda s: s.projects.delete("shop")),
    "projects.users": Example(lambda s: s.projects.users("shop", "email:ann@acme.example"), [{"id": "1"}]),
    "projects.keys": Example(lambda s: s.projects.keys("shop", status="active"), [{"id": "1", "dsn": {"public": "d"}}]),
    "projects.key": Example(lambda s: s.projects.key("shop", "f00"), KEY),
    "projects.create_key": Example(lambda s: s.projects.create_key("shop", "CI"), KEY),
    "projects.update_key": Example(lambda s: s.projects.update_key("shop", "f00", isActive=False), KEY),
    "projects.delete_key": Example(lambda s: s.projects.delete_key("shop", "f00")),
    "projects.add_team": Example(lambda s: s.projects.add_team("shop", "payments"), named()),
    "projects.remove_team": Example(lambda s: s.projects.remove_team("shop", "payments"), named()),
    "projects.teams": Example(lambda s: s.projects.teams("shop"), [named()]),
    "projects.members": Example(lambda s: s.projects.members("shop"), [named()]),
    "projects.environments": Example(lambda s: s.projects.environments("shop", visibility="all"), [named()]),
    "projects.ownership": Example(lambda s: s.projects.ownership("shop"), {"raw": "*.py #payments"}),
    "projects.update_ownership": Example(lambda s: s.projects.update_ownership("shop", raw="* #payments"), {"raw": ""}),
    "projects.codeowners": Example(lambda s: s.projects.codeowners("shop"), [{"id": "1"}]),
    "projects.add_codeowners": Example(
        lambda s: s.projects.add_codeowners("shop", raw="* @acme/pay", code_mapping="3"), {"id": "1"}
    ),
    "projects.update_codeowners": Example(lambda s: s.projects.update_codeowners("shop", "1", raw="*"), {"id": "1"}),
    "projects.delete_codeowners": Example(lambda s: s.projects.delete_codeowners("shop", "1")),
    "projects.hooks": Example(lambda s: s.projects.hooks("shop"), [HOOK]),
    "projects.create_hook": Example(
        lambda s: s.projects.create_hook("shop", url="https://shop.example.com/h", events=["event.alert"]), HOOK
    ),
    "projects.hook": Example(lambda s: s.projects.hook("shop", "1"), HOOK),
    "projects.update_hook": Example(
        lambda s: s.projects.update_hook("shop", "1", url="https://shop.example.com/h", events=["event.alert"]), HOOK
    ),
    "projects.delete_hook": Example(lambda s: s.projects.delete_hook("shop", "1")),
    "projects.send_feedback": Example(
        lambda s: s.projects.send_feedback("shop", event=EVENT, name="Ann", email="ann@acme.example", comments="Hm."),
        {},
    ),
    "organizations.list": Example(lambda s: s.organizations.list("acme"), [named()]),
    "organizations.get": Example(lambda s: s.organizations.get(), named()),
    "organizations.update": Example(lambda s: s.organizations.update(openMembership=False), named()),
    "organizations.projects": Example(lambda s: s.organizations.projects("platform:python"), [named()]),
    "organizations.repositories": Example(lambda s: s.organizations.repositories(status="active"), [named()]),
    "organizations.repository_commits": Example(lambda s: s.organizations.repository_commits("3"), [{"id": "f00"}]),
    "organizations.integrations": Example(lambda s: s.organizations.integrations("github"), [named()]),
    "organizations.environments": Example(lambda s: s.organizations.environments(), [named()]),
    "organizations.tags": Example(lambda s: s.organizations.tags(stats_period="24h"), [{"key": "browser"}]),
    "organizations.region": Example(lambda s: s.organizations.region(), {"name": "us", "url": "https://us.sentry.io"}),
    "teams.list": Example(lambda s: s.teams.list("pay", page_size=10), [named()]),
    "teams.create": Example(lambda s: s.teams.create("payments", name="Payments"), named()),
    "teams.get": Example(lambda s: s.teams.get("payments"), named()),
    "teams.update": Example(lambda s: s.teams.update("payments", name="Payments"), named()),
    "teams.delete": Example(lambda s: s.teams.delete("payments")),
    "teams.projects": Example(lambda s: s.teams.projects("payments"), [named()]),
    "teams.members": Example(lambda s: s.teams.members("payments"), [named()]),
    "teams.mine": Example(lambda s: s.teams.mine(), [named()]),
    "releases.list": Example(lambda s: s.releases.list("shop@2", project=["shop"]), [RELEASE]),
    "releases.list_for_project": Example(lambda s: s.releases.list_for_project("shop", "2.1"), [RELEASE]),
    "releases.create": Example(
        lambda s: s.releases.create("shop@2", ["shop"], refs=[{"commit": "f00", "repository": "acme/shop"}]),
        RELEASE,
    ),
    "releases.get": Example(lambda s: s.releases.get("shop@2.1.0+7/x"), RELEASE),
    "releases.update": Example(lambda s: s.releases.update("shop@2.1.0+7", ref="f00"), RELEASE),
    "releases.delete": Example(lambda s: s.releases.delete("shop@2.1.0+7")),
    "releases.commits": Example(lambda s: s.releases.commits("shop@2.1.0+7"), [{"id": "f00"}]),
    "releases.deploys": Example(lambda s: s.releases.deploys("shop@2.1.0+7"), [{"id": "1"}]),
    "releases.create_deploy": Example(lambda s: s.releases.create_deploy("shop@2.1.0+7", "live"), {"id": "1"}),
    "members.list": Example(lambda s: s.members.list("email:ann@acme.example"), [named(user=None)]),
    "members.invite": Example(lambda s: s.members.invite("ann@acme.example"), named()),
    "members.get": Example(lambda s: s.members.get("3"), named()),
    "members.update": Example(lambda s: s.members.update("3", role="manager", team_roles=[]), named()),
    "members.remove": Example(lambda s: s.members.remove("3")),
    "alerts.workflows": Example(lambda s: s.alerts.workflows("payments"), [named()]),
    "alerts.history": Example(lambda s: s.alerts.history("5", page_size=2), [{"group": {"id": "1"}, "count": 2}]),
    "alerts.create_workflow": Example(lambda s: s.alerts.create_workflow("Fatal in payments"), named()),
    "alerts.workflow": Example(lambda s: s.alerts.workflow("5"), named(detectorIds=[1])),
    "alerts.update_workflow": Example(lambda s: s.alerts.update_workflow("5", "Fatal", enabled=False), named()),
    "alerts.delete_workflow": Example(lambda s: s.alerts.delete_workflow("5")),
    "alerts.detectors": Example(lambda s: s.alerts.detectors(), [named()]),
    "alerts.detector": Example(lambda s: s.alerts.detector("5"), named()),
    "alerts.rules": Example(lambda s: s.alerts.rules(project=[7]), [named(status=0)]),
    "alerts.rule": Example(lambda s: s.alerts.rule("5"), named(projects=["shop"], timeWindow=60.0)),
    "monitors.list": Example(lambda s: s.monitors.list("nightly", environment=["live"]), [named()]),
    "monitors.get": Example(lambda s: s.monitors.get("nightly"), named(config={"schedule": "0 3 * * *"})),
    "monitors.get_for_project": Example(lambda s: s.monitors.get("nightly", project="shop"), named()),
    "monitors.checkins": Example(lambda s: s.monitors.checkins("nightly"), [{"id": "1", "status": "ok"}]),
    "monitors.checkins_for_project": Example(lambda s: s.monitors.checkins("nightly", project="shop"), [{"id": "1"}]),
    "monitors.stats": Example(lambda s: s.monitors.stats("nightly", since=DAY, until=DAY), [{"ts": 5, "ok": 1}]),
    "monitors.stats_for_project": Example(
        lambda s: s.monitors.stats("nightly", since=DAY, until=DAY, project="shop"), [{"ts": 5, "missed": 1}]
    ),
    "uptime.list": Example(lambda s: s.uptime.list("shop", project=[7]), [named(uptimeStatus=1)]),
    "uptime.get": Example(lambda s: s.uptime.get("shop", "5"), named(url="https://shop.example.com")),
    "uptime.checks": Example(lambda s: s.uptime.checks("shop", "5"), [{"uptimeCheckId": "1", "httpStatusCode": 200}]),
    "dashboards.list": Example(lambda s: s.dashboards.list("health", sort="title"), [named(projects=[])]),
    "dashboards.get": Example(lambda s: s.dashboards.get("5"), named(widgets=[{"id": 1}])),
    "traces.get": Example(lambda s: s.traces.get(EVENT, error=EVENT), [{"event_id": "1", "children": []}]),
    "traces.summary": Example(lambda s: s.traces.summary(EVENT), {"span_count": 3, "span_count_map": {"db": 2}}),
    "traces.attributes": Example(lambda s: s.traces.attributes("logs", text="us"), [{"key": "user.id"}]),
    "apps.list": Example(lambda s: s.apps.list(), [named()]),
    "apps.get": Example(lambda s: s.apps.get("vedette"), named(clientSecret="s3cr3t-of-the-app")),
    "apps.create": Example(lambda s: s.apps.create("Vedette", scopes=["event:write"]), named()),
    "apps.update": Example(lambda s: s.apps.update("vedette", webhookUrl="https://hooks.example.com/hooks"), named()),
    "apps.delete": Example(lambda s: s.apps.delete("vedette")),
    "apps.rotate_secret": Example(lambda s: s.apps.rotate_secret("vedette"), {"clientSecret": "n3w-s3cr3t"}),
    "apps.webhook_requests": Example(
        lambda s: s.apps.webhook_requests("vedette", errors_only=True), [{"eventType": "issue.created"}]
    ),
    "apps.installations": Example(lambda s: s.apps.installations(), [{"uuid": "7a5f"}]),
    "apps.link_issue": Example(
        lambda s: s.apps.link_issue("7a5f", "42", url="https://t.example.com/1", project="desk", identifier="1"),
        {"id": "1"},
    ),
    "apps.unlink_issue": Example(lambda s: s.apps.unlink_issue("7a5f", "1")),
    "auth.whoami": Example(
        lambda s: s.auth.whoami(), {"version": "0", "auth": {"scopes": ["event:read"]}, "user": None}
    ),
    "auth.person": Example(lambda s: s.auth.person(), named()),
    "auth.regions": Example(lambda s: s.auth.regions(), {"regions": [{"name": "us", "url": "https://us.sentry.io"}]}),
}

BULK = {"issues.update_many", "issues.update_in_project", "issues.delete_many", "issues.delete_in_project"}
"""Tested on their own, because they read before they write."""
