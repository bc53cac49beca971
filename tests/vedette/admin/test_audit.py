import pytest

from vedette.admin.audit import iterate_audit, list_audit, verify_audit
from vedette.admin.connections import policy_services
from vedette.admin.filters import AuditFilter
from vedette.admin.names import UnknownNameError
from vedette.admin.pauses import pause_handler
from vedette.admin.session import AdminSession


async def test_a_call_is_joined_with_its_outcome(session: AdminSession) -> None:
    audit = policy_services(session).audit
    number = await audit.append(
        "call", {"handler": "triage", "decision": "granted", "label": "SHOP-1", "rule": "noise"}
    )
    await audit.append("outcome", {"of": number, "status": 200})
    await audit.append("call", {"handler": "plugin", "decision": "denied"})
    assert [line.result for line in await list_audit(session, AuditFilter())] == ["not sent", "done"]
    (line,) = await list_audit(session, AuditFilter(rule="noise", issue="shop-1"))
    assert line.has_changed
    assert await list_audit(session, AuditFilter(handler="triage", until_age=3_600_000)) == []
    with pytest.raises(UnknownNameError, match="did you mean noise"):
        await list_audit(session, AuditFilter(rule="nois"))


async def test_the_chain_is_verified_up_to_an_expected_entry(session: AdminSession) -> None:
    await policy_services(session).audit.append("call", {"handler": "triage"})
    found = await verify_audit(session)
    assert (found.entries, found.problems) == (1, ())
    assert (await verify_audit(session, str(found.head))).expected_found
    assert [entry.number async for entry in iterate_audit(session)] == [1]


async def test_an_order_to_pause_is_no_write_that_was_not_sent(session: AdminSession) -> None:
    await pause_handler(session, "triage")
    (line,) = await list_audit(session, AuditFilter())
    assert (line.entry.text("decision"), line.result) == ("paused by ann", "")
