"""Every operation of the table answers, and answers as Sentry's published schema says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.vedette.api.test_operations import DOCUMENTED_ELSEWHERE
from vedette.api.operations import OPERATIONS
from vedette.simulator import ErrorReport, record_error
from vedette.simulator.web.endpoints import ENDPOINTS
from vedette.simulator.world import builders, comments, monitors
from vedette.simulator.world.actors import Actor
from vedette.simulator.world.projects import Commit

if TYPE_CHECKING:
    import httpx2

    from tests.vedette.simulator.conftest import PublishedSchema, Small

# What a call needs beyond the defaults: query, body, status.
CALLS: dict[str, dict[str, Any]] = {
    "issues.update": {"body": {"status": "ignored", "substatus": "archived_until_escalating", "assignedTo": "TEAM"}},
    "issues.delete": {"status": 202},
    "issues.update_many": {"query": {"id": "ISSUE"}, "body": {"priority": "high", "isSubscribed": True}},
    "issues.update_in_project": {
        "query": {"id": "ISSUE"},
        "body": {"status": "resolved", "isPublic": False, "statusDetails": {"inRelease": "shop@1.0"}},
    },
    "issues.delete_many": {"query": {"id": "ISSUE"}, "status": 204},
    "issues.delete_in_project": {"query": {"id": "ISSUE"}, "status": 204},
    "issues.comment": {"body": {"text": "Looking at it."}, "status": 201},
    "issues.edit_comment": {"body": {"text": "Looked at it."}},
    "issues.delete_comment": {"status": 204},
    "issues.tracker_form": {"query": {"action": "link"}},
    "issues.create_in_tracker": {"body": {"title": "Mend it"}, "status": 201},
    "issues.link_tracker": {"body": {"externalIssue": "12"}, "status": 201},
    "issues.unlink_tracker": {"query": {"externalIssue": "5"}, "status": 204},
    "issues.start_autofix": {"body": {"stopping_point": "root_cause"}, "status": 202},
    "events.search": {"query": {"field": "title", "dataset": "errors"}},
    "events.validate": {"query": {"field": "span.op", "dataset": "spans"}},
    "events.attachment": {"query": {"download": "1"}},
    "issues.replay_count": {"query": {"query": "issue.id:[1,2]"}},
    "traces.attributes": {"query": {"itemType": "spans"}},
    "projects.create": {"body": {"name": "New shop", "platform": "python"}, "status": 201},
    "projects.update": {"body": {"subjectPrefix": "[acme] "}},
    "projects.delete": {"status": 204},
    "projects.create_key": {"body": {"name": "CI", "rateLimit": {"count": 10, "window": 60}}, "status": 201},
    "projects.update_key": {"body": {"isActive": False}},
    "projects.delete_key": {"status": 204},
    "projects.add_team": {"status": 201},
    "projects.update_ownership": {"body": {"raw": "path:src/* #payments"}, "status": 202},
    "projects.add_codeowners": {"body": {"raw": "* @ines", "codeMappingId": "1"}, "status": 201},
    "projects.update_codeowners": {"body": {"raw": "* @acme"}},
    "projects.delete_codeowners": {"status": 204},
    "projects.create_hook": {"body": {"url": "http://127.0.0.1:9/", "events": ["event.alert"]}, "status": 201},
    "projects.update_hook": {"body": {"url": "http://127.0.0.1:8/", "events": ["event.alert"]}},
    "projects.delete_hook": {"status": 204},
    "projects.send_feedback": {
        "body": {"event_id": "EVENT", "name": "Bo", "email": "bo@acme.example", "comments": "It broke."}
    },
    "organizations.update": {"body": {"isEarlyAdopter": True, "name": "Acme"}},
    "teams.create": {"body": {"slug": "search"}, "status": 201},
    "teams.update": {"body": {"slug": "payments", "name": "Pay"}},
    "teams.delete": {"status": 204},
    "releases.create": {"body": {"version": "shop@2.0", "projects": ["shop"]}, "status": 201},
    "releases.update": {"body": {"ref": "main"}},
    "releases.delete": {"status": 204},
    "releases.create_deploy": {"body": {"environment": "production"}, "status": 201},
    "members.invite": {"body": {"email": "new@acme.example"}, "status": 201},
    "members.update": {"body": {"orgRole": "manager"}, "person": True},
    "members.remove": {"status": 204, "person": True},
    "alerts.create_workflow": {"body": {"name": "On call", "detector_ids": [1]}, "status": 201},
    "alerts.update_workflow": {"body": {"name": "Off call", "enabled": False}},
    "alerts.delete_workflow": {"status": 204},
    "apps.get": {"person": True},
    "apps.installations": {"person": True},
    "apps.create": {"body": {"name": "Other", "scopes": ["event:read"], "isInternal": True}, "status": 201},
    "apps.update": {"body": {"overview": "Triage", "webhookUrl": "http://127.0.0.1:9/"}},
    "apps.delete": {"status": 204},
    "apps.link_issue": {
        "body": {"issueId": "ISSUE", "webUrl": "https://t.example/1", "project": "T", "identifier": "1"}
    },
    "apps.unlink_issue": {"status": 204},
}


@pytest.fixture
def filled(small: Small) -> dict[str, str]:
    """Fill the world so that every operation finds something; return the path parameters."""
    world, person = small.world, Actor(user=small.user)
    commit = Commit("a" * 40, "acme/shop", "Break it", "Inés", "ines@acme.example", world.clock())
    repository = builders.add_repository(world, "acme/shop", [commit])
    release = builders.add_release(world, "shop@1.0", [small.project], commits=[commit])
    small.project.ownership = "path:* #payments"
    event = record_error(
        world, small.project, ErrorReport("E", "v", user="u1", release="shop@1.0", tags=(("color", "red"),))
    )
    assert event is not None
    attachment = builders.add_attachment(world, event, "crash.log", b"It broke.", "text/plain")
    event.issue.user_reports.append({"id": "1", "eventID": event.id, "comments": "It broke."})
    monitor = monitors.add_monitor(world, small.project, "nightly", "Nightly")
    monitors.check_in(world, monitor, "ok")
    url_monitor = monitors.add_url_monitor(world, small.project, "http://127.0.0.1:9/", "Up")
    monitors.check_url(world, url_monitor, 200)
    comments.comment(world, event.issue, person, "Mine")
    comment = comments.comment(world, event.issue, Actor(integration=small.integration), "Its own")
    member = builders.add_member(world, "bo@acme.example", "Bo")
    project_id = small.project.id % 1_000_000
    event.issue.links.append(
        {"id": "9", "app": "x", "issueId": "1", "serviceType": "x", "displayName": "X#1", "webUrl": "https://x.example"}
    )
    event.issue.tracker_links.append({"id": 5})
    now = "2026-01-01T00:00:00Z"
    small.project.settings["codeowners"] = [{"id": "1", "raw": "", "codeMappingId": "1"}]
    small.project.hooks.append(
        {"id": "h1", "url": "http://x", "secret": "s", "status": "active", "events": [], "dateCreated": now}
    )
    world.workflows[1] = {"id": "1", "name": "W", "detectorIds": [], "organizationId": "1", "createdBy": None}
    world.workflows[1] |= {"dateCreated": now, "dateUpdated": now, "triggers": None, "actionFilters": []}
    world.workflows[1] |= {"environment": None, "config": {}, "enabled": True, "lastTriggered": None, "owner": None}
    return {
        "organization_id_or_slug": "acme",
        "project_id_or_slug": "shop",
        "team_id_or_slug": "payments",
        "issue_id": str(event.issue.id),
        "event_id": event.id,
        "attachment_id": str(attachment.id),
        "key_id": small.project.public_key,
        "trace_id": event.id,
        "monitor_id_or_slug": "nightly",
        "uptime_detector_id": str(url_monitor.id),
        "dashboard_id": str(monitors.add_dashboard(world, "Health").id),
        "alert_rule_id": str(monitors.add_metric_rule(world, small.project, "Many").id),
        "note_id": str(comment.id),
        "key": "color",
        "integration_id": "77",
        "version": release.version,
        "member_id": str(member.id),
        "workflow_id": "1",
        "detector_id": str(project_id),
        "codeowners_id": "1",
        "hook_id": "h1",
        "repo_id": str(repository.id),
        "sentry_app_id_or_slug": "vedette",
        "uuid": small.integration.installation,
        "external_issue_id": "9",
        "TEAM": f"team:{small.team.id}",
    }


def fill(value: Any, parameters: dict[str, str]) -> Any:
    text = json.dumps(value)
    for word, name in (("ISSUE", "issue_id"), ("EVENT", "event_id"), ("TEAM", "TEAM")):
        text = text.replace(f'"{word}"', json.dumps(parameters[name]))
    return json.loads(text)


@pytest.mark.parametrize("name", sorted(OPERATIONS))
async def test_an_operation_answers_as_the_schema_says(
    name: str, in_process: httpx2.AsyncClient, small: Small, filled: dict[str, str], schema: PublishedSchema
) -> None:
    operation, call = OPERATIONS[name], CALLS.get(name, {})
    parameters = dict(filled)
    if name == "issues.by_short_id":
        parameters["issue_id"] = "SHOP-1"
    token = small.user_token if operation.needs_person or call.get("person") else small.token
    # The client of the tests holds every successful answer against the schema.
    answer = await in_process.request(
        operation.method,
        operation.path.format_map(parameters),
        params=fill(call.get("query", {}), parameters),
        json=fill(call["body"], parameters) if "body" in call else None,
        headers={"Authorization": f"Bearer {token.secret}"},
    )
    assert answer.status_code == call.get("status", 200), answer.text
    if schema.responses(operation) is None:
        undocumented = operation.standing in {"private", "experimental", "documented"}
        assert undocumented or operation.deprecated or name in DOCUMENTED_ELSEWHERE


def test_the_simulator_answers_every_operation_of_the_table() -> None:
    assert set(ENDPOINTS) == set(OPERATIONS)
