"""The watch raises no alarm without a cause, and no finding counts before it was seen twice."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from starlette.responses import PlainTextResponse

from vedette.checks.findings import Finding
from vedette.checks.watch_state import first_state
from vedette.simulator import Fault, trigger_alert
from vedette.store.server.keys import arrivals_key

if TYPE_CHECKING:
    from tests.vedette.checks.installation import Installation

IN_FULL = os.environ.get("VEDETTE_FULL") == "1"
STEP = 240.0 if IN_FULL else 7200.0
WEEK = 7 * 86_400.0


@pytest.mark.timeout(600)
async def test_a_quiet_healthy_world_raises_nothing_for_seven_days(town: Installation) -> None:
    """Looks come every four minutes in full, else every two hours; now and then an issue is born."""
    town.handlers = {"triage": ("issue.*",), "count": ("error.created",), "alarm": ("event_alert.triggered",)}
    action = {"type": "sentry_app", "config": {"targetIdentifier": town.app.uuid}}
    town.world.workflows[1] = {"id": "1", "name": "Everything", "actionFilters": [{"actions": [action]}]}
    looks = round(WEEK / STEP)
    for number in range(looks):
        if number % 12 == 5:
            (event,) = await town.happen()
            trigger_alert(town.world, event, "Everything")
            await town.settle()
            town.move(200)
        assert not await town.watch.look(town.demand)
        assert {one.finding.state for one in (await town.states()).values()} <= {"ok", "unknown"}
        assert await town.watch.alarms.list_open() == []
        town.move(STEP)


async def test_a_webhook_that_is_late_once_raises_nothing(town: Installation) -> None:
    town.sender.faults.add(Fault("webhook_late", seconds=1.5, match=r"issue\.created"))
    await town.happen()
    town.move(241)
    assert not await town.watch.look(town.demand)
    assert (await town.states())["arrives"].finding.evidence == {"born": "1", "missing": "0"}


async def test_an_outage_of_sentrys_api_neither_alarms_nor_calms(town: Installation) -> None:
    town.sender.faults.add(Fault("silent"))
    await town.happen()
    town.move(239)
    await town.run_until("arrives", "broken")
    outage = Fault("status", times=None, status=500, match="^GET /api")
    town.sender.faults.add(outage)
    town.move(240)
    await town.watch.look(town.demand)
    states = await town.states()
    assert states["arrives"].finding.cause == "hook_missing"
    assert [alarm.kind for alarm in await town.watch.alarms.list_open()] == ["sentry_quiet"]


async def test_people_are_told_once_with_the_mend_and_once_that_it_is_over(town: Installation) -> None:
    town.proxy.instead = PlainTextResponse("", 502)
    await town.happen(2)
    town.move(239)
    await town.run_until("arrives", "broken")
    (alarm,) = await town.watch.alarms.list_open()
    assert (alarm.kind, alarm.subject, alarm.level) == ("sentry_quiet", "default", "broken")
    assert alarm.sentence.startswith("default: of 2 issues born in Sentry in 12 minutes none arrived: ")
    assert "To mend it: Check that the receiver runs" in alarm.sentence
    assert alarm.command == "vedette doctor --integration default"
    town.proxy.instead = None
    town.move(900)
    await town.happen()
    town.move(200)
    assert not await town.watch.look(town.demand)
    assert await town.watch.alarms.list_open() == []


async def test_what_was_rebuilt_has_not_arrived(town: Installation) -> None:
    """A sweep mends what is missing; that Sentry does not send is to be told all the same."""
    town.sender.faults.add(Fault("silent"))
    (event,) = await town.happen()
    occurrence = f"issue.created {event.issue.id}"
    await town.client.zadd(arrivals_key("default", occurrence), {"rebuilt 1": round(town.clock.time() * 1000)})
    town.move(239)
    seen, _ = await town.run_until("arrives", "broken")
    assert seen.finding.evidence["missing"] == "1"


def finding(state: str) -> Finding:
    return Finding.from_json({**Finding("x", "ok", "it is so").as_json(), "state": state})


def test_two_sightings_make_it_broken_and_one_makes_it_well() -> None:
    state = first_state(finding("ok"), 0)
    for moment, look, counts in (
        (1, "broken", "ok"),
        (2, "ok", "ok"),
        (3, "broken", "ok"),
        (4, "unknown", "ok"),
        (5, "broken", "broken"),
        (6, "unknown", "broken"),
        (7, "broken", "broken"),
        (8, "ok", "ok"),
    ):
        state = state.after(finding(look), moment)
        assert (state.finding.state, state.seen) == (counts, moment)
    assert state.since == 8


def test_the_first_look_of_all_may_find_it_well_but_not_broken() -> None:
    assert first_state(finding("ok"), 0).finding.state == "ok"
    suspected = first_state(finding("broken"), 0)
    assert (suspected.finding.state, suspected.is_suspected) == ("unknown", True)
    assert suspected.after(finding("broken"), 1).finding.state == "broken"


def test_a_state_is_read_back_as_it_was_stored() -> None:
    state = first_state(finding("warn"), 1.5)
    assert type(state).from_json(state.as_json().encode()) == state
