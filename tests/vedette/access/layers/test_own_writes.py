from typing import Any

import pytest

from vedette.access.layers.own_writes import OwnWritesLayer
from vedette.api.errors import NotFound, SentryTimeout

ISSUE = "sentry.example/acme:1"


@pytest.fixture
def layer(end: Any, connection: Any, services: Any) -> OwnWritesLayer:
    return OwnWritesLayer(end, connection, services.own_writes)


async def test_a_write_departs_with_notes_of_the_events_that_it_causes(layer: Any, prepare: Any, end: Any) -> None:
    await layer.send(prepare())
    notes = end.only.departure.notes
    assert (notes.ids, notes.record) == ({ISSUE: "note"}, repr(("triage", ("issue.resolved",), "", False)))


async def test_a_write_that_causes_no_event_is_not_noted(layer: Any, prepare: Any, end: Any) -> None:
    await layer.send(prepare(body={"priority": "high"}))
    assert end.only.departure.notes.ids == {}


@pytest.mark.parametrize(
    ("kind", "more", "is_noted"), [(NotFound, {}, False), (SentryTimeout, {"cause": "Timeout"}, True)]
)
async def test_a_note_is_removed_where_the_write_had_no_effect_for_sure(
    layer: Any, prepare: Any, end: Any, ledger: Any, kind: Any, more: Any, is_noted: bool
) -> None:
    call = prepare()
    end.error = kind(call.call, **more)
    with pytest.raises(kind):
        await layer.send(call)
    assert ledger.forgotten == ([] if is_noted else [(ISSUE, "note")])
