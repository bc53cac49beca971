"""A rebuilt delivery and its original are one, whichever comes first and whatever keys the original came with."""

import itertools
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest

from tests.vedette.store.deliveries.test_accept import accept as accept_webhooks
from tests.vedette.store.deliveries.test_accept import made
from vedette.reconcile.storage import RebuiltDeliveries
from vedette.store.deliveries.deliveries import Deliveries
from vedette.store.deliveries.stored_record import StoredRecord
from vedette.store.server.client import RedisClient
from vedette.store.server.keys import arrivals_key

MINUTE = 60_000
HOUR = 60 * MINUTE
NUMBERS = itertools.count()
KEYS = pytest.mark.parametrize("sent_key", ["", "a" * 32], ids=["without a key", "with an Idempotency-Key"])
KINDS = pytest.mark.parametrize("action", ["created", "resolved"])


@dataclass
class Kind:
    action: str

    @property
    def occurrence(self) -> str:
        return f"issue.{self.action} 42"

    @property
    def recurs(self) -> bool:
        return self.action != "created"


def webhook(kind: Kind, sent: int, sent_key: str = "", *, meaning: str = "same") -> StoredRecord:
    return _record(kind, sent=f"{sent // 1000}", accepted=sent, meaning=meaning, sent_key=sent_key)


def _record(kind: Kind, *, meaning: str, **fields: Any) -> StoredRecord:
    base = made()
    values: dict[str, Any] = {name: getattr(base, name) for name in StoredRecord.__struct_fields__}
    values |= {
        "action": kind.action,
        "key": f"default:-:issue.{kind.action}:42:{meaning}",
        "window": 15 * MINUTE if kind.recurs else 24 * HOUR,
        "sent_window": 24 * HOUR,
        "recurs": kind.recurs,
        "occurrence": kind.occurrence,
        "body_key": "" if fields.get("happened") else f"{next(NUMBERS):032}",
    }
    return StoredRecord(**(values | fields))


def rebuilt(kind: Kind, happened: int, *, meaning: str = "same") -> StoredRecord:
    now = made().accepted
    return _record(
        kind, source="reconcile", happened=happened, rebuilt="recent", accepted=now, meaning=meaning, sent_key=""
    )


async def accept_rebuilt(client: RedisClient, record: StoredRecord) -> bytes:
    count = await client.zcard(arrivals_key("default", record.occurrence))
    return await RebuiltDeliveries(client).submit(record, b"{}", count)


@KINDS
@KEYS
async def test_a_late_original_is_the_duplicate_of_the_rebuilt_one(
    client: RedisClient, action: str, sent_key: str
) -> None:
    kind, happened = Kind(action), made().accepted - 30 * MINUTE
    record = rebuilt(kind, happened)
    assert await accept_rebuilt(client, record) == b""
    # Sentry's API may show details that the webhook had not: the meaning may differ.
    late = webhook(kind, happened + MINUTE, sent_key, meaning="other")
    assert await accept_webhooks(client, late) == [record.id.encode()]
    # What cannot recur keeps its meaning over all attempts.
    meaning = "third" if kind.recurs else "other"
    retry = webhook(kind, happened + 6 * MINUTE, sent_key, meaning=meaning) if sent_key else late
    assert await accept_webhooks(client, retry) == [record.id.encode()]
    assert (await Deliveries(client).summary(record.id)).duplicates == 2


@KINDS
@KEYS
async def test_an_original_that_arrives_before_the_rebuilt_one_is_stored_refuses_it(
    client: RedisClient, action: str, sent_key: str
) -> None:
    kind, happened = Kind(action), made().accepted - 30 * MINUTE
    record = rebuilt(kind, happened)
    seen = await client.zcard(arrivals_key("default", kind.occurrence))
    original = webhook(kind, happened + 1000, sent_key)
    assert await accept_webhooks(client, original) == [b""]
    assert await RebuiltDeliveries(client).submit(record, b"{}", seen) == b"!"
    assert [one.id for one in await Deliveries(client).latest()] == [original.id]


@KINDS
async def test_a_happening_is_rebuilt_once_however_many_sweep(client: RedisClient, action: str) -> None:
    kind, happened = Kind(action), made().accepted - 30 * MINUTE
    first, second = rebuilt(kind, happened), rebuilt(kind, happened)
    assert await accept_rebuilt(client, first) == b""
    assert await accept_rebuilt(client, second) == first.id.encode()
    # Its answer was lost: it is asked again under its own id.
    assert await RebuiltDeliveries(client).submit(first, b"{}", 0) in {b"", first.id.encode()}
    assert len(await Deliveries(client).latest()) == 1


@KEYS
async def test_one_original_is_absorbed_and_what_happens_again_is_new(client: RedisClient, sent_key: str) -> None:
    kind, happened = Kind("resolved"), made().accepted - 5 * MINUTE
    record = rebuilt(kind, happened)
    await accept_rebuilt(client, record)
    assert await accept_webhooks(client, webhook(kind, happened + 1000, sent_key)) == [record.id.encode()]
    again = webhook(kind, happened + 30 * MINUTE, sent_key[::-1].replace("a", "b"))
    assert await accept_webhooks(client, again) == [b""]


@KEYS
@pytest.mark.parametrize("action", ["resolved", "unresolved", "archived"])
async def test_an_original_that_comes_hours_late_is_a_duplicate(
    client: RedisClient, action: str, sent_key: str
) -> None:
    kind, happened = Kind(action), made().accepted - 30 * HOUR
    record = msgspec.structs.replace(rebuilt(kind, happened), accepted=happened + 10 * MINUTE)
    await accept_rebuilt(client, record)
    for minutes in (26 * 60, 26 * 60 + 1):
        # It comes again a minute later, since its answer was lost.
        late = webhook(kind, happened + minutes * MINUTE, sent_key)
        assert await accept_webhooks(client, late) == [record.id.encode()]
    assert len(await Deliveries(client).latest()) == 1


@KEYS
@pytest.mark.parametrize(
    ("action", "between"),
    [("resolved", "unresolved"), ("resolved", "archived"), ("unresolved", "resolved"), ("archived", "unresolved")],
)
@pytest.mark.parametrize("is_rebuilt", [False, True], ids=["which came", "which was rebuilt"])
async def test_what_happens_again_after_another_change_is_no_late_original(
    client: RedisClient, action: str, between: str, sent_key: str, *, is_rebuilt: bool
) -> None:
    kind, other, happened = Kind(action), Kind(between), made().accepted - 5 * HOUR
    await accept_rebuilt(client, rebuilt(kind, happened))
    if is_rebuilt:
        await accept_rebuilt(client, rebuilt(other, happened + HOUR))
    else:
        await accept_webhooks(client, webhook(other, happened + HOUR))
    assert await accept_webhooks(client, webhook(kind, happened + 2 * HOUR, sent_key)) == [b""]


async def test_what_an_hour_later_says_something_else_is_no_late_original(client: RedisClient) -> None:
    kind, happened = Kind("resolved"), made().accepted - 3 * HOUR
    await accept_rebuilt(client, rebuilt(kind, happened))
    assert await accept_webhooks(client, webhook(kind, happened + 2 * HOUR, meaning="in a release")) == [b""]


async def test_an_issue_that_is_assigned_again_hours_later_is_no_late_original(client: RedisClient) -> None:
    # No webhook tells that an assignee was taken away in between.
    kind, happened = Kind("assigned"), made().accepted - 3 * HOUR
    await accept_rebuilt(client, rebuilt(kind, happened))
    assert await accept_webhooks(client, webhook(kind, happened + 2 * HOUR)) == [b""]


async def test_two_happenings_of_one_kind_are_both_rebuilt(client: RedisClient) -> None:
    kind, happened = Kind("resolved"), made().accepted - 3 * HOUR
    assert await accept_rebuilt(client, rebuilt(kind, happened)) == b""
    assert await accept_rebuilt(client, rebuilt(kind, happened + MINUTE)) == b""


async def test_arrivals_of_the_wrong_type_keep_no_delivery_from_being_stored(client: RedisClient) -> None:
    kind = Kind("resolved")
    await client.set(arrivals_key("default", kind.occurrence), "of the wrong type")
    assert await accept_webhooks(client, webhook(kind, made().accepted)) == [b""]
    assert len(await Deliveries(client).latest()) == 1
