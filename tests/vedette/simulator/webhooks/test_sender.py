"""Webhooks leave as Sentry sends them: bytes, headers, signature, one attempt."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import re
import socket
from typing import TYPE_CHECKING

import pytest

from vedette.simulator import Actor, ErrorReport, Fault, record_error
from vedette.simulator.world import builders, transitions

if TYPE_CHECKING:
    from tests.vedette.simulator.conftest import Hook, Small
    from vedette.simulator import WebhookSender

REPORT = ErrorReport("ValueError", "Räksmörgås \N{SHRIMP}", user="u1")


async def test_the_signature_is_the_hmac_of_the_exact_bytes(small: Small, hook: Hook, sender: WebhookSender) -> None:
    record_error(small.world, small.project, REPORT)
    await sender.idle()
    assert len(hook.received) == 2
    for request in hook.received:
        wanted = hmac.new(small.integration.client_secret.encode(), request.body, hashlib.sha256).hexdigest()
        assert request.header("sentry-hook-signature") == wanted


async def test_the_body_is_compact_ascii_with_the_envelope_in_order(
    small: Small, hook: Hook, sender: WebhookSender
) -> None:
    record_error(small.world, small.project, REPORT)
    await sender.idle()
    for request in hook.received:
        assert request.body.isascii()
        envelope = json.loads(request.body)
        assert list(envelope) == ["action", "installation", "data", "actor"]
        assert envelope["installation"] == {"uuid": small.integration.installation}
        assert envelope["actor"] == {"type": "application", "id": "sentry", "name": "Sentry"}
        assert request.body == json.dumps(envelope, separators=(",", ":")).encode()
    assert any(b"R\\u00e4ksm\\u00f6rg\\u00e5s \\ud83e\\udd90" in request.body for request in hook.received)


async def test_the_headers_are_those_of_sentry(small: Small, hook: Hook, sender: WebhookSender) -> None:
    record_error(small.world, small.project, REPORT)
    await sender.idle()
    issue = next(r for r in hook.received if r.header("sentry-hook-resource") == "issue")
    assert re.fullmatch(r"[0-9a-f]{32}", issue.header("request-id"))
    assert issue.header("sentry-hook-timestamp").isdigit()
    assert issue.header("content-type") == "application/json"
    assert issue.header("user-agent") == "sentry/26.10.0 (https://sentry.io)"
    assert issue.header("accept") == "*/*"
    assert issue.header("content-length") == str(len(issue.body))


async def test_headers_keep_their_spelling_on_the_wire(small: Small, sender: WebhookSender) -> None:
    raw = bytearray()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raw.extend(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        small.integration.webhook_url = f"http://127.0.0.1:{port}/hooks"
        small.integration.events = ("issue",)
        record_error(small.world, small.project, REPORT)
        await sender.idle()
    for name in (b"Request-ID", b"Sentry-Hook-Resource", b"Sentry-Hook-Timestamp", b"Sentry-Hook-Signature"):
        assert b"\r\n" + name + b": " in raw


async def test_an_error_answer_is_not_tried_again_and_stands_in_the_log(
    small: Small, hook: Hook, sender: WebhookSender
) -> None:
    hook.status, hook.body = 500, b"x" * 3000
    hook.answer_headers = {"Sentry-Hook-Error": "7d0f4b1e2c8a4f6f9a3b5c2d1e0f8a97"}
    small.integration.events = ("issue",)
    event = record_error(small.world, small.project, REPORT)
    await sender.idle()
    await asyncio.sleep(0.05)
    assert len(hook.received) == 1
    (line,) = [a.as_json() for a in sender.log_of("vedette").read(small.world.clock(), errors_only=True)]
    assert event is not None
    assert line["responseCode"] == 500
    assert line["eventType"] == "issue.created"
    assert line["subjectId"] == str(event.issue.id)
    assert line["error_id"] == "7d0f4b1e2c8a4f6f9a3b5c2d1e0f8a97"
    assert len(line["request_body"]) == len(line["response_body"]) == 1024


@pytest.mark.alone
async def test_a_receiver_slower_than_a_second_is_logged_with_status_0(
    small: Small, hook: Hook, sender: WebhookSender
) -> None:
    hook.delay = 1.4
    small.integration.events = ("issue",)
    record_error(small.world, small.project, REPORT)
    await sender.idle()
    (attempt,) = sender.log_of("vedette").read(small.world.clock())
    assert attempt.status == 0
    assert 0.9 < attempt.duration < 1.4
    assert len(hook.received) == 1


async def test_a_refused_connection_is_logged_with_status_minus_1(small: Small, sender: WebhookSender) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        small.integration.webhook_url = f"http://127.0.0.1:{unused.getsockname()[1]}/"
        small.integration.events = ("issue",)
        record_error(small.world, small.project, REPORT)
        await sender.idle()
    (attempt,) = sender.log_of("vedette").read(small.world.clock())
    assert attempt.status == -1


async def test_a_redirect_is_not_followed_and_counts_as_success(
    small: Small, hook: Hook, sender: WebhookSender
) -> None:
    hook.status, hook.answer_headers = 301, {"Location": f"{hook.url}/"}
    small.integration.events = ("issue",)
    record_error(small.world, small.project, REPORT)
    await sender.idle()
    (attempt,) = sender.log_of("vedette").read(small.world.clock())
    assert (attempt.status, attempt.failed, len(hook.received)) == (301, False, 1)


async def test_only_what_is_subscribed_to_is_sent(small: Small, hook: Hook, sender: WebhookSender) -> None:
    small.integration.events = ("issue.resolved", "comment")
    event = record_error(small.world, small.project, REPORT)
    assert event is not None
    transitions.resolve(small.world, event.issue, Actor(user=small.user))
    await sender.idle()
    assert [r.header("sentry-hook-resource") for r in hook.received] == ["issue"]
    assert json.loads(hook.received[0].body)["action"] == "resolved"


async def test_an_act_of_any_integration_names_the_one_that_receives_it(
    small: Small, hook: Hook, sender: WebhookSender
) -> None:
    other = builders.add_integration(small.world, "Other", events=())
    small.integration.events = ("issue",)
    event = record_error(small.world, small.project, REPORT)
    assert event is not None
    transitions.resolve(small.world, event.issue, Actor(integration=other))
    await sender.idle()
    actors = {json.loads(r.body)["action"]: json.loads(r.body)["actor"] for r in hook.received}
    assert actors["resolved"] == {"type": "application", "id": small.integration.uuid, "name": "Vedette"}


async def test_webhooks_can_be_lost_doubled_delayed_and_forged(small: Small, hook: Hook, sender: WebhookSender) -> None:
    small.integration.events = ("issue",)
    for kind, wanted in (("webhook_lost", 0), ("webhook_twice", 2), ("webhook_forged", 1), ("webhook_late", 1)):
        sender.faults.add(Fault.from_json({"kind": kind, "match": r"issue\.created", "seconds": 0.1}))
        hook.received.clear()
        record_error(small.world, small.project, ErrorReport("E", kind, fingerprint=kind))
        if kind == "webhook_late":
            await asyncio.sleep(0.03)
            assert not hook.received
        await sender.idle()
        assert len(hook.received) == wanted
        for request in hook.received:
            right = hmac.new(small.integration.client_secret.encode(), request.body, hashlib.sha256).hexdigest()
            assert (request.header("sentry-hook-signature") == right) is (kind != "webhook_forged")
    assert not sender.faults.standing
