"""Answers of Sentry, and of what may stand in front of it, that must not reach an agent as they are."""

import asyncio
import json
from collections.abc import Mapping

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.rest.page_links import rebuild_links
from gateway.rest.sentry_errors import error_response
from tests.gateway.gateways import RunningGateway, running_gateway
from vedette.api.call import Call
from vedette.api.errors import BadRequest, CallsHeld, Detail
from vedette.api.operations import OPERATIONS
from vedette.store.server.client import RedisClient

JSON = "application/json"


def answering(status: int, body: bytes, content_type: str = JSON, **headers: str) -> ASGIApp:
    """A server that gives every request the same answer."""
    pairs = {"content-type": content_type, "content-length": str(len(body)), **headers}

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive()).get("more_body"):
            pass
        encoded = [(name.replace("_", "-").encode(), value.encode()) for name, value in pairs.items()]
        await send({"type": "http.response.start", "status": status, "headers": encoded})
        await send({"type": "http.response.body", "body": body})

    return answer


def issue_body(gateway: RunningGateway, **fields: object) -> bytes:
    project = gateway.world.project_by_slug["shop"]
    shown = {"id": str(gateway.issues["first"].id), "shortId": "SHOP-1", "title": "x", "status": "unresolved"}
    of_project = {"project": {"id": str(project.id), "slug": "shop", "name": "shop"}}
    return json.dumps({**shown, **of_project, **fields}).encode()


async def test_a_redirect_is_neither_followed_nor_passed_on(gateway: RunningGateway) -> None:
    gateway.sentry.instead = answering(302, b"", location="https://evil.example/api/0/")
    response = await gateway.call("reader", "GET", gateway.issue_path())

    assert response.status_code == 502
    assert "location" not in response.headers
    assert "evil.example" not in response.text


async def test_a_page_in_html_is_no_answer_and_its_text_is_shortened(gateway: RunningGateway) -> None:
    page = b"<html><head><title>Log in</title></head><body><script>alert(1)</script></body></html>"
    for status in (200, 502):
        gateway.sentry.instead = answering(status, page, "text/html")
        response = await gateway.call("actor", "PUT", gateway.issue_path(), json={"status": "resolved"})
        assert response.status_code == 502
        assert "script" not in response.text
        assert response.headers["content-type"] == JSON


async def test_five_megabytes_are_passed_on_and_ten_are_not(gateway: RunningGateway) -> None:
    large = issue_body(gateway, padding="x" * 5_000_000)
    gateway.sentry.instead = answering(200, large)
    passed = await gateway.call("reader", "GET", gateway.issue_path())
    gateway.sentry.instead = answering(200, issue_body(gateway, padding="x" * 10_000_000))
    refused = await gateway.call("reader", "GET", gateway.issue_path())

    assert (passed.status_code, passed.content == large) == (200, True)
    assert refused.status_code == 502
    assert "Ask for less" in refused.json()["detail"]


async def test_an_answer_that_drips_ends_with_the_deadline(
    redis_url: str, redis_client: RedisClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def drip(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        while True:
            await send({"type": "http.response.body", "body": b" ", "more_body": True})
            await asyncio.sleep(0.05)

    monkeypatch.setattr("gateway.container.LONGEST_WAIT", 1.0)
    async with running_gateway(redis_url, redis_client) as gateway:
        gateway.sentry.instead = drip
        read = await gateway.call("reader", "GET", gateway.issue_path())
    assert read.status_code == 504
    assert read.json()["vedette"] == {"decision": "granted", "retry": True, "outcome_unknown": False}


async def test_a_write_whose_answer_is_lost_says_that_it_may_have_been_done(gateway: RunningGateway) -> None:
    await gateway.call("actor", "GET", gateway.issue_path())
    gateway.sentry.instead = answering(503, b"{}")
    path = f"{gateway.issue_path()}notes/"
    response = await gateway.call("actor", "POST", path, json={"text": "done"})

    assert response.status_code == 503
    assert "It may have been done all the same" in response.json()["detail"]
    assert response.json()["vedette"]["outcome_unknown"] is True


async def test_a_429_of_sentry_is_waited_for_and_then_passed_on_with_its_time(
    redis_url: str, redis_client: RedisClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.container.LONGEST_WAIT", 1.0)
    limited = b'{"detail":"You are attempting to use this endpoint too frequently. Limit is 5 requests in 1 seconds"}'
    async with running_gateway(redis_url, redis_client) as gateway:
        gateway.sentry.instead = answering(429, limited, "text/html", retry_after="7")
        response = await gateway.call("reader", "GET", gateway.issue_path())

    assert response.status_code == 429
    assert int(response.headers["retry-after"]) in range(1, 9)
    assert "x-sentry-rate-limit-limit" not in response.headers


def test_a_call_that_waited_too_long_is_429_with_the_seconds_that_are_left() -> None:
    call = Call(OPERATIONS["issues.get"], {"organization_id_or_slug": "acme", "issue_id": "1"})
    response = error_response(CallsHeld(call, seconds=26.2, after_limit=True))
    assert response.status == 429
    assert dict(response.headers)["Retry-After"] == "27"
    assert "was not sent" in json.loads(response.body)["detail"]


async def test_sentry_that_knows_no_such_token_is_the_operators_matter_and_no_401(gateway: RunningGateway) -> None:
    gateway.sentry.instead = answering(401, b'{"detail":"Invalid token"}')
    response = await gateway.call("reader", "GET", gateway.issue_path())
    assert response.status_code == 502
    assert "Vedette's own token" in response.json()["detail"]


@pytest.mark.parametrize(
    ("fields", "body"),
    [
        ({"assignedTo": ("Unknown actor input",)}, {"assignedTo": ["Unknown actor input"]}),
        ({"statusDetails.inRelease": ("No such",)}, {"statusDetails": {"inRelease": ["No such"]}}),
        ({"a": ("x",), "a.b": ("y",)}, {"a": ["x"], "a.b": ["y"]}),
    ],
)
def test_messages_about_fields_stay_where_sentry_had_them(
    fields: Mapping[str, tuple[str, ...]], body: Mapping[str, object]
) -> None:
    call = Call(OPERATIONS["issues.get"], {"organization_id_or_slug": "acme", "issue_id": "1"})
    response = error_response(BadRequest(call, status=400, detail=Detail("text", fields=fields)))
    assert (response.status, json.loads(response.body)) == (400, body)


async def test_a_refusal_of_sentry_is_passed_on_in_its_words(gateway: RunningGateway) -> None:
    missing = await gateway.call("reader", "GET", "/api/0/organizations/acme/issues/999999/")
    wrong = await gateway.call("actor", "PUT", gateway.issue_path(), json={"assignedTo": "nobody@nowhere.example"})
    assert (missing.status_code, wrong.status_code) == (404, 400)
    assert missing.json() == {"detail": "The requested resource does not exist"}
    assert "assignedTo" in wrong.json()


async def test_headers_of_sentry_are_those_of_the_list_and_no_others(gateway: RunningGateway) -> None:
    gateway.sentry.instead = answering(
        200,
        issue_body(gateway),
        set_cookie="session=1",
        server="nginx",
        x_hits="7",
        x_sentry_deprecation_date="2026-05-14",
        x_sentry_rate_limit_limit="40",
        access_control_allow_origin="*",
        x_vedette_decision="forged",
        x_vedette_agent="forged",
    )
    response = await gateway.call("reader", "GET", gateway.issue_path())

    assert response.headers["x-hits"] == "7"
    assert response.headers["x-sentry-deprecation-date"] == "2026-05-14"
    assert response.headers["x-vedette-decision"] == "granted"
    assert response.headers["x-vedette-agent"] == "reader"
    for name in ("set-cookie", "server", "access-control-allow-origin", "x-sentry-rate-limit-limit"):
        assert name not in response.headers


async def test_hidden_classes_of_event_data_are_left_out_and_told(redis_url: str, redis_client: RedisClient) -> None:
    may = {"may": {"issues": "read"}}
    agents = {"blind": {**may, "grant": {"hide": ["user", "contexts"]}}, "seeing": may}
    async with running_gateway(redis_url, redis_client, agents) as gateway:
        response = await gateway.call("blind", "GET", f"{gateway.issue_path()}events/latest/")
        assert response.status_code == 200
        assert response.headers["x-vedette-contains"] == "event-data"
        shown = (await gateway.call("seeing", "GET", f"{gateway.issue_path()}events/latest/")).json()
        hidden = response.json()
        assert shown["contexts"]
        assert hidden["contexts"] == {"hidden": "[hidden by Vedette]"}
        assert {name for name in shown if shown[name] != hidden[name]} <= {"contexts", "user", "tags", "_meta"}


def test_of_a_link_the_cursor_alone_is_taken() -> None:
    header = (
        '<https://evil.example/api/0/x/?cursor=0:0:1>; rel="previous"; results="false"; cursor="0:0:1", '
        '<https://evil.example/api/0/x/?&cursor=0:100:0>; rel="next"; results="true"; cursor="0:100:0", '
        '<https://evil.example>; rel="evil"; cursor="1:1:1", <x>; rel="next"; cursor="a b\\"<>"'
    )
    rebuilt = rebuild_links(header, "https://vedette.example/api/0/x/", (("query", "a b&c"), ("cursor", "old")))
    assert rebuilt == (
        '<https://vedette.example/api/0/x/?query=a+b%26c&cursor=0%3A0%3A1>; rel="previous"; results="false"; '
        'cursor="0:0:1", '
        '<https://vedette.example/api/0/x/?query=a+b%26c&cursor=0%3A100%3A0>; rel="next"; results="true"; '
        'cursor="0:100:0"'
    )
    assert rebuild_links(None, "https://vedette.example/", ()) is None
