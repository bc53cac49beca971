from collections.abc import Callable

import pytest

from vedette.admin.deliveries import list_deliveries, list_runs
from vedette.admin.filters import DeliveryFilter
from vedette.admin.names import UnknownNameError
from vedette.admin.session import AdminSession

Record = Callable[..., str]


async def test_deliveries_are_found_by_id_and_short_id(session: AdminSession, record: Record) -> None:
    wanted = record("SHOP-4K", "31", triage={"state": "done"})
    record("SHOP-5", "32", triage={"state": "dead"})
    for issue in ("31", "shop-4k"):
        ((delivery, runs),) = await list_deliveries(session, DeliveryFilter(issue=issue))
        assert (delivery.id, [run.state for run in runs]) == (wanted, ["done"])


async def test_runs_are_found_by_handler_and_state(session: AdminSession, record: Record) -> None:
    record("SHOP-4K", "31", triage={"state": "done"}, plugin={"state": "dead"})
    found = await list_runs(session, DeliveryFilter(handler="plugin", state="dead"))
    assert [(one.delivery.label, one.run.handler) for one in found] == [("SHOP-4K", "plugin")]
    assert len(await list_runs(session, DeliveryFilter(limit=1))) == 1


async def test_an_empty_result_checks_the_names(session: AdminSession, record: Record) -> None:
    record("SHOP-4K", "31", triage={"state": "done"})
    assert await list_deliveries(session, DeliveryFilter(handler="runbook")) == []
    with pytest.raises(UnknownNameError, match="did you mean triage"):
        await list_deliveries(session, DeliveryFilter(handler="traige"))
    with pytest.raises(UnknownNameError, match="did you mean issue"):
        await list_runs(session, DeliveryFilter(resource="isue"))
