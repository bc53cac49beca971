import msgspec
import pytest

from vedette.alarms.conditions import AlarmCondition, judge, sample_of
from vedette.alarms.count_samples import CountSamples
from vedette.settings.alarms import AlarmSettings
from vedette.store.figures.figures import Figures, QueueFigures
from vedette.store.receivers.receiver_status import ReceiverStatus, RejectionCount

NOW = 1_800_000_000_000
WELL = Figures(NOW, {"run": QueueFigures(0, 0, 0)}, 0, 2, 0, {}, {}, 0)
RECEIVER = ReceiverStatus("r1", "web1", NOW - 90_000, NOW, written=NOW)


def conditions(
    figures: Figures = WELL, *receivers: ReceiverStatus, before: Figures | None = None
) -> list[AlarmCondition]:
    first = sample_of(before or msgspec.structs.replace(WELL, at=NOW - 60_000), [])
    samples = CountSamples().after(first, 3_600_000).after(sample_of(figures, receivers), 3_600_000)
    return judge(figures, receivers, samples, AlarmSettings())


def raised(figures: Figures = WELL, *receivers: ReceiverStatus) -> dict[str, AlarmCondition]:
    return {f"{one.kind} {one.subject}".strip(): one for one in conditions(figures, *receivers) if one.is_raised}


def test_an_installation_that_is_well_ends_all_alarms() -> None:
    assert {one.is_raised for one in conditions(WELL, RECEIVER)} == {False}
    assert {one.kind for one in conditions(WELL)} == {"dead_letters", "queue_age", "spool", "quarantine"}


def test_more_dead_letters_than_the_threshold_are_an_alarm_with_their_handlers() -> None:
    handlers = {"triage": 7, "notify": 3, "runbook": 1, "a": 0}
    found = raised(msgspec.structs.replace(WELL, dead=11, dead_by_handler=handlers))
    assert found["dead_letters"].sentence == "11 dead letters wait for a decision (triage 7, notify 3, runbook 1)"
    assert (found["dead_letters"].command, found["dead_letters"].level) == ("vedette dead", "warning")
    assert raised(msgspec.structs.replace(WELL, dead=10)) == {}


@pytest.mark.parametrize(("age", "is_raised"), [(149, False), (150, False), (151, None), (300, None), (301, True)])
def test_a_queue_alarm_ends_at_half_its_threshold(age: int, is_raised: bool | None) -> None:
    figures = msgspec.structs.replace(WELL, queues={"run": QueueFigures(4, 1, age * 1000)}, workers=1)
    (found,) = [one for one in conditions(figures) if one.kind == "queue_age"]
    assert found.is_raised is is_raised
    assert found.sentence == f"the next message of a queue has waited for {age} s: 4 wait, 1 worker running"


def test_deliveries_that_stay_on_a_disk_are_an_alarm() -> None:
    def spooling(**values: float | bool) -> ReceiverStatus:
        return msgspec.structs.replace(RECEIVER, **values)

    assert raised(WELL, spooling(spool_records=4, spool_age=59.0)) == {}
    found = raised(WELL, spooling(spool_records=4, spool_age=61.0))
    assert found["spool"].sentence == "4 deliveries are on a receiver's disk (web1) for up to 61 s"
    (condition,) = [one for one in conditions(WELL, spooling(spool_records=1)) if one.kind == "spool"]
    assert condition.is_raised is None
    assert "takes no more" in raised(WELL, spooling(spool_accepts=False))["spool"].sentence
    # One that is gone does not say how old they are by now.
    gone = spooling(spool_records=1, spool_age=1.0, started=0, written=NOW - 100_000, stopped=True)
    assert "for up to 101 s" in raised(WELL, gone)["spool"].sentence
    assert raised(WELL, gone, msgspec.structs.replace(RECEIVER, id="r2", started=NOW - 50_000)) == {}


def test_wrong_signatures_are_an_alarm_of_their_integration() -> None:
    def rejecting(count: int, reason: str = "wrong_signature") -> ReceiverStatus:
        return msgspec.structs.replace(RECEIVER, rejected=(RejectionCount(reason, "default", count, NOW),))

    assert raised(WELL, rejecting(5)) == {}
    assert "6 webhooks of integration default" in raised(WELL, rejecting(6))["signatures default"].sentence
    assert raised(WELL, rejecting(60, "too_large")) == {}


def test_quarantined_deliveries_of_receivers_and_workers_are_an_alarm() -> None:
    receiver = msgspec.structs.replace(RECEIVER, quarantined={"unknown resource": 1})
    found = raised(msgspec.structs.replace(WELL, quarantined=2), receiver)
    assert found["quarantine"].sentence == "3 deliveries were quarantined within an hour"
