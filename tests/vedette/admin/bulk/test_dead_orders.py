from collections.abc import AsyncIterator, Callable

import pytest

from vedette.admin.bulk.bulk_orders import carry_out_bulk_job, get_bulk_job, start_bulk_job, stop_bulk_job
from vedette.admin.bulk.dead_orders import act_on_dead, dead_filter, plan_dead_order
from vedette.admin.connections import policy_services
from vedette.admin.dead_letters import discard_runs, list_dead_letters
from vedette.admin.filters import DeliveryFilter
from vedette.admin.session import AdminSession
from vedette.store.access.audit_log import AuditEntry
from vedette.store.console.bulk_jobs import BulkJob

Record = Callable[..., str]


async def entries(session: AdminSession) -> list[AuditEntry]:
    return [entry async for entry in policy_services(session).audit.oldest()]


def dead(handler: str, error: str, ended: int = 5) -> dict[str, dict[str, str]]:
    return {handler: {"state": "dead", "error": error, "ended": str(ended)}}


async def test_a_plan_counts_what_it_can_do_and_says_why_it_leaves_the_rest(
    session: AdminSession, record: Record
) -> None:
    first = record("SHOP-1", "1", **dead("triage", "502 of SHOP-1", 5))
    second = record("SHOP-2", "2", **dead("triage", "502 of SHOP-2", 9))
    record("SHOP-3", "3", **dead("gone", "502"), plugin={"state": "done"})
    plan = await plan_dead_order(session, "retry", dead_filter())
    assert [one.run.delivery for one in plan.letters] == [first, second]
    assert plan.left_out == {"no worker has loaded gone": 1}
    assert (plan.total, plan.oldest, plan.newest, plan.is_whole) == (3, 5, 9, True)
    assert plan.intent == "replayed 2 dead runs of triage"
    assert (await plan_dead_order(session, "discard", dead_filter())).intent == "discarded 3 dead runs of gone, triage"
    assert await entries(session) == []


async def test_many_are_retried_by_one_order_in_the_audit(session: AdminSession, record: Record) -> None:
    for number in range(3):
        record(f"SHOP-{number}", str(number), **dead("triage", "502"))
    plan = await plan_dead_order(session, "retry", dead_filter(handler="triage"))
    job = await start_bulk_job(session, plan.intent, len(plan.letters), "/failed")
    ended = await carry_out_bulk_job(session, job, act_on_dead(session, plan), handler="triage")
    assert (ended.state, ended.done, ended.left) == ("ended", 3, 0)
    stored = await get_bulk_job(session, job.id)
    assert stored is not None
    assert (stored.state, stored.done, stored.by, stored.intent) == ("ended", 3, "ann", plan.intent)
    assert await list_dead_letters(session, DeliveryFilter()) == []
    order, outcome = await entries(session)
    assert (order.kind, order.text("intent"), order.text("decision")) == ("order", plan.intent, "ordered by ann")
    assert order.text("handler") == "triage"
    assert (outcome.facts["of"], outcome.facts["done"], outcome.text("error")) == (order.number, 3, "")


async def test_a_run_that_is_not_dead_any_more_is_left(session: AdminSession, record: Record) -> None:
    delivery = record("SHOP-1", "1", **dead("triage", "502"))
    for action in ("retry", "discard"):
        plan = await plan_dead_order(session, action, dead_filter())
        if action == "retry":
            assert await discard_runs(session, [f"{delivery}:triage"]) == 1
            assert [reason async for reason in act_on_dead(session, plan)] == [
                f"triage on {delivery} is not dead any more"
            ]
        assert len(plan.letters) == (action == "retry")


async def test_a_plan_takes_no_more_than_were_shown(session: AdminSession, record: Record) -> None:
    record("SHOP-1", "1", **dead("triage", "502"))
    found = await plan_dead_order(session, "discard", dead_filter(until=1))
    assert found.letters == []


async def of_reasons(session: AdminSession, job: BulkJob, reasons: list[str], stop_after: int) -> AsyncIterator[str]:
    for place, reason in enumerate(reasons):
        if place == stop_after:
            assert await stop_bulk_job(session, job.id)
        yield reason


async def test_an_order_that_is_stopped_says_how_far_it_came(session: AdminSession) -> None:
    job = await start_bulk_job(session, "did things", 5, "/")
    reasons = of_reasons(session, job, ["", "it is gone", "it is gone", "", ""], 2)
    ended = await carry_out_bulk_job(session, job, reasons)
    assert (ended.state, ended.done, ended.left, ended.problems) == ("stopped", 1, 2, ("it is gone",))
    assert not await stop_bulk_job(session, job.id)
    (_, outcome) = await entries(session)
    assert outcome.text("error") == "1 of 5 done, since it was stopped"


async def test_an_order_whose_process_ends_is_interrupted(session: AdminSession) -> None:
    async def breaking() -> AsyncIterator[str]:
        yield ""
        raise OSError

    job = await start_bulk_job(session, "did things", 2, "/")
    with pytest.raises(OSError):
        await carry_out_bulk_job(session, job, breaking())
    found = await get_bulk_job(session, job.id)
    assert found is not None
    assert (found.state, found.done) == ("interrupted", 1)
    assert await get_bulk_job(session, "nothing") is None
    assert not await stop_bulk_job(session, "nothing")
