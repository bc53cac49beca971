"""The two kinds of servers differ as the real ones do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from vedette.api.operations import OPERATIONS
from vedette.simulator import ErrorReport, record_error
from vedette.simulator.world import builders, transitions
from vedette.simulator.world.actors import Actor
from vedette.simulator.world.server_profile import PROFILES, SAAS, SELF_HOSTED_23

if TYPE_CHECKING:
    import httpx2

    from tests.vedette.simulator.conftest import Hook, Small
    from vedette.simulator import Issue, WebhookSender

PARAMETERS = {
    "organization_id_or_slug": "acme",
    "project_id_or_slug": "shop",
    "sentry_app_id_or_slug": "vedette",
}
ISSUES = "/api/0/organizations/acme/issues/"
REPORT = ErrorReport("ValueError", "bad", user="u1")


def of_old_server(small: Small) -> Small:
    small.world.profile = SELF_HOSTED_23
    return small


def test_sentry_io_is_what_stands_unless_another_is_asked_for(small: Small) -> None:
    assert small.world.profile is SAAS
    assert set(PROFILES) == {"saas", "self-hosted-23"}


@pytest.mark.parametrize("name", sorted(SELF_HOSTED_23.missing))
async def test_a_missing_route_is_404_without_a_body_whoever_asks(
    name: str, in_process: httpx2.AsyncClient, small: Small, issue: Issue
) -> None:
    of_old_server(small)
    operation = OPERATIONS[name]
    path = operation.path.format_map({each: PARAMETERS.get(each, str(issue.id)) for each in operation.parameters})
    for headers in ({}, {"Authorization": "Bearer nonsense"}):
        answer = await in_process.request(operation.method, path, headers=headers)
        assert (answer.status_code, answer.content) == (404, b"")


@pytest.mark.parametrize("name", sorted(SELF_HOSTED_23.restricted))
async def test_some_operations_are_refused_to_every_token(
    name: str, in_process: httpx2.AsyncClient, small: Small
) -> None:
    of_old_server(small)
    operation = OPERATIONS[name]
    path = operation.path.format_map({each: PARAMETERS.get(each, "1") for each in operation.parameters})
    headers = {"Authorization": f"Bearer {small.user_token.secret}"}
    assert (await in_process.request(operation.method, path, headers=headers)).status_code == 403


async def test_the_recommended_event_is_no_route_there(
    in_process: httpx2.AsyncClient, small: Small, issue: Issue
) -> None:
    of_old_server(small)
    answer = await in_process.get(f"{ISSUES}{issue.id}/events/recommended/")
    assert (answer.status_code, answer.content) == (404, b"")
    assert (await in_process.get(f"{ISSUES}{issue.id}/events/latest/")).status_code == 200


async def test_bulk_calls_take_numbers_of_projects_only(
    in_process: httpx2.AsyncClient, small: Small, issue: Issue
) -> None:
    of_old_server(small)
    by_slug = await in_process.put(f"{ISSUES}?id={issue.id}&project=shop", json={"status": "resolved"})
    assert by_slug.status_code == 400
    assert by_slug.json() == {"detail": "Invalid project parameter. Values must be numbers."}
    by_id = await in_process.put(f"{ISSUES}?id={issue.id}&project={small.project.id}", json={"status": "resolved"})
    assert (by_id.status_code, issue.status) == (200, "resolved")


async def test_a_priority_is_accepted_and_dropped(in_process: httpx2.AsyncClient, small: Small, issue: Issue) -> None:
    of_old_server(small)
    before = issue.priority
    answer = await in_process.put(f"{ISSUES}{issue.id}/", json={"priority": "low"})
    assert answer.status_code == 200
    assert "priority" not in answer.json()
    assert issue.priority == before != "low"


async def test_a_changed_invitation_has_an_empty_user(small: Small, in_process: httpx2.AsyncClient) -> None:
    of_old_server(small)
    invited = builders.invite_member(small.world, "new@acme.example")
    headers = {"Authorization": f"Bearer {small.user_token.secret}"}
    path = f"/api/0/organizations/acme/members/{invited.id}/"
    answer = await in_process.put(path, json={"orgRole": "manager"}, headers=headers)
    assert (answer.status_code, answer.json()["user"]) == (200, {})
    assert invited.role == "manager"


async def test_the_delivery_log_is_at_another_path_and_shorter(
    small: Small, hook: Hook, sender: WebhookSender, api: httpx2.AsyncClient
) -> None:
    of_old_server(small)
    hook.status = 500
    record_error(small.world, small.project, REPORT)
    await sender.idle()
    newer = await api.get("/api/0/sentry-apps/vedette/webhook-requests/")
    assert (newer.status_code, newer.content) == (404, b"")
    rows: list[dict[str, Any]] = (await api.get("/api/0/sentry-apps/vedette/requests/")).json()
    assert {"webhookUrl", "eventType", "date", "responseCode", "request_headers"} <= set(rows[0])
    assert not {"requestId", "subjectId", "durationMs", "idempotencyKey"} & set(rows[0])
    assert "Sentry-Hook-Signature" in rows[0]["request_headers"]


async def test_webhooks_of_an_old_server_lack_what_came_later(small: Small, hook: Hook, sender: WebhookSender) -> None:
    of_old_server(small)
    event = record_error(small.world, small.project, REPORT)
    assert event
    transitions.resolve(small.world, event.issue, Actor(user=small.user))
    await sender.idle()
    for request in hook.received:
        assert "idempotency-key" not in dict(request.headers)
        assert request.header("user-agent") == "sentry/23.7.1 (https://sentry.io)"
    issues = [json.loads(r.body)["data"]["issue"] for r in hook.received if r.header("sentry-hook-resource") == "issue"]
    assert len(issues) == 2
    for found in issues:
        assert not {"url", "web_url", "project_url", "priority", "priorityLockedAt"} & set(found)
        assert found["firstSeen"].endswith("Z")


async def test_an_issue_of_an_old_webhook_has_the_keys_of_a_real_one(
    small: Small, hook: Hook, sender: WebhookSender, facts: Any
) -> None:
    import base64  # noqa: PLC0415 - this test alone reads a capture

    capture = json.loads((facts / "captures/issue.created.http.json").read_text())
    real = json.loads(base64.b64decode(capture["body_base64"]))["data"]["issue"]
    of_old_server(small)
    record_error(small.world, small.project, REPORT)
    await sender.idle()
    body = next(json.loads(r.body) for r in hook.received if r.header("sentry-hook-resource") == "issue")
    assert set(body["data"]["issue"]) == set(real)


async def test_newer_servers_send_one_key_for_each_delivery(small: Small, hook: Hook, sender: WebhookSender) -> None:
    record_error(small.world, small.project, REPORT)
    await sender.idle()
    keys = [request.header("idempotency-key") for request in hook.received]
    assert len(set(keys)) == len(keys) == 2
    assert all(len(key) == 32 for key in keys)
