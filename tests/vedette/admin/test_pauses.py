import pytest

from vedette.admin.audit import list_audit
from vedette.admin.filters import AuditFilter
from vedette.admin.handlers import list_handlers
from vedette.admin.names import UnknownNameError
from vedette.admin.pauses import pause_handler, resume_handler
from vedette.admin.session import AdminSession


async def test_a_pause_is_shown_and_audited_with_its_caller(session: AdminSession) -> None:
    await pause_handler(session, "triage")
    overview = await list_handlers(session)
    assert overview.roster is not None
    (triage, *others) = overview.roster.handlers
    assert "paused by ann" in triage.missing[0]
    assert not any(one.missing for one in others)
    (line,) = await list_audit(session, AuditFilter(handler="triage"))
    assert (line.entry.kind, line.entry.text("decision")) == ("order", "paused by ann")


async def test_resuming_reports_the_pauses_that_remain(session: AdminSession) -> None:
    await pause_handler(session)
    await pause_handler(session, "triage")
    resumed = await resume_handler(session, "triage")
    assert resumed.was_paused
    assert [one.principal for one in resumed.remaining] == ["*"]
    assert not (await resume_handler(session, "triage")).was_paused


async def test_a_misspelt_handler_is_not_paused(session: AdminSession) -> None:
    for action in (pause_handler, resume_handler):
        with pytest.raises(UnknownNameError, match="did you mean triage"):
            await action(session, "traige")
    await pause_handler(session, "tomorrows", allow_unknown=True)
    assert [one.principal for one in (await resume_handler(session)).remaining] == ["tomorrows"]
