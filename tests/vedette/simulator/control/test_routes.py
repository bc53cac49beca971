"""The control routes: make things happen from outside."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpx2

from vedette.simulator import create_app

if TYPE_CHECKING:
    from tests.vedette.simulator.conftest import Hook, Small
    from vedette.simulator import WebhookSender


async def test_an_issue_made_to_order_is_told_at_once(api: httpx2.AsyncClient, hook: Hook) -> None:
    order = {"project": "shop", "type": "PaymentError", "value": "refused", "level": "fatal", "tags": {"zone": "eu"}}
    made = await api.post("/_simulator/issues", json=order)
    assert made.status_code == 201
    issue = made.json()["issue"]
    assert (issue["title"], issue["level"]) == ("PaymentError: refused", "fatal")
    assert (await api.post("/_simulator/idle")).status_code == 204
    told = [json.loads(request.body) for request in hook.received]
    assert {body["data"]["issue"]["id"] for body in told if "issue" in body["data"]} == {issue["id"]}
    again = await api.post("/_simulator/issues", json=order)
    assert (again.json()["issue"]["id"], again.json()["issue"]["count"]) == (issue["id"], "2")
    assert len((await api.get("/_simulator/deliveries")).json()) >= 2


async def test_two_orders_without_words_make_two_issues(api: httpx2.AsyncClient) -> None:
    issues = [(await api.post("/_simulator/issues")).json()["issue"]["id"] for _ in range(2)]
    assert len(set(issues)) == 2


async def test_a_person_can_be_made_to_act(api: httpx2.AsyncClient, hook: Hook) -> None:
    issue = (await api.post("/_simulator/issues")).json()["issue"]
    for verb, wanted in (
        ("archive", "ignored"),
        ("escalate", "unresolved"),
        ("resolve", "resolved"),
        ("event", "unresolved"),
    ):
        answer = await api.post(f"/_simulator/issues/{issue['id']}", json={"do": verb})
        assert answer.json()["issue"]["status"] == wanted
    state = (await api.get("/_simulator/state")).json()
    assert [(entry["status"], entry["substatus"]) for entry in state["issues"]] == [("unresolved", "regressed")]


async def test_what_makes_no_sense_is_refused_with_what_would(api: httpx2.AsyncClient) -> None:
    for path, body in (
        ("/_simulator/issues", {"colour": "red"}),
        ("/_simulator/faults", {"kind": "flood"}),
        ("/_simulator/issues", [1]),
        ("/_simulator/issues", {"value": 5}),
        ("/_simulator/issues", {"tags": "red"}),
        ("/_simulator/faults", {"kind": "slow", "seconds": "long"}),
    ):
        answer = await api.post(path, json=body)
        assert answer.status_code == 400, path
        assert len(answer.json()["detail"]) > 20
    assert (await api.post("/_simulator/issues/1", json={"do": "resolve"})).status_code == 404


async def test_only_callers_on_this_machine_are_answered(small: Small, sender: WebhookSender) -> None:
    app = create_app(small.world, sender=sender)
    for host, wanted in (("127.0.0.1", 200), ("::1", 200), ("10.0.0.8", 403)):
        transport = httpx2.ASGITransport(app, client=(host, 4711))
        async with httpx2.AsyncClient(transport=transport, base_url="http://sim") as client:
            assert (await client.get("/_simulator/state")).status_code == wanted
            page = await client.get("/_simulator/state", headers={"Origin": "http://evil.example"})
            assert page.status_code == 403


async def test_the_control_routes_can_be_left_out(small: Small) -> None:
    transport = httpx2.ASGITransport(create_app(small.world, control=False))
    async with httpx2.AsyncClient(transport=transport, base_url="http://sim") as client:
        assert (await client.get("/_simulator/state")).status_code == 404


async def test_a_webhook_of_any_kind_is_sent_as_it_is_given(
    api: httpx2.AsyncClient, hook: Hook, sender: WebhookSender
) -> None:
    order = {"resource": "metric_alert", "action": "critical", "data": {"metric_alert": {"id": "7"}}}
    assert (await api.post("/_simulator/webhooks", json=order)).status_code == 202
    assert (await api.post("/_simulator/webhooks", json={"resource": "issue"})).status_code == 400
    await sender.idle()
    (request,) = hook.received
    assert request.header("sentry-hook-resource") == "metric_alert"
    assert json.loads(request.body)["data"] == {"metric_alert": {"id": "7"}}


async def test_a_token_is_revoked_and_replaced(api: httpx2.AsyncClient, small: Small) -> None:
    held = next(token.secret for token in small.world.tokens.values() if token.kind == "internal")
    new = "sntryi_" + "e" * 64
    statuses: list[int] = []
    for order in ({"token": new}, {"token": new}, {"tokn": new}, {}):
        statuses.append((await api.post("/_simulator/tokens", json=order)).status_code)
        for secret in (held, new):
            answer = await api.get("/api/0/", headers={"Authorization": f"Bearer {secret}"})
            statuses.append(answer.status_code)
    assert statuses == [204, 401, 200, 409, 401, 200, 400, 401, 200, 204, 401, 401]
