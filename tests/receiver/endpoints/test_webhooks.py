"""Responses of the webhook endpoint, and the deliveries that it stores."""

import asyncio
import json
import time

import msgspec
import pytest
import zstandard

from tests.receiver.running import MakeSettings, Running, Store, running, until
from tests.receiver.sentry import INSTALLATION, SECRET, hook_headers, issue_body, sign, wire
from vedette.store.deliveries.journal import Journal, JournalEntry
from vedette.store.queues.queue_messages import fan_out_message
from vedette.store.server.server_check import open_redis

FRESH = "fresh-secret-of-the-tests"
THEIRS = "their-secret-of-the-tests"


async def test_a_signed_delivery_is_stored_whole_and_queued_before_its_answer(receiver: Running, store: Store) -> None:
    details = {"inRelease": "1.2"}
    body = issue_body(42, "resolved", statusDetails=details, filler="x" * 2000, shortId="SHOP-4K")
    before = time.time_ns() // 1_000_000
    response = await receiver.hook(body, Authorization="Bearer abc", X_Ingress_Token="hidden", Cookie="a=b")
    assert response.status_code == 202
    identifier = response.json()["delivery"]
    assert response.json() == {"delivery": identifier}
    kept = store.delivery(identifier)
    accepted = int(kept["accepted"])
    assert before <= accepted <= time.time_ns() // 1_000_000
    stored = kept.pop("body")
    # This process runs the tests too, and may be too busy to compress.
    assert (zstandard.decompress(stored) if kept.pop("encoding") == b"zstd" else stored) == body
    headers = json.loads(kept.pop("headers"))
    assert kept == {
        "edition": b"2",
        "name": b"issue.resolved",
        "integration": b"default",
        "source": b"webhook",
        "resource": b"issue",
        "action": b"resolved",
        "subject": b"issue:42",
        "subject_key": b"integration:default issue:42",
        "tenant": b"integration:default",
        "label": b"SHOP-4K",
        "title": b"plain",
        "occurrence": b"issue.resolved 42",
        "happened": b"0",
        "rebuilt": b"",
        "issue": b"42",
        "accepted": str(accepted).encode(),
        "sent": b"1795419489",
        "request_id": b"b45c203c03d84c8099beb727730f7fd7",
        "size": str(len(body)).encode(),
        "state": b"accepted",
        "reason": b"",
        "secret": kept["secret"],
    }
    assert kept["secret"] == b"1"
    # These are fields of the record.
    assert not {"sentry-hook-resource", "sentry-hook-timestamp", "request-id"} & set(headers)
    assert headers["content-type"] == "application/json"
    assert not {"accept", "accept-encoding", "connection", "content-length"} & set(headers)
    assert not {"authorization", "cookie", "x-ingress-token", "sentry-hook-signature"} & set(headers)
    assert "hidden" not in str(headers)
    assert store.ids() == store.queued() == [identifier]
    message = store.client.hget("{vedette}:queue:fan_out.msgs", identifier)
    assert message == fan_out_message(identifier, accepted)
    entry = store.client.xrange("{vedette}:journal")[-1][1]
    assert entry[b"kind"] == b"accepted"
    (known,) = msgspec.msgpack.decode(entry[b"deliveries"])
    assert known == [identifier, "issue", "resolved", "42", accepted, "accepted"]
    sizes = [store.client.hstrlen("{vedette}:delivery:" + identifier, field) for field in ("body", "facts")]
    assert int(store.client.get("{vedette}:stored")) == sum(sizes)


@pytest.mark.parametrize("path", ["/hooks", "/hooks/", "/hooks/default", "/hooks/default/"])
async def test_each_spelling_of_the_path_takes_deliveries(receiver: Running, path: str) -> None:
    assert (await receiver.hook(issue_body(), path=path)).status_code == 202


async def test_wrong_paths_and_methods_are_told_and_never_redirected(receiver: Running, store: Store) -> None:
    body = issue_body()
    for path in (
        "/",
        "/hook",
        "/hooks/nobody",
        "/hooks/default/more",
        "/service-hooks/default",
        "/legacy/default/guess",
    ):
        response = await receiver.hook(body, path=path)
        assert response.status_code == 404, path
        assert response.json() == {"error": "not found"}
    for method in ("GET", "HEAD", "PUT", "DELETE", "OPTIONS"):
        response = await receiver.client.request(method, "/hooks")
        assert response.status_code == 405
        assert response.headers["allow"] == "POST"
    assert (await receiver.client.post("/health/live")).status_code == 405
    assert store.ids() == []


async def test_a_wrong_signature_gets_no_detail_and_leaves_nothing(receiver: Running, store: Store) -> None:
    body = issue_body()
    good = hook_headers(body)
    attempts: list[dict[str, str]] = [
        {name: value for name, value in good.items() if name != "Sentry-Hook-Signature"},
        good | {"Sentry-Hook-Signature": ""},
        good | {"Sentry-Hook-Signature": "0" * 64},
        good | {"Sentry-Hook-Signature": sign(body, "other")},
        good | {"Sentry-Hook-Signature": sign(body + b" ")},
    ]
    for headers in attempts:
        response = await receiver.client.post("/hooks", content=body, headers=headers)
        assert response.status_code == 401
        assert response.json() == {"error": "unauthorized"}
    altered = body.replace(b"plain", b"plane")
    assert (await receiver.client.post("/hooks", content=altered, headers=good)).status_code == 401
    assert store.client.keys("{vedette}:de*") == []
    figures = await receiver.figures()
    assert figures['vedette_deliveries_refused_total{reason="wrong_signature"}'] == 5
    assert figures['vedette_deliveries_refused_total{reason="no_signature"}'] == 1


async def test_a_ui_components_signature_does_not_open_the_webhook_route(receiver: Running) -> None:
    headers = {"Sentry-App-Signature": sign(b""), "Sentry-Hook-Resource": "issue"}
    assert (await receiver.client.post("/hooks", content=b"", headers=headers)).status_code == 401


async def test_old_and_new_secret_both_open_while_one_rotates_and_are_told_apart(make_settings: MakeSettings) -> None:
    async with running(make_settings(integration={"client_secret": f"{SECRET}, {FRESH}"})) as receiver:
        for number, secret in enumerate((SECRET, SECRET, FRESH)):
            body = issue_body(number)
            response = await receiver.client.post("/hooks", content=body, headers=hook_headers(body, secret=secret))
            assert response.status_code == 202
        matched = [value for name, value in (await receiver.figures()).items() if "secret_matched_total" in name]
    assert sorted(matched) == [1, 2]


async def test_integrations_are_kept_apart_by_path(make_settings: MakeSettings, store: Store) -> None:
    settings = make_settings()
    other = settings.integrations["default"].model_validate({"client_secret": THEIRS})
    settings = settings.model_copy(update={"integrations": {**settings.integrations, "other": other}})
    body = issue_body()
    async with running(settings) as receiver:
        crossed = await receiver.client.post("/hooks/other", content=body, headers=hook_headers(body))
        theirs = await receiver.client.post("/hooks/other", content=body, headers=hook_headers(body, secret=THEIRS))
        ours = await receiver.hook(body)
    assert (crossed.status_code, theirs.status_code, ours.status_code) == (401, 202, 202)
    assert store.delivery(theirs.json()["delivery"])["integration"] == b"other"


async def test_deliveries_that_come_together_are_all_stored_once(receiver: Running, store: Store) -> None:
    bodies = [issue_body(number) for number in range(100)]
    responses = await asyncio.gather(*(receiver.hook(body) for body in bodies))
    identifiers = {response.json()["delivery"] for response in responses}
    assert {response.status_code for response in responses} == {202}
    assert identifiers == set(store.ids()) == set(store.queued())
    assert len(identifiers) == 100
    subjects = {identifier: store.delivery(identifier)["subject"] for identifier in identifiers}
    for number, response in enumerate(responses):
        assert subjects[response.json()["delivery"]] == f"issue:{number}".encode()


async def test_a_script_that_redis_forgot_is_sent_again(receiver: Running, store: Store) -> None:
    store.client.script_flush()
    assert (await receiver.hook(issue_body(1))).status_code == 202
    assert (await receiver.hook(issue_body(2))).status_code == 202
    assert len(store.ids()) == 2
    assert (await receiver.figures())["vedette_deliveries_spooled_total"] == 0


async def test_the_figures_say_what_happened(receiver: Running) -> None:
    await receiver.hook(issue_body(1))
    await receiver.hook(issue_body(1))
    await receiver.hook(wire({"action": "x", "data": {}, "installation": {"uuid": INSTALLATION}}), resource="novel")
    await receiver.hook(b"nonsense")
    figures = await receiver.figures()
    assert figures['vedette_deliveries_accepted_total{integration="default",resource="issue"}'] == 3
    assert figures['vedette_deliveries_accepted_total{integration="default",resource="other"}'] == 1
    assert figures["vedette_deliveries_duplicate_total"] == 1
    assert figures['vedette_deliveries_quarantined_total{reason="not_json"}'] == 1
    assert figures["vedette_accept_seconds_count"] == 4
    assert figures["vedette_delivery_age_seconds_count"] == 4
    assert figures["vedette_redis_up"] == 1
    assert figures["vedette_spool_records"] == 0


async def test_health_says_live_and_ready(receiver: Running) -> None:
    assert (await receiver.client.get("/health/live")).json() == {"status": "live"}
    ready = await receiver.client.get("/health/ready")
    assert ready.status_code == 200
    assert ready.json()["status"] == "ready"
    assert ready.json()["spool"]["state"] == "empty"
    assert "server" not in ready.headers


async def test_the_journal_tells_what_came_and_what_was_kept_apart(
    receiver: Running, store: Store, redis_url: str
) -> None:
    client = open_redis(redis_url)
    try:
        journal = Journal(client)
        await journal.start()
        bodies = [issue_body(7), b"not json", issue_body(8)]
        answers = await asyncio.gather(*(receiver.hook(body) for body in bodies))
        entries: list[JournalEntry] = []

        async def all_told() -> bool:
            entries.extend(await journal.follow(1.0))
            return len(entries) == 3

        await until(all_told)
    finally:
        await client.aclose()
    told = {entry.delivery: (entry.kind, entry.name, entry.issue, entry.state) for entry in entries}
    assert [told[answer.json()["delivery"]] for answer in answers] == [
        ("accepted", "issue.created", "7", "accepted"),
        ("accepted", "issue", "", "quarantined"),
        ("accepted", "issue.created", "8", "accepted"),
    ]
    assert [entry.at for entry in entries] == [int(store.delivery(entry.delivery)["accepted"]) for entry in entries]
