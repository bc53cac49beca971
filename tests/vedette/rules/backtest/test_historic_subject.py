"""What an issue was like at each moment of its past, and that today's values never slip in."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.history.event_reconstruction import (
    ReconstructedEvent,
    looks_changed,
    reconstruct_events,
)
from vedette.history.people import People
from vedette.rules.backtest.historic_subject import facts_at, permanent_facts, subject_at
from vedette.rules.backtest.user_actions import read_user_actions
from vedette.search import Verdict, parse

BORN = datetime(2026, 10, 4, 6, 12, tzinfo=UTC)
TODAY: dict[str, Any] = {
    "id": "42",
    "shortId": "SHOP-4K",
    "title": "PaymentError: card refused",
    "level": "error",
    "status": "resolved",
    "substatus": None,
    "priority": "high",
    "priorityLockedAt": None,
    "assignedTo": {"type": "team", "id": "7", "name": "payments"},
    "project": {"id": "1", "slug": "shop"},
    "metadata": {"type": "PaymentError", "value": "card refused", "initial_priority": 50},
    "count": "900",
    "userCount": 70,
    "firstSeen": BORN.isoformat(),
    "lastSeen": (BORN + timedelta(days=9)).isoformat(),
}
MEI = {"id": "3", "name": "Mei", "email": "mei@shop.example"}
PAYMENTS = {"assignee": "7", "assigneeType": "team"}


def activity(kind: str, hours: float, user: Any = None, **data: Any) -> dict[str, Any]:
    return {"type": kind, "dateCreated": (BORN + timedelta(hours=hours)).isoformat(), "user": user, "data": data}


def newest_first(*activities: dict[str, Any]) -> list[dict[str, Any]]:
    return [*reversed(activities), activity("first_seen", 0, priority="medium")]


STORY = newest_first(
    activity("set_priority", 1, MEI, priority="high"),
    activity("assigned", 2, MEI, **PAYMENTS),
    activity("set_resolved", 3, MEI),
    activity("set_regression", 4),
    activity("set_resolved_in_release", 5, MEI),
)


def people() -> People:
    found = People()
    found.learn({"type": "team", "id": "7", "slug": "payments"})
    return found


def past() -> list[ReconstructedEvent]:
    return reconstruct_events(TODAY, STORY, people())


def verdicts(search: str) -> list[Verdict]:
    return [parse(search).evaluate(facts_at(one, TODAY)) for one in past()]


def test_only_what_sentry_sends_a_webhook_for_is_a_happening() -> None:
    names = ["issue.created", "issue.assigned", "issue.resolved", "issue.unresolved", "issue.resolved"]
    assert [one.name for one in past()] == names
    assert [(one.at - BORN) / timedelta(hours=1) for one in past()] == [0, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("is:unresolved", "yes yes no yes no"),
        ("is:new", "yes yes no no no"),
        ("is:regressed", "no no no yes no"),
        ("is:unassigned", "yes no no no no"),
        ("assigned:#payments", "no yes yes yes yes"),
        ("priority:high", "no yes yes yes yes"),
        ("timesSeen:<2", "yes ? ? ? ?"),
        ("timesSeen:>100", "no ? ? ? ?"),
        ("userCount:>10", "? ? ? ? ?"),
        ("lastSeen:-1h", "yes ? ? ? ?"),
        ("age:-90m", "yes no no no no"),
        ("error.type:PaymentError", "yes yes yes yes yes"),
        ("is:linked", "? ? ? ? ?"),
        ("browser.name:Safari", "? ? ? ? ?"),
    ],
)
def test_a_search_sees_what_was_so_then(search: str, expected: str) -> None:
    marks = {"yes": Verdict.TRUE, "no": Verdict.FALSE, "?": Verdict.UNKNOWN}
    assert verdicts(search) == [marks[mark] for mark in expected.split()]


def test_the_engine_gets_every_name_that_an_event_answers_to() -> None:
    archived = reconstruct_events(TODAY | {"status": "ignored"}, newest_first(activity("set_ignored", 1)))[1]
    assert subject_at(archived, TODAY).names == ("issue.archived", "issue.ignored")


def test_what_the_history_does_not_lead_to_is_unknown_but_at_birth() -> None:
    silent = reconstruct_events(TODAY, newest_first(activity("set_resolved", 3)))
    assert silent[0].state["assignedTo"] is None
    assert "assignedTo" not in silent[1].state
    assert "priority" not in silent[1].state
    assert silent[1].state["status"] == "resolved"


def test_a_history_that_is_cut_off_tells_nothing_of_what_was_before() -> None:
    cut = [activity("note", 90 - number / 100) for number in range(99)] + [activity("set_resolved", 1)]
    found = reconstruct_events(TODAY, cut)
    assert [one.name for one in found] == ["issue.created", "issue.resolved"]
    assert set(found[1].state) == {"status", "substatus"}


def test_a_second_assignment_is_told_by_no_webhook() -> None:
    other = {"assignee": "8", "assigneeType": "team"}
    twice = newest_first(activity("assigned", 1, **PAYMENTS), activity("assigned", 2, **other))
    assert [one.name for one in reconstruct_events(TODAY, twice)] == ["issue.created", "issue.assigned"]


def test_lasting_facts_leave_open_what_changes() -> None:
    assert parse("is:regressed").evaluate(permanent_facts(TODAY)) is Verdict.UNKNOWN
    assert parse("is:regressed level:fatal").evaluate(permanent_facts(TODAY)) is Verdict.FALSE


def test_an_issue_that_is_as_it_was_born_looks_untouched() -> None:
    untouched = TODAY | {"status": "unresolved", "substatus": "ongoing", "assignedTo": None, "priority": "medium"}
    assert not looks_changed(untouched)
    for key, value in (("status", "ignored"), ("substatus", "regressed"), ("priority", "low"), ("assignedTo", MEI)):
        assert looks_changed(untouched | {key: value})


def test_integrations_and_sentry_itself_are_no_people() -> None:
    by_app = activity("set_resolved", 1, MEI) | {"sentry_app": {"slug": "vedette"}}
    story = newest_first(by_app, activity("set_regression", 2), activity("set_ignored", 3, MEI))
    assert [(act.who, act.description) for act in read_user_actions(story, People())] == [("Mei", "archived it")]


SCALARS = st.none() | st.booleans() | st.integers() | st.text("ab7:#é", max_size=5)
KINDS = st.sampled_from(
    ["assigned", "set_ignored", "set_unresolved", "set_priority", "first_seen", "unassigned", "new"]
)
DATES = st.sampled_from([BORN.isoformat(), "2026-10-05T00:00:00Z", "never", "", "2026-10-05"])
ACTIVITIES = st.fixed_dictionaries(
    {},
    optional={
        "type": KINDS | SCALARS,
        "dateCreated": DATES | SCALARS,
        "user": st.dictionaries(st.sampled_from(["id", "name"]), SCALARS) | SCALARS,
        "data": st.dictionaries(st.sampled_from(["assignee", "assigneeType", "priority"]), SCALARS) | SCALARS,
    },
)


@given(st.lists(ACTIVITIES, max_size=6))
def test_no_history_is_too_strange(activities: list[dict[str, Any]]) -> None:
    for one in reconstruct_events(TODAY, activities):
        assert parse("is:unresolved assigned:#payments").evaluate(facts_at(one, TODAY)) in Verdict
    read_user_actions(activities, People())
