"""What single endpoints do beyond the schema: conflicts, renames, repeats, odd shapes."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from vedette.simulator import Actor, ErrorReport, record_error
from vedette.simulator.webhooks.delivery_log import DeliveryLog, LoggedRequest
from vedette.simulator.world import builders, comments

if TYPE_CHECKING:
    import httpx2

    from tests.vedette.simulator.conftest import Hook, Small
    from vedette.simulator import Issue, Webhook, WebhookSender


def person(small: Small) -> dict[str, str]:
    return {"Authorization": f"Bearer {small.user_token.secret}"}


async def test_the_same_comment_within_the_hour_is_already_posted(
    in_process: httpx2.AsyncClient, small: Small, issue: Issue, heard: list[Webhook]
) -> None:
    url = f"/api/0/organizations/acme/issues/{issue.id}/notes/"
    first = await in_process.post(url, json={"text": "Looking."})
    assert first.json()["data"] == {"text": "Looking."}
    assert first.json()["sentry_app"]["slug"] == "vedette"
    again = await in_process.post(url, json={"text": "Looking."})
    assert (again.status_code, "already posted" in again.text) == (400, True)
    assert (await in_process.post(url, json={"text": "Looking."}, headers=person(small))).status_code == 201
    later = small.world.clock() + timedelta(hours=1, seconds=1)
    small.world.clock = lambda: later
    assert (await in_process.post(url, json={"text": "Looking."})).status_code == 201
    assert {webhook.resource for webhook in heard} == {"comment"}
    assert [note["data"]["text"] for note in (await in_process.get(url)).json()] == ["Looking."] * 3


@pytest.mark.parametrize("text", [None, "", "  ", 5])
async def test_a_comment_without_text_is_a_400(in_process: httpx2.AsyncClient, issue: Issue, text: object) -> None:
    answer = await in_process.post(f"/api/0/organizations/acme/issues/{issue.id}/notes/", json={"text": text})
    assert (answer.status_code, list(answer.json())) == (400, ["text"])


async def test_only_ones_own_comments_can_be_changed(
    in_process: httpx2.AsyncClient, small: Small, issue: Issue, heard: list[Webhook]
) -> None:
    comment = comments.comment(small.world, issue, Actor(user=small.user), "Mine")
    url = f"/api/0/organizations/acme/issues/{issue.id}/notes/{comment.id}/"
    assert (await in_process.put(url, json={"text": "Not mine"})).status_code == 404
    assert (await in_process.put(url, json={"text": "Still mine"}, headers=person(small))).status_code == 200
    history = await in_process.get(f"/api/0/organizations/acme/issues/{issue.id}/activities/")
    assert history.json()["activity"][0]["data"] == {"text": "Still mine"}
    assert (await in_process.delete(url, headers=person(small))).status_code == 204
    assert [(w.action, w.data["comment"]) for w in heard] == [
        ("created", "Mine"),
        ("updated", "Still mine"),
        ("deleted", "Still mine"),
    ]


async def test_a_renamed_project_answers_302_with_its_new_slug(in_process: httpx2.AsyncClient) -> None:
    assert (await in_process.put("/api/0/projects/acme/shop/", json={"slug": "store"})).json()["slug"] == "store"
    answer = await in_process.get("/api/0/projects/acme/shop/keys/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/api/0/projects/acme/store/keys/")
    assert answer.json()["slug"] == "store"
    assert answer.json()["detail"]["code"] == "resource-moved"


async def test_project_read_changes_a_few_fields_only(in_process: httpx2.AsyncClient, small: Small) -> None:
    token = builders.add_token(small.world, "internal", ["project:read"], integration=small.integration)
    headers = {"Authorization": f"Bearer {token.secret}"}
    for body, wanted in (({"isBookmarked": True}, 200), ({"name": "Store"}, 403)):
        assert (await in_process.put("/api/0/projects/acme/shop/", json=body, headers=headers)).status_code == wanted


async def test_a_slug_that_is_taken_or_wrong_is_refused(in_process: httpx2.AsyncClient) -> None:
    for path, body, wanted in (
        ("/api/0/teams/acme/payments/projects/", {"name": "Shop", "slug": "shop"}, 409),
        ("/api/0/teams/acme/payments/projects/", {"name": "Shop", "slug": "12"}, 400),
        ("/api/0/teams/acme/payments/projects/", {}, 400),
        ("/api/0/organizations/acme/teams/", {"slug": "payments"}, 409),
        ("/api/0/organizations/acme/teams/", {}, 400),
        ("/api/0/organizations/acme/teams/", {"slug": "Not A Slug"}, 400),
    ):
        assert (await in_process.post(path, json=body)).status_code == wanted, (path, body)
    made = await in_process.post("/api/0/teams/acme/payments/projects/", json={"name": "Shop"})
    assert made.json()["slug"].startswith("shop-")


async def test_a_release_that_exists_is_answered_with_208(in_process: httpx2.AsyncClient) -> None:
    body = {"version": "shop@1.0+a/b", "projects": ["shop"], "commits": [{"id": "a1", "message": "m"}]}
    url = "/api/0/organizations/acme/releases/"
    answers = [await in_process.post(url, json=body) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 208]
    for suffix in ("", "deploys/", "commits/"):
        assert (await in_process.get(f"{url}shop%401.0%2Ba%2Fb/{suffix}")).status_code == 200
    assert (await in_process.post(url, json={"version": "2", "projects": ["none"]})).status_code == 400


async def test_deploys_are_made_twice_when_sent_twice(in_process: httpx2.AsyncClient, small: Small) -> None:
    builders.add_release(small.world, "1", [small.project])
    url = "/api/0/organizations/acme/releases/1/deploys/"
    for _ in range(2):
        assert (await in_process.post(url, json={"environment": "production"})).status_code == 201
    assert len((await in_process.get(url)).json()) == 2
    assert (await in_process.post(url, json={})).status_code == 400


async def test_a_deleted_issue_is_gone_at_once(in_process: httpx2.AsyncClient, issue: Issue) -> None:
    url = f"/api/0/organizations/acme/issues/{issue.id}/"
    assert (await in_process.delete(url)).status_code == 202
    assert (await in_process.get(url)).status_code == 404
    assert (await in_process.delete(url)).status_code == 404


async def test_events_of_an_issue_are_found_by_id_latest_and_oldest(
    in_process: httpx2.AsyncClient, small: Small, issue: Issue
) -> None:
    last = record_error(small.world, small.project, issue.report)
    assert last is not None
    root = f"/api/0/organizations/acme/issues/{issue.id}/events"
    assert (await in_process.get(f"{root}/latest/")).json()["id"] == last.id
    assert (await in_process.get(f"{root}/oldest/")).json()["nextEventID"] == last.id
    assert (await in_process.get(f"{root}/{last.id}/")).json()["groupID"] == str(issue.id)
    assert "retention period" in (await in_process.get(f"{root}/{'0' * 32}/")).json()["detail"]
    nothing = await in_process.get(f"{root}/latest/?environment=moon")
    assert nothing.json()["detail"].startswith("No matching event found")
    assert (await in_process.get(f"{root}/?environment=moon")).json() == []


async def test_an_integration_has_one_link_per_issue(
    in_process: httpx2.AsyncClient, small: Small, issue: Issue
) -> None:
    url = f"/api/0/sentry-app-installations/{small.integration.installation}/external-issues/"
    body = {"issueId": issue.id, "webUrl": "https://t.example/1", "project": "T", "identifier": "1"}
    first = await in_process.post(url, json=body)
    second = await in_process.post(url, json=body | {"identifier": "2"})
    assert first.json()["id"] == second.json()["id"]
    shown = await in_process.get(f"/api/0/organizations/acme/issues/{issue.id}/external-issues/")
    assert [link["displayName"] for link in shown.json()] == ["T#2"]
    assert (await in_process.delete(f"{url}{first.json()['id']}/")).status_code == 204


async def test_the_delivery_log_is_read_through_the_api(
    api: httpx2.AsyncClient, small: Small, hook: Hook, sender: WebhookSender
) -> None:
    hook.status = 500
    record_error(small.world, small.project, ErrorReport("E", "v"))
    await sender.idle()
    url = "/api/0/sentry-apps/vedette/webhook-requests/"
    lines = (await api.get(url)).json()
    assert {line["eventType"] for line in lines} == {"issue.created", "error.created"}
    assert {line["responseCode"] for line in lines} == {500}
    only = (await api.get(url, params={"eventType": "issue.created", "errorsOnly": "true"})).json()
    assert [line["eventType"] for line in only] == ["issue.created"]
    assert (await api.get(url, params={"start": "2030-01-01 00:00:00"})).json() == []
    assert (await api.get(url, params={"start": "soon"})).status_code == 400


async def test_the_delivery_log_has_the_spelling_of_sentry(
    api: httpx2.AsyncClient, small: Small, hook: Hook, sender: WebhookSender
) -> None:
    hook.status = 500
    record_error(small.world, small.project, ErrorReport("E", "v"))
    await sender.idle()
    rows: list[dict[str, Any]] = (await api.get("/api/0/sentry-apps/vedette/webhook-requests/")).json()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?\+00:00", rows[0]["date"])
    assert {"error_id", "project_id", "request_body", "request_headers", "response_body"} <= set(rows[0])
    assert isinstance(rows[0]["durationMs"], int)
    assert rows[0]["idempotencyKey"] == rows[0]["request_headers"]["Idempotency-Key"]


async def test_the_delivery_log_of_an_internal_integration_is_of_no_organization(
    api: httpx2.AsyncClient, small: Small, hook: Hook, sender: WebhookSender
) -> None:
    record_error(small.world, small.project, ErrorReport("E", "v"))
    await sender.idle()
    url = "/api/0/sentry-apps/vedette/webhook-requests/"
    assert len((await api.get(url)).json()) == 2
    assert (await api.get(url, params={"organizationSlug": "acme"})).json() == []


async def test_the_delivery_log_refuses_what_makes_no_sense(in_process: httpx2.AsyncClient) -> None:
    url = "/api/0/sentry-apps/vedette/webhook-requests/"
    assert (await in_process.get(url, params={"eventType": "issue.weather"})).status_code == 400
    turned = {"start": "2026-11-02 00:00:00", "end": "2026-11-01 00:00:00"}
    assert (await in_process.get(url, params=turned)).status_code == 400


def test_the_delivery_log_shows_a_hundred_over_all_kinds(small: Small) -> None:
    log = DeliveryLog()
    for number in range(300):
        kind = ("issue.created", "issue.resolved", "error.created")[number % 3]
        log.add(LoggedRequest(small.world.clock(), kind, 202, "http://x", "r", str(number), "issue", 0.1, "vedette"))
    assert len(log.read(small.world.clock())) == 100
    assert len(log.read(small.world.clock(), event_type="issue.created")) == 100


async def test_an_integrations_own_token_reads_neither_it_nor_its_installations(
    in_process: httpx2.AsyncClient, small: Small
) -> None:
    app = await in_process.get("/api/0/sentry-apps/vedette/")
    assert app.status_code == 403
    assert app.json()["detail"] == "User must be in the app owner's organization for unpublished apps"
    installations = "/api/0/organizations/acme/sentry-app-installations/"
    assert (await in_process.get(installations)).status_code == 404
    assert (await in_process.get(installations, headers=person(small))).status_code == 200


async def test_an_integration_that_sentrys_staff_disabled_refuses_its_log(
    in_process: httpx2.AsyncClient, small: Small
) -> None:
    small.integration.disabled = True
    assert (await in_process.get("/api/0/sentry-apps/vedette/webhook-requests/")).status_code == 403


async def test_an_integrations_secret_is_masked_for_all_but_its_managers(
    in_process: httpx2.AsyncClient, small: Small
) -> None:
    url = "/api/0/sentry-apps/vedette/"
    reader = builders.add_token(small.world, "user", ["org:read"], user=small.user)
    masked = await in_process.get(url, headers={"Authorization": f"Bearer {reader.secret}"})
    assert set(masked.json()["clientSecret"]) == {"*"}
    assert (await in_process.get(url, headers=person(small))).json()["clientSecret"] == small.integration.client_secret
    rotated = await in_process.post(f"{url}rotate-secret/", headers=person(small))
    assert rotated.json()["clientSecret"] == small.integration.client_secret


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"events": ["weather"]}, "events"),
        ({"events": ["issue"], "scopes": ["project:read"], "webhookUrl": "http://127.0.0.1:9/"}, "events"),
        ({"events": ["issue"], "webhookUrl": ""}, "webhookUrl"),
        ({"isAlertable": True, "events": [], "webhookUrl": None}, "webhookUrl"),
        ({"scopes": ["org:ci"]}, "scopes"),
        ({"name": "n" * 58}, "name"),
    ],
)
async def test_an_integration_that_makes_no_sense_is_a_400(
    in_process: httpx2.AsyncClient, small: Small, body: dict[str, object], field: str
) -> None:
    answer = await in_process.put("/api/0/sentry-apps/vedette/", json=body, headers=person(small))
    assert (answer.status_code, list(answer.json())) == (400, [field])


async def test_a_path_without_its_slash_is_redirected(in_process: httpx2.AsyncClient) -> None:
    answer = await in_process.get("/api/0/organizations/acme?x=1")
    assert answer.status_code == 301
    assert answer.headers["location"].endswith("/api/0/organizations/acme/?x=1")


async def test_a_wrong_method_is_a_405_and_an_origin_or_broken_json_a_400(in_process: httpx2.AsyncClient) -> None:
    answer = await in_process.post("/api/0/organizations/acme/")
    assert (answer.status_code, answer.json()) == (405, {"detail": 'Method "POST" not allowed.'})
    answer = await in_process.get("/api/0/organizations/acme/", headers={"Origin": "http://evil.example"})
    assert (answer.status_code, answer.json()) == (400, "Invalid origin: http://evil.example")
    answer = await in_process.put("/api/0/organizations/acme/", content=b"{")
    assert (answer.status_code, list(answer.json())) == (400, ["detail"])


async def test_members_are_found_by_what_is_known_of_them(in_process: httpx2.AsyncClient, small: Small) -> None:
    builders.invite_member(small.world, "new@acme.example")
    url = "/api/0/organizations/acme/members/"
    for query, wanted in (
        ("", 2),
        ("email:ines@acme.example", 1),
        (f"user.id:{small.user.id}", 1),
        ("isInvited:true", 1),
        ("role:owner inés", 1),
        ("shoe:44", 0),
    ):
        assert len((await in_process.get(url, params={"query": query})).json()) == wanted, query
    invited = await in_process.post(url, json={"email": "new@acme.example"})
    assert (invited.status_code, list(invited.json())) == (400, ["email"])
    assert (await in_process.post(url, json={"email": "a@acme.example", "orgRole": "owner"})).status_code == 400
    assert (await in_process.get(f"{url}me/", headers=person(small))).json()["email"] == "ines@acme.example"
    assert (await in_process.get(f"{url}me/")).status_code == 404


async def test_ownership_rules_are_parsed(in_process: httpx2.AsyncClient) -> None:
    url = "/api/0/projects/acme/shop/ownership/"
    bad = await in_process.put(url, json={"raw": "nonsense"})
    assert (bad.status_code, list(bad.json())) == (400, ["raw"])
    good = await in_process.put(url, json={"raw": "# all\npath:src/* #payments ines@acme.example"})
    assert good.json()["schema"]["rules"] == [
        {
            "matcher": {"type": "path", "pattern": "src/*"},
            "owners": [{"type": "team", "name": "payments"}, {"type": "user", "name": "ines@acme.example"}],
        }
    ]


async def test_owners_are_those_of_the_last_rule_that_matches(
    in_process: httpx2.AsyncClient, small: Small, issue: Issue
) -> None:
    url = f"/api/0/organizations/acme/issues/{issue.id}/?expand=owners"
    assert (await in_process.get(url)).json()["owners"] is None
    small.project.ownership = "path:app/* ines@acme.example\nmodule:app.main #payments\npath:lib/* #nobody"
    owners = (await in_process.get(url)).json()["owners"]
    assert [owner["owner"] for owner in owners] == [f"team:{small.team.id}"]
    shown = await in_process.get(f"/api/0/projects/acme/shop/events/{issue.events[0].id}/owners/")
    assert [owner["slug"] for owner in shown.json()["owners"]] == ["payments"]
    assert len(shown.json()["rules"]) == 2
