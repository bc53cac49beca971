"""What the receiver stores is what the rest of Vedette reads."""

import msgspec

from receiver.ingest.record import decode_record
from tests.receiver.running import MakeSettings, Running, Store, running
from tests.receiver.sentry import SECRET, issue_body, wire
from tests.write_departures import note_write
from vedette.settings.settings import Settings
from vedette.store.access.own_writes import OwnWrites
from vedette.store.deliveries.deliveries import Deliveries
from vedette.store.deliveries.stored_record import encode_facts
from vedette.store.queues.queue_messages import FAN_OUT_QUEUE
from vedette.store.runs.runs import Runs
from vedette.store.server.keys import (
    DELIVERIES,
    DELIVERY_PREFIX,
    JOURNAL,
    JOURNAL_LENGTH,
    SEEN_PREFIX,
    STORED,
    messages_key,
    queue_key,
)
from vedette.store.server.scripts import script
from vedette.store.server.server_check import open_redis


async def test_a_stored_delivery_is_read_whole_and_shows_what_became_of_it(
    receiver: Running, store: Store, redis_url: str
) -> None:
    identifier = (await receiver.hook(issue_body(42))).json()["delivery"]
    client = open_redis(redis_url)
    try:
        deliveries = Deliveries(client, {"default": "one.example/acme", "other": "two.example/acme"})
        found = await deliveries.get(identifier)
        assert found.body == issue_body(42)
        assert found.headers["sentry-hook-resource"] == "issue"
        assert (found.summary.integration, found.summary.source, found.summary.subject) == (
            "default",
            "webhook",
            "issue:42",
        )
        assert (found.summary.issue, found.summary.size) == ("42", len(issue_body(42)))
        assert [found.summary] == await deliveries.latest() == [await deliveries.summary(identifier)]
        ledger = OwnWrites(client, 60.0)
        noted = await note_write(client, ledger, "one.example/acme:42", ["issue.resolved"])
        await note_write(client, ledger, "two.example/acme:42", ["issue.resolved"])
        look = await deliveries.load_for_dispatch(identifier)
        assert (look.summary, look.whole, list(look.own_writes)) == (found.summary, found, [noted.encode()])
        await deliveries.quarantine(identifier, "unreadable")
        assert (await deliveries.summary(identifier)).quarantined == "unreadable"
    finally:
        await client.aclose()
    assert "integration" not in [name.decode() for name in store.client.hkeys("{vedette}:delivery:" + identifier)]


async def test_two_sentrys_with_one_issue_id_have_two_subjects(make_settings: MakeSettings, store: Store) -> None:
    own = {"client_secret": SECRET, "organization": "acme", "sentry_url": "https://sentry.example"}
    others = {"here": own, "also_here": own, "there": own | {"sentry_url": "https://other.example"}}
    settings = make_settings()
    settings = Settings.model_validate(
        settings.model_dump(mode="python") | {"integrations": others, "redis_url": settings.redis_url}
    )
    async with running(settings) as receiver:
        found = [
            store.delivery((await receiver.hook(issue_body(42), path=f"/hooks/{name}")).json()["delivery"])
            for name in others
        ]
    assert [one["subject"] for one in found] == [b"issue:42"] * 3
    assert [one["subject_key"] for one in found] == [
        b"sentry.example/acme issue:42",
        b"sentry.example/acme issue:42",
        b"other.example/acme issue:42",
    ]
    assert len(store.client.keys("{vedette}:subject:*")) == 2


async def test_a_record_that_an_older_version_spooled_is_stored(redis_url: str, store: Store) -> None:
    # With a window that Redis refuses.
    older = (*("0" * 26, "default:key", 0, "default", "webhook", "issue", "created", "issue:42", "42"),)
    older = (*older, 1000, "", "", "{}", 2, "", "accepted", "", "secret")
    delivery = decode_record(msgspec.msgpack.encode((older, b"{}")))
    keys = [DELIVERIES, JOURNAL, STORED, queue_key(FAN_OUT_QUEUE), messages_key(FAN_OUT_QUEUE)]
    client = open_redis(redis_url)
    try:
        accept = client.register_script(script("deliveries/accept"))
        for packed in (msgspec.msgpack.encode(older), encode_facts(delivery.record)):
            arguments = [DELIVERY_PREFIX, SEEN_PREFIX, JOURNAL_LENGTH, "1", packed, delivery.body]
            assert await accept(keys=keys, args=arguments) == [b""]
    finally:
        await client.aclose()
    assert store.ids() == store.queued() == ["0" * 26]
    assert store.client.exists("{vedette}:subject:issue:42") == 1


async def test_the_short_id_and_the_title_are_known_before_any_handler_asks(
    receiver: Running, redis_url: str, store: Store
) -> None:
    issue = issue_body(42, shortId="SHOP-4K", title="x" * 200)
    error = wire({"action": "created", "data": {"error": {"issue_id": "42", "title": "KeyError \ud800"}}})
    odd = issue_body(43, shortId=["SHOP"], title={"a": 1})
    ids = [
        (await receiver.hook(body, resource)).json()["delivery"]
        for body, resource in ((issue, "issue"), (error, "error"), (odd, "issue"))
    ]
    client = open_redis(redis_url)
    try:
        runs, deliveries = Runs(client), Deliveries(client)
        await runs.plan(ids[0], [], (await deliveries.load_for_dispatch(ids[0])).summary.label or "")
        found = [await deliveries.summary(identifier) for identifier in ids]
    finally:
        await client.aclose()
    assert [(one.label, one.title) for one in found] == [("SHOP-4K", "x" * 100), ("42", "KeyError ?"), ("43", None)]
    assert store.delivery(ids[0])["label"] == b"SHOP-4K"
