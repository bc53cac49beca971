"""What happens is yielded once it has happened, and nothing else."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from tests.conftest import connect
from tests.vedette.admin import conftest as sessions
from vedette.admin.filters import DeliveryFilter
from vedette.admin.lookup.follow import follow_deliveries, follow_runs
from vedette.admin.session import AdminSession
from vedette.store.server.keys import JOURNAL

client, session, record = sessions.client, sessions.session, sessions.record
Record = Callable[..., str]
Note = Callable[..., None]


@pytest.fixture
def note(redis_url: str) -> Note:
    """Write an entry to the journal, as the scripts do."""

    def note(delivery: str, kind: str, **facts: str) -> None:
        entry = {"kind": kind, "delivery": delivery, "resource": "issue", "action": "created", "handler": "triage"}
        with connect(redis_url) as blocking:
            blocking.xadd(JOURNAL, {**entry, **facts})

    return note


async def first(source: AsyncIterator[Any]) -> Any:
    return await asyncio.wait_for(anext(source), 30)


async def test_deliveries_are_yielded_that_match(session: AdminSession, record: Record, note: Note) -> None:
    before, other, wanted = (record(name, name[-1], triage={"state": "dead"}) for name in ("A-1", "B-2", "A-1"))
    note(before, "ended", state="dead")
    source = await follow_deliveries(session, DeliveryFilter(issue="A-1"))
    note(other, "ended", state="dead")
    note(wanted, "decided", handlers="1")
    note(wanted, "ended", state="dead")
    assert (await first(source)).delivery.id == wanted


async def test_what_no_handler_asks_for_is_yielded_too(session: AdminSession, record: Record, note: Note) -> None:
    source = await follow_deliveries(session, DeliveryFilter())
    delivery = record("A-1", "1")
    note(delivery, "decided", handlers="0")
    assert (await first(source)).delivery.id == delivery


async def test_runs_are_yielded_that_match(session: AdminSession, record: Record, note: Note) -> None:
    source = await follow_runs(session, DeliveryFilter(state="dead"))
    done = record("A-1", "1", triage={"state": "done"}, notify={"state": "dead"})
    dead = record("A-1", "1", triage={"state": "dead"}, notify={"state": "dead"})
    note(done, "ended", state="done")
    note(dead, "ended", state="dead")
    found = await first(source)
    assert (found.delivery.id, found.run.handler, found.run.state) == (dead, "triage", "dead")
