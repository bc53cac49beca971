from typing import Any

import pytest
from structlog.testing import capture_logs

from vedette.access.issue_cache import CachedIssue
from vedette.access.layers.audit import AuditLayer
from vedette.api import Answer
from vedette.api.errors import SentryTimeout
from vedette.store.access.departures import Departure
from vedette.store.access.own_writes import WriteNotes


@pytest.fixture
def layer(end: Any, recorder: Any, connection: Any) -> AuditLayer:
    return AuditLayer(end, recorder, connection.issue_cache)


async def test_a_write_is_recorded_before_it_is_sent_and_its_outcome_after(
    layer: Any, prepare: Any, end: Any, ledger: Any, notes: Any, connection: Any
) -> None:
    connection.issue_cache.issues["1"] = CachedIssue("1", "SHOP-1", "shop", {"status": "resolved"})
    departure = Departure(notes=WriteNotes({"1": "note"}))
    await layer.send(prepare(decision="granted by a grant", reason="rule noise", departure=departure))
    assert ledger.departures == [departure]
    assert [kind for kind, _ in ledger.entries] == ["call", "outcome"]
    call, outcome = (facts for _, facts in ledger.entries)
    assert (call["handler"], call["intent"], call["rule"]) == ("triage", "resolved SHOP-1", "noise")
    assert (outcome["of"], outcome["status"], outcome["after"]) == (1, 200, {"status": "resolved"})
    assert (ledger.counted, notes) == ([("triage", "sent")], ["resolved SHOP-1 (rule noise)"])
    assert len(end.calls) == 1


async def test_a_write_that_cannot_be_recorded_is_not_sent(
    layer: Any, prepare: Any, end: Any, ledger: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: Any) -> int:
        raise ConnectionError

    monkeypatch.setattr(ledger, "depart", fail)
    with pytest.raises(ConnectionError):
        await layer.send(prepare())
    assert end.calls == []


async def test_a_failure_is_the_outcome(layer: Any, prepare: Any, end: Any, ledger: Any, notes: Any) -> None:
    call = prepare()
    end.error = SentryTimeout(call.call, cause="Timeout")
    with pytest.raises(SentryTimeout):
        await layer.send(call)
    _, outcome = (facts for _, facts in ledger.entries)
    assert (outcome["unknown"], outcome["status"], outcome["error"]) == (True, end.error.status, str(end.error))
    assert (ledger.counted, notes) == ([], [])


async def test_fields_that_sentry_dropped_are_in_the_outcome_and_the_log(
    layer: Any, prepare: Any, end: Any, ledger: Any
) -> None:
    end.answer = Answer(200, body={**end.answer.body, "priority": "low"})
    with capture_logs() as logs:
        await layer.send(prepare(body={"priority": "high"}))
    assert ledger.entries[-1][1]["unconfirmed"] == ["priority"]
    assert [line["event"] for line in logs] == ["Sentry dropped fields of a write", "write sent"]


async def test_in_a_run_the_entry_goes_to_the_line_about_its_end(layer: Any, prepare: Any) -> None:
    entries: list[int] = []
    with capture_logs() as logs:
        await layer.send(prepare(context={"note_entry": entries.append}))
        await layer.send(prepare())
    assert entries == [1]
    assert [(line["event"], line["log_level"]) for line in logs] == [("write sent", "debug"), ("write sent", "info")]
