"""Orders of operators are in the audit, with the name of who gave them, before they are carried out."""

from collections.abc import Callable

import pytest

from vedette.admin.audit import AuditLine, list_audit, verify_audit
from vedette.admin.dead_letters import discard_runs, replay_dead_letters, replay_delivery
from vedette.admin.filters import AuditFilter, DeliveryFilter
from vedette.admin.schedule import cancel_message, list_schedule
from vedette.admin.session import AdminSession
from vedette.store.access.audit_appender import UnreadableAuditError
from vedette.store.deliveries.deliveries import DeliveryNotFoundError
from vedette.store.runs.dead_letters import NotReplayableError
from vedette.store.server.keys import AUDIT_HEAD, DEAD

Record = Callable[..., str]
DEAD_RUN = {"state": "dead"}


async def lines(session: AdminSession) -> list[AuditLine]:
    found = await list_audit(session, AuditFilter())
    assert (await verify_audit(session)).problems == ()
    assert {line.entry.kind for line in found} <= {"order"}
    return list(reversed(found))


def told(line: AuditLine) -> tuple[str, str, str]:
    return line.entry.text("intent"), line.entry.text("decision"), line.result


async def test_a_discarded_run_is_an_order_with_its_issue(session: AdminSession, record: Record) -> None:
    delivery = record("SHOP-5", "32", triage=DEAD_RUN, plugin={"state": "done"})
    await discard_runs(session, [f"{delivery}:triage", f"{delivery}:plugin"])
    first, second = await lines(session)
    assert told(first) == (f"discarded triage on {delivery}", "ordered by ann", "")
    assert (first.entry.text("handler"), first.entry.text("issue"), first.entry.text("label")) == (
        *("triage", "32"),
        "SHOP-5",
    )
    assert told(second) == (f"discarded plugin on {delivery}", "ordered by ann", "it had no effect")
    assert not first.has_changed


async def test_each_replay_is_an_order(session: AdminSession, record: Record) -> None:
    delivery = record("SHOP-5", "32", triage=DEAD_RUN)
    await replay_delivery(session, delivery, "triage")
    other = record("SHOP-6", "33", triage=DEAD_RUN)
    await replay_dead_letters(session, DeliveryFilter(handler="triage"), rate=10)
    third = record("SHOP-7", "34", triage={"state": "done"})
    await replay_delivery(session, third)
    assert [told(line)[:2] for line in await lines(session)] == [
        (f"replayed triage on {delivery}", "ordered by ann"),
        (f"replayed triage on {other}", "ordered by ann"),
        (f"replayed {third} to all handlers", "ordered by ann"),
    ]


async def test_a_replay_that_is_not_possible_is_recorded_with_the_reason(session: AdminSession, record: Record) -> None:
    delivery = record("SHOP-5", "32", triage={"state": "running"})
    with pytest.raises(NotReplayableError):
        await replay_delivery(session, delivery, "triage")
    with pytest.raises(DeliveryNotFoundError):
        await replay_delivery(session, "01nothing")
    first, second = await lines(session)
    assert "is still going" in first.result
    assert "01nothing" in second.result


async def test_a_cancelled_message_is_an_order_about_its_run(session: AdminSession, record: Record) -> None:
    delivery = record("SHOP-5", "32", triage=DEAD_RUN, plugin=DEAD_RUN)
    await replay_dead_letters(session, DeliveryFilter(), rate=0.01)
    (waiting,) = await list_schedule(session)
    assert await cancel_message(session, waiting.id)
    assert not await cancel_message(session, "fan_out cron:triage:default:0 9 * * *:UTC:1795842775506")
    *_, first, second = await lines(session)
    assert told(first)[:2] == (f"cancelled {waiting.id}", "ordered by ann")
    assert (first.entry.text("delivery"), first.entry.text("handler")) == (delivery, waiting.handler)
    assert (second.entry.text("handler"), second.result) == ("triage", "it had no effect")


async def test_an_order_that_cannot_be_recorded_is_not_carried_out(session: AdminSession, record: Record) -> None:
    delivery = record("SHOP-5", "32", triage=DEAD_RUN)
    await session.redis.hset(AUDIT_HEAD, mapping={"number": "many"})
    with pytest.raises(UnreadableAuditError):
        await discard_runs(session, [f"{delivery}:triage"])
    assert await session.redis.zcard(DEAD) == 1
