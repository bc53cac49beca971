from collections.abc import Callable

import pytest

from vedette.admin.dead_letters import (
    InvalidRunIdError,
    discard_runs,
    get_dead_letter,
    list_dead_letters,
    replay_dead_letters,
    replay_delivery,
)
from vedette.admin.filters import DeliveryFilter
from vedette.admin.names import UnknownNameError
from vedette.admin.schedule import cancel_message, list_schedule
from vedette.admin.session import AdminSession
from vedette.store.runs.dead_letters import NotReplayableError

Record = Callable[..., str]


async def test_dead_letters_are_listed_and_shown(session: AdminSession, record: Record) -> None:
    delivery = record("SHOP-5", "32", triage={"state": "dead", "error": "it broke"}, plugin={"state": "done"})
    assert [one.id for one in await list_dead_letters(session, DeliveryFilter())] == [f"{delivery}:triage"]
    letter = await get_dead_letter(session, f"{delivery}:triage")
    assert letter is not None
    assert letter.run.error == "it broke"
    assert await get_dead_letter(session, f"{delivery}:plugin") is None
    with pytest.raises(InvalidRunIdError):
        await get_dead_letter(session, delivery)
    with pytest.raises(UnknownNameError):
        await list_dead_letters(session, DeliveryFilter(handler="traige"))


async def test_only_dead_runs_are_discarded(session: AdminSession, record: Record) -> None:
    delivery = record("SHOP-5", "32", triage={"state": "dead"}, plugin={"state": "done"})
    assert await discard_runs(session, [f"{delivery}:triage", f"{delivery}:plugin"]) == 1
    assert await list_dead_letters(session, DeliveryFilter()) == []


async def test_a_replay_spreads_the_runs_and_each_can_be_cancelled(session: AdminSession, record: Record) -> None:
    both = {record("SHOP-4", "31", triage={"state": "dead"}), record("SHOP-5", "32", triage={"state": "dead"})}
    assert await replay_dead_letters(session, DeliveryFilter(handler="triage"), rate=0.01) == 2
    (waiting,) = [one.delivery for one in await list_schedule(session)]
    assert waiting in both
    assert await cancel_message(session, f"{waiting}:triage")
    assert not await cancel_message(session, f"{waiting}:triage")
    assert await list_schedule(session) == []


async def test_a_run_that_never_was_cannot_be_replayed(session: AdminSession, record: Record) -> None:
    delivery = record("SHOP-5", "32", triage={"state": "done"})
    with pytest.raises(NotReplayableError):
        await replay_delivery(session, delivery, "runbook")
    await replay_delivery(session, delivery)
