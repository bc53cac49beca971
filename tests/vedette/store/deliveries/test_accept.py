"""Storing a delivery: what a script left half done is completed when the delivery comes again from the spool."""

import time

from vedette._core.ids import new_identifier
from vedette.store.deliveries.deliveries import Deliveries
from vedette.store.deliveries.stored_record import StoredRecord, encode_facts
from vedette.store.runs.consistency import find_stalled
from vedette.store.server.client import RedisClient
from vedette.store.server.keys import (
    DELIVERIES,
    DELIVERY_PREFIX,
    JOURNAL,
    PREFIX,
    SEEN_PREFIX,
    STORED,
    messages_key,
    queue_key,
)
from vedette.store.server.scripts import script


def made(subject: str = "issue:42") -> StoredRecord:
    return StoredRecord(
        id=new_identifier(),
        key="key",
        window=60_000,
        integration="default",
        source="webhook",
        resource="issue",
        action="created",
        subject=subject,
        issue="42",
        accepted=time.time_ns() // 1_000_000,
        sent="",
        request_id="",
        headers="{}",
        size=2,
        encoding="",
        state="accepted",
        reason="",
        secret="",
    )


async def accept(client: RedisClient, *facts: StoredRecord, may_be_stored: bool = False) -> list[bytes]:
    keys = [DELIVERIES, JOURNAL, STORED, queue_key("fan_out"), messages_key("fan_out")]
    arguments: list[str | bytes | int] = [DELIVERY_PREFIX, SEEN_PREFIX, 100, str(int(may_be_stored))]
    for one in facts:
        arguments += [encode_facts(one), b"{}"]
    return await client.register_script(script("deliveries/accept"))(keys=keys, args=arguments)


async def queued(client: RedisClient) -> list[str]:
    return [one.decode() for one in await client.lrange(queue_key("fan_out"), 0, -1)]


async def test_a_key_of_the_wrong_type_keeps_no_delivery_from_being_queued(client: RedisClient) -> None:
    await client.set(f"{PREFIX}subject:issue:42", "of the wrong type")
    facts = made()
    assert await accept(client, facts) == [b""]
    assert await queued(client) == [facts.id]


async def test_a_delivery_that_was_stored_half_way_is_queued_when_it_comes_again(client: RedisClient) -> None:
    facts = made()
    await accept(client, facts)
    await client.delete(DELIVERIES, STORED, queue_key("fan_out"), messages_key("fan_out"))
    assert await accept(client, facts, may_be_stored=True) == [b""]
    assert await queued(client) == [facts.id]
    assert await client.get(STORED) == str(len(b"{}" + encode_facts(facts))).encode()
    assert await find_stalled(client) == []


async def test_a_delivery_that_is_stored_whole_is_not_queued_again(client: RedisClient) -> None:
    facts = made()
    await accept(client, facts)
    assert await accept(client, facts, may_be_stored=True) == [b""]
    assert await queued(client) == [facts.id]


async def test_a_delivery_whose_subject_cannot_be_ordered_is_quarantined_in_the_end(client: RedisClient) -> None:
    facts = made()
    await client.set(f"{PREFIX}subject:issue:42", "of the wrong type")
    await accept(client, facts)
    await Deliveries(client).quarantine(facts.id, "could not be decided")
    assert (await Deliveries(client).summary(facts.id)).quarantined == "could not be decided"
